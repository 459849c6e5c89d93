-- How well the data of each vehicle-day served. Recomputed in place with its day summary; sums in whole units only.

CREATE TABLE service_day (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    day integer NOT NULL,
    fixes bigint NOT NULL,
    usable bigint NOT NULL,
    drifted bigint NOT NULL,
    future bigint NOT NULL,
    without_receipt bigint NOT NULL,
    moving_steps bigint NOT NULL,
    moving_judged bigint NOT NULL,
    moving_timely bigint NOT NULL,
    standing_steps bigint NOT NULL,
    standing_judged bigint NOT NULL,
    standing_timely bigint NOT NULL,
    driving_mm bigint NOT NULL,
    track_mm bigint NOT NULL,
    delays jsonb NOT NULL,
    run_id text COLLATE "C" NOT NULL REFERENCES run (id),
    PRIMARY KEY (vehicle_id, day)
);
CREATE INDEX service_day_day ON service_day (day);
COMMENT ON TABLE service_day IS 'Quality of service of one vehicle over one local day. A day that was judged before there was this table has no row.';
COMMENT ON COLUMN service_day.day IS 'Local day (Asia/Ho_Chi_Minh), days since 1970-01-01. A step between fixes belongs to the day of its last second.';
COMMENT ON COLUMN service_day.usable IS 'Fixes without a fatal flag.';
COMMENT ON COLUMN service_day.drifted IS 'Fixes flagged zero, outside, jump or frozen.';
COMMENT ON COLUMN service_day.future IS 'Fixes flagged future.';
COMMENT ON COLUMN service_day.without_receipt IS 'Fixes whose time of receipt is not known.';
COMMENT ON COLUMN service_day.moving_steps IS 'Steps between neighbouring usable fixes that begin in motion; the others are standing.';
COMMENT ON COLUMN service_day.moving_judged IS 'Those for whose end the longest interval of the law is known.';
COMMENT ON COLUMN service_day.moving_timely IS 'Those of the judged that are not longer.';
COMMENT ON COLUMN service_day.driving_mm IS 'Length of the steps of driving, straight lines, mm.';
COMMENT ON COLUMN service_day.track_mm IS 'Length of all steps, straight lines, mm.';
COMMENT ON COLUMN service_day.delays IS 'Fixes by delay from their time to their receipt, under the least edge in s that it does not exceed (inf: above all), those flagged future left out; zeros left out.';

-- The registry row of a day: of several in force the latest begun, then the last in the file.
CREATE VIEW service_day_operator AS
SELECT r.operator, d.*
FROM service_day d
LEFT JOIN LATERAL (
    SELECT operator FROM registration
    WHERE vehicle_id = d.vehicle_id
    AND (valid_from IS NULL OR valid_from <= date '1970-01-01' + d.day)
    AND (valid_to IS NULL OR valid_to >= date '1970-01-01' + d.day)
    ORDER BY valid_from DESC NULLS LAST, row DESC LIMIT 1) AS r ON true;
COMMENT ON VIEW service_day_operator IS 'Each day under the operator that the vehicle was registered for; null: for none.';
