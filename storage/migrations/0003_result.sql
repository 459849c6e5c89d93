-- What is concluded. Activities and day summaries are recomputed in place; findings are only ever withdrawn.

CREATE TABLE run (
    id text COLLATE "C" PRIMARY KEY,
    made_at timestamptz NOT NULL,
    scope jsonb NOT NULL,
    watermark bigint NOT NULL,
    law_version text NOT NULL,
    method text NOT NULL,
    code_version text NOT NULL
);
COMMENT ON TABLE run IS 'One computation of findings: what it looked at and under which law, method and code.';
COMMENT ON COLUMN run.watermark IS 'The highest vehicle_day.touched that the run took into account.';

CREATE TABLE activity (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    driver_id integer REFERENCES driver (id),
    start_time timestamptz NOT NULL,
    end_time timestamptz NOT NULL,
    kind smallint NOT NULL,
    PRIMARY KEY (vehicle_id, start_time),
    CHECK (start_time < end_time)
);
CREATE INDEX activity_driver ON activity (driver_id, end_time, start_time);
CREATE INDEX activity_unknown ON activity (vehicle_id, end_time) WHERE driver_id IS NULL;
COMMENT ON TABLE activity IS 'What vehicles did: half-open intervals that do not overlap within a vehicle.';
COMMENT ON COLUMN activity.driver_id IS 'Null: driver not known.';
COMMENT ON COLUMN activity.end_time IS 'The first instant that no longer belongs to it.';
COMMENT ON COLUMN activity.kind IS '0 driving, 1 standing, 2 unknown.';

CREATE TABLE day_summary (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    day integer NOT NULL,
    fixes bigint NOT NULL,
    usable bigint NOT NULL,
    flags jsonb NOT NULL,
    driving_s bigint NOT NULL,
    standing_s bigint NOT NULL,
    unknown_s bigint NOT NULL,
    driving_m double precision NOT NULL,
    run_id text COLLATE "C" NOT NULL REFERENCES run (id),
    PRIMARY KEY (vehicle_id, day)
);
CREATE INDEX day_summary_day ON day_summary (day);
COMMENT ON TABLE day_summary IS 'Sums of one vehicle over one local day.';
COMMENT ON COLUMN day_summary.day IS 'Local day (Asia/Ho_Chi_Minh), days since 1970-01-01.';
COMMENT ON COLUMN day_summary.usable IS 'Fixes without a fatal flag.';
COMMENT ON COLUMN day_summary.flags IS 'Number of fixes by flag name, zeros left out.';
COMMENT ON COLUMN day_summary.driving_s IS 'Time driving, s.';
COMMENT ON COLUMN day_summary.standing_s IS 'Time standing, s.';
COMMENT ON COLUMN day_summary.unknown_s IS 'Time of unknown activity, s.';
COMMENT ON COLUMN day_summary.driving_m IS 'Distance driven, m.';

CREATE TABLE finding (
    row bigserial PRIMARY KEY,
    id text COLLATE "C" NOT NULL,
    content text COLLATE "C" NOT NULL,
    run_id text COLLATE "C" NOT NULL REFERENCES run (id),
    rule text COLLATE "C" NOT NULL,
    grade text COLLATE "C" NOT NULL,
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    driver_id integer REFERENCES driver (id),
    operator text COLLATE "C",
    start_time timestamptz NOT NULL,
    end_time timestamptz NOT NULL,
    at timestamptz NOT NULL,
    day integer NOT NULL,
    band text COLLATE "C",
    body json NOT NULL,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    withdrawn_at timestamptz,
    withdrawn_run text COLLATE "C" REFERENCES run (id),
    reason text
);
CREATE UNIQUE INDEX finding_current ON finding (id) WHERE withdrawn_at IS NULL;
CREATE INDEX finding_day ON finding (day);
CREATE INDEX finding_at ON finding (at) WHERE withdrawn_at IS NULL;
CREATE INDEX finding_vehicle ON finding (vehicle_id, start_time);
CREATE INDEX finding_driver ON finding (driver_id, start_time);
CREATE INDEX finding_id ON finding (id);
COMMENT ON TABLE finding IS 'Findings; one that no longer holds is withdrawn, never deleted. At most one row of an id is current.';
COMMENT ON COLUMN finding.id IS 'Stable over recomputation: hash of rule, vehicle, driver, start, at.';
COMMENT ON COLUMN finding.content IS 'Hash of everything that the finding states.';
COMMENT ON COLUMN finding.at IS 'The instant the offence is complete.';
COMMENT ON COLUMN finding.day IS 'Local day of at, days since 1970-01-01.';
COMMENT ON COLUMN finding.body IS 'The finding as published; the text is kept byte for byte.';
COMMENT ON COLUMN finding.withdrawn_at IS 'Null: current.';
COMMENT ON COLUMN finding.withdrawn_run IS 'The run that withdrew it.';
COMMENT ON COLUMN finding.reason IS 'Why it was withdrawn.';
