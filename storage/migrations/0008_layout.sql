-- How the large tables lie on disk: hypertables where the database has TimescaleDB, else partitions by range of time.
-- Names and columns are the same in both. Which of them it is, is settled here, once, for the life of the store.
-- Columns stand by width, so that no byte is lost between them.

SET LOCAL statement_timeout = 0;
ALTER TABLE fix RENAME TO fix_before;
ALTER INDEX fix_pkey RENAME TO fix_before_pkey;
ALTER TABLE fix_copy RENAME TO fix_copy_before;
ALTER INDEX fix_copy_vehicle_time RENAME TO fix_copy_before_vehicle_time;
ALTER TABLE activity RENAME TO activity_before;
ALTER INDEX activity_pkey RENAME TO activity_before_pkey;
ALTER INDEX activity_driver RENAME TO activity_before_driver;
DROP INDEX activity_unknown;
ALTER TABLE weighing RENAME TO weighing_before;
ALTER INDEX weighing_pkey RENAME TO weighing_before_pkey;
ALTER INDEX weighing_hash_key RENAME TO weighing_before_hash_key;
ALTER INDEX weighing_vehicle_time RENAME TO weighing_before_vehicle_time;
ALTER INDEX weighing_time RENAME TO weighing_before_time;
ALTER INDEX weighing_station RENAME TO weighing_before_station;

DO $$
DECLARE
    timescale boolean := EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb');
    fix_columns text := '
        "time" timestamptz NOT NULL,
        delay_s bigint,
        batch_id bigint NOT NULL,
        vehicle_id integer NOT NULL,
        driver_id integer,
        lon_e7 integer NOT NULL,
        lat_e7 integer NOT NULL,
        speed_dkmh integer NOT NULL,
        heading real,
        altitude_m real,
        flags smallint NOT NULL,
        ignition boolean,
        door boolean,
        aircon boolean,
        scaled boolean NOT NULL';
    divided text;
BEGIN
    divided := CASE WHEN timescale THEN '' ELSE ' PARTITION BY RANGE ("time")' END;
    EXECUTE 'CREATE TABLE fix (' || fix_columns || ', PRIMARY KEY (vehicle_id, "time"))' || divided;
    EXECUTE 'CREATE TABLE fix_copy (' || fix_columns || ')' || divided;
    EXECUTE 'CREATE TABLE weighing (
        hash bytea NOT NULL,
        "time" timestamptz NOT NULL,
        lane bigint,
        gross_kg bigint NOT NULL,
        persons bigint,
        containers bigint,
        batch_id bigint NOT NULL REFERENCES batch (id),
        vehicle_id integer NOT NULL REFERENCES vehicle (id),
        station text COLLATE "C" NOT NULL,
        trailer text COLLATE "C",
        axle_kg bigint[] NOT NULL,
        spacing_mm bigint[] NOT NULL,
        ticket text,
        PRIMARY KEY (hash, "time"))' || divided;
    divided := CASE WHEN timescale THEN '' ELSE ' PARTITION BY RANGE (end_time)' END;
    EXECUTE 'CREATE TABLE activity (
        start_time timestamptz NOT NULL,
        end_time timestamptz NOT NULL,
        vehicle_id integer NOT NULL REFERENCES vehicle (id),
        driver_id integer REFERENCES driver (id),
        kind smallint NOT NULL,
        PRIMARY KEY (vehicle_id, end_time),
        CHECK (start_time < end_time))' || divided;
    IF timescale THEN
        -- A day of a province's fixes is what one chunk should hold; the other tables are a hundredth of it.
        PERFORM create_hypertable('fix', by_range('time', interval '1 day'), create_default_indexes => false);
        PERFORM create_hypertable('fix_copy', by_range('time', interval '1 day'), create_default_indexes => false);
        PERFORM create_hypertable('activity', by_range('end_time', interval '30 days'), create_default_indexes => false);
        PERFORM create_hypertable('weighing', by_range('time', interval '30 days'), create_default_indexes => false);
    ELSE
        -- What lies in no partition; hanhtrinh db keep makes them ahead, and of what has gathered here.
        CREATE TABLE fix_rest PARTITION OF fix DEFAULT;
        CREATE TABLE fix_copy_rest PARTITION OF fix_copy DEFAULT;
        CREATE TABLE activity_rest PARTITION OF activity DEFAULT;
        CREATE TABLE weighing_rest PARTITION OF weighing DEFAULT;
    END IF;
END $$;

CREATE INDEX fix_copy_vehicle_time ON fix_copy (vehicle_id, "time");
CREATE INDEX weighing_vehicle_time ON weighing (vehicle_id, "time");
CREATE INDEX weighing_time ON weighing ("time");
CREATE INDEX weighing_station ON weighing (station, "time");
CREATE INDEX activity_driver ON activity (driver_id, end_time, start_time);

INSERT INTO fix
SELECT "time", (extract(epoch FROM received) - extract(epoch FROM "time"))::bigint, batch_id, vehicle_id, driver_id,
       round(least(greatest(lon, -214), 214) * 1e7)::integer, round(least(greatest(lat, -214), 214) * 1e7)::integer,
       speed_dkmh, heading, altitude_m, flags, ignition, door, aircon, scaled
FROM fix_before ORDER BY vehicle_id, "time";
INSERT INTO fix_copy
SELECT "time", (extract(epoch FROM received) - extract(epoch FROM "time"))::bigint, batch_id, vehicle_id, driver_id,
       round(least(greatest(lon, -214), 214) * 1e7)::integer, round(least(greatest(lat, -214), 214) * 1e7)::integer,
       speed_dkmh, heading, altitude_m, flags, ignition, door, aircon, scaled
FROM fix_copy_before ORDER BY vehicle_id, "time";
INSERT INTO weighing
SELECT hash, "time", lane, gross_kg, persons, containers, batch_id, vehicle_id, station, trailer, axle_kg, spacing_mm,
       ticket
FROM weighing_before ORDER BY id;
INSERT INTO activity SELECT start_time, end_time, vehicle_id, driver_id, kind FROM activity_before;
DROP TABLE fix_before, fix_copy_before, weighing_before, activity_before;

COMMENT ON TABLE fix IS 'The standing copy of every fix. No foreign keys: ids are looked up in the same transaction.';
COMMENT ON COLUMN fix.delay_s IS 'From its time to when the provider had it, s; null: not known when.';
COMMENT ON COLUMN fix.driver_id IS 'Null: driver not known.';
COMMENT ON COLUMN fix.lon_e7 IS 'Longitude as sent, 1e-7 degrees WGS 84; what is beyond 214 degrees stands as 214.';
COMMENT ON COLUMN fix.lat_e7 IS 'Latitude as sent, 1e-7 degrees WGS 84; what is beyond 214 degrees stands as 214.';
COMMENT ON COLUMN fix.speed_dkmh IS 'Speed, tenths of km/h.';
COMMENT ON COLUMN fix.heading IS 'Degrees clockwise from north; null: not sent.';
COMMENT ON COLUMN fix.altitude_m IS 'Altitude, m; null: not sent.';
COMMENT ON COLUMN fix.flags IS 'Sum of 1 zero, 2 swapped, 4 outside, 8 future, 16 speed_range, 32 jump, 64 frozen, 128 scaled_time; 128 holds if it holds for any copy.';
COMMENT ON COLUMN fix.scaled IS 'The time of this very copy was sent in milliseconds.';
COMMENT ON TABLE fix_copy IS 'Every copy of a fix that does not stand; columns and units as in fix, flags each copy''s own.';
COMMENT ON TABLE weighing IS 'Weighings as measured; two that are equal in every field are one.';
COMMENT ON COLUMN weighing.hash IS 'SHA-256 over every field as sent.';
COMMENT ON COLUMN weighing.axle_kg IS 'Axle masses from the front, kg.';
COMMENT ON COLUMN weighing.spacing_mm IS 'Distances between neighbouring axles, mm.';
COMMENT ON COLUMN weighing.gross_kg IS 'Gross mass, kg.';
COMMENT ON COLUMN weighing.persons IS 'Persons on board; null: not known.';
COMMENT ON TABLE activity IS 'What vehicles did: half-open intervals that do not overlap within a vehicle.';
COMMENT ON COLUMN activity.driver_id IS 'Null: driver not known.';
COMMENT ON COLUMN activity.end_time IS 'The first instant that no longer belongs to it. It divides the table: whoever asks for a time knows from when on activities must end.';
COMMENT ON COLUMN activity.kind IS '0 driving, 1 standing, 2 unknown.';

ALTER TABLE vehicle_day ADD COLUMN fixes boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN vehicle_day.fixes IS 'Whether there is a fix of the day; false: weighings alone.';

-- Days that are over: what arrives for them is stored, and judged no more, since what they rest on may be gone.
ALTER TABLE deployment ADD COLUMN closed_before integer NOT NULL DEFAULT -2147483648;
COMMENT ON COLUMN deployment.closed_before IS 'Local day (days since 1970-01-01): windows of the days before it are closed.';

CREATE TABLE dropped (
    name text COLLATE "C" NOT NULL,
    time_from timestamptz NOT NULL,
    time_to timestamptz NOT NULL,
    rows bigint NOT NULL,
    backup text NOT NULL,
    backup_sha256 text NOT NULL,
    dropped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, time_from)
);
COMMENT ON TABLE dropped IS 'Stretches of fixes that were removed from the store after the term of the law, and the backup that holds them.';
COMMENT ON COLUMN dropped.name IS 'The table: fix or fix_copy.';
COMMENT ON COLUMN dropped.time_to IS 'The first instant that no longer belongs to it.';
COMMENT ON COLUMN dropped.backup IS 'Name of the file that hanhtrinh db backup wrote, without its folder; backup_sha256: its hash.';

-- By hour, for dashboards only; no finding rests on them. The statement is the same in both kinds of store: where there
-- is TimescaleDB it defines a continuous aggregate, else storage.hours runs it for the days that were touched.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        EXECUTE 'ALTER TABLE fix SET (timescaledb.compress, timescaledb.compress_segmentby = ''vehicle_id'', timescaledb.compress_orderby = ''"time"'')';
        EXECUTE 'ALTER TABLE fix_copy SET (timescaledb.compress, timescaledb.compress_segmentby = ''vehicle_id'', timescaledb.compress_orderby = ''"time"'')';
        EXECUTE 'ALTER TABLE activity SET (timescaledb.compress, timescaledb.compress_segmentby = ''vehicle_id'', timescaledb.compress_orderby = ''end_time'')';
        EXECUTE 'ALTER TABLE weighing SET (timescaledb.compress, timescaledb.compress_segmentby = ''vehicle_id'', timescaledb.compress_orderby = ''"time"'')';
        -- After the grace of the weekly list, with which most late data has come.
        PERFORM add_compression_policy('fix', compress_after => interval '14 days');
        PERFORM add_compression_policy('fix_copy', compress_after => interval '14 days');
        PERFORM add_compression_policy('activity', compress_after => interval '60 days');
        PERFORM add_compression_policy('weighing', compress_after => interval '60 days');
        EXECUTE 'CREATE MATERIALIZED VIEW vehicle_hour
            WITH (timescaledb.continuous, timescaledb.materialized_only = true, timescaledb.create_group_indexes = false) AS
            SELECT time_bucket(interval ''1 hour'', "time") AS hour, vehicle_id, count(*) AS fixes,
                   count(*) FILTER (WHERE flags & 61 = 0) AS usable,
                   count(*) FILTER (WHERE flags & 61 = 0 AND speed_dkmh > 0) AS moving,
                   coalesce(sum(speed_dkmh) FILTER (WHERE flags & 61 = 0 AND speed_dkmh > 0), 0)::bigint AS speed_sum_dkmh,
                   max(speed_dkmh) FILTER (WHERE flags & 61 = 0) AS speed_max_dkmh,
                   count(delay_s) AS timed, coalesce(sum(delay_s), 0)::bigint AS delay_sum_s
            FROM fix GROUP BY 1, 2 WITH NO DATA';
        -- What is older is refreshed by hanhtrinh db keep, and by check after late data.
        PERFORM add_continuous_aggregate_policy('vehicle_hour', start_offset => interval '3 days',
            end_offset => interval '1 hour', schedule_interval => interval '15 minutes');
    ELSE
        CREATE TABLE vehicle_hour (
            hour timestamptz NOT NULL,
            vehicle_id integer NOT NULL,
            fixes bigint NOT NULL,
            usable bigint NOT NULL,
            moving bigint NOT NULL,
            speed_sum_dkmh bigint NOT NULL,
            speed_max_dkmh integer,
            timed bigint NOT NULL,
            delay_sum_s bigint NOT NULL,
            PRIMARY KEY (vehicle_id, hour)
        );
        CREATE INDEX vehicle_hour_hour ON vehicle_hour (hour);
        COMMENT ON TABLE vehicle_hour IS 'Fixes by vehicle and hour, for dashboards; kept by check, made good by hanhtrinh db keep.';
        COMMENT ON COLUMN vehicle_hour.usable IS 'Fixes without a fatal flag of their own; moving: those with a speed above 0.';
        COMMENT ON COLUMN vehicle_hour.speed_sum_dkmh IS 'Over the moving, tenths of km/h; speed_max_dkmh: over the usable.';
        COMMENT ON COLUMN vehicle_hour.speed_max_dkmh IS 'Tenths of km/h; null: no usable fix.';
        COMMENT ON COLUMN vehicle_hour.timed IS 'Fixes whose receipt is known.';
        COMMENT ON COLUMN vehicle_hour.delay_sum_s IS 'Their delays from time to receipt, s.';
    END IF;
END $$;

CREATE VIEW operator_hourly AS
SELECT h.hour, r.operator, count(*) AS vehicles, sum(h.fixes)::bigint AS fixes, sum(h.usable)::bigint AS usable,
       sum(h.moving)::bigint AS moving, sum(h.speed_sum_dkmh)::bigint AS speed_sum_dkmh,
       max(h.speed_max_dkmh) AS speed_max_dkmh, sum(h.timed)::bigint AS timed, sum(h.delay_sum_s)::bigint AS delay_sum_s
FROM vehicle_hour h
LEFT JOIN LATERAL (
    SELECT operator FROM registration
    WHERE vehicle_id = h.vehicle_id
    AND (valid_from IS NULL OR valid_from <= (h.hour AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
    AND (valid_to IS NULL OR valid_to >= (h.hour AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
    ORDER BY valid_from DESC NULLS LAST, row DESC LIMIT 1) AS r ON true
GROUP BY h.hour, r.operator;
COMMENT ON VIEW operator_hourly IS 'vehicle_hour under the operator that each vehicle was registered for on that local day; null: for none.';

CREATE VIEW operator_daily AS
SELECT date '1970-01-01' + day AS date, operator, count(*) AS vehicles, sum(fixes)::bigint AS fixes,
       sum(usable)::bigint AS usable, sum(drifted)::bigint AS drifted, sum(future)::bigint AS future,
       sum(moving_judged)::bigint AS moving_judged, sum(moving_timely)::bigint AS moving_timely,
       sum(standing_judged)::bigint AS standing_judged, sum(standing_timely)::bigint AS standing_timely,
       sum(driving_mm)::bigint AS driving_mm, sum(track_mm)::bigint AS track_mm
FROM service_day_operator GROUP BY day, operator;
COMMENT ON VIEW operator_daily IS 'Quality of service by local day and operator (null: none); columns and units as in service_day.';

CREATE VIEW finding_daily AS
SELECT date '1970-01-01' + day AS date, operator, rule, grade, band, count(*) AS findings
FROM finding WHERE withdrawn_at IS NULL GROUP BY day, operator, rule, grade, band;
COMMENT ON VIEW finding_daily IS 'Findings that stand, by local day of at, operator, rule, grade and band.';
