-- What arrives, with provenance. Nothing here is ever deleted.

CREATE SEQUENCE touch;
COMMENT ON SEQUENCE touch IS 'Numbers of vehicle_day.touched.';

CREATE TABLE batch (
    id bigserial PRIMARY KEY,
    source text COLLATE "C" NOT NULL,
    position_from bigint NOT NULL,
    position_to bigint NOT NULL,
    fixes bigint NOT NULL DEFAULT 0,
    inserted bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    replaced bigint NOT NULL DEFAULT 0,
    weighings bigint NOT NULL DEFAULT 0,
    notices bigint NOT NULL DEFAULT 0,
    rejections bigint NOT NULL DEFAULT 0,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX batch_source ON batch (source, position_from);
COMMENT ON TABLE batch IS 'One row a committed transaction of arrivals.';
COMMENT ON COLUMN batch.position_from IS 'Where the batch starts in its source; the unit is the source''s own.';
COMMENT ON COLUMN batch.position_to IS 'Where the next batch starts.';
COMMENT ON COLUMN batch.fixes IS 'Fixes sent, copies included.';
COMMENT ON COLUMN batch.inserted IS 'Fixes of a (vehicle, time) not known before.';
COMMENT ON COLUMN batch.duplicates IS 'Copies that went to fix_copy, those put out by a better copy included.';
COMMENT ON COLUMN batch.replaced IS 'Stored fixes put out by a better copy of this batch.';
COMMENT ON COLUMN batch.weighings IS 'Weighings not known before.';

CREATE TABLE source_offset (
    source text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL
);
COMMENT ON TABLE source_offset IS 'Where each source resumes: everything before is committed.';

CREATE TABLE fix (
    vehicle_id integer NOT NULL,
    "time" timestamptz NOT NULL,
    received timestamptz,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    speed_dkmh integer NOT NULL,
    driver_id integer,
    heading real,
    altitude_m real,
    ignition boolean,
    door boolean,
    aircon boolean,
    flags smallint NOT NULL,
    scaled boolean NOT NULL,
    batch_id bigint NOT NULL,
    PRIMARY KEY (vehicle_id, "time")
);
COMMENT ON TABLE fix IS 'The standing copy of every fix. No foreign keys: ids are looked up in the same transaction.';
COMMENT ON COLUMN fix.received IS 'When the provider had it; null: not known.';
COMMENT ON COLUMN fix.lon IS 'Longitude as sent, degrees WGS 84.';
COMMENT ON COLUMN fix.lat IS 'Latitude as sent, degrees WGS 84.';
COMMENT ON COLUMN fix.speed_dkmh IS 'Speed, tenths of km/h.';
COMMENT ON COLUMN fix.driver_id IS 'Null: driver not known.';
COMMENT ON COLUMN fix.heading IS 'Degrees clockwise from north; null: not sent.';
COMMENT ON COLUMN fix.altitude_m IS 'Altitude, m; null: not sent.';
COMMENT ON COLUMN fix.flags IS 'Sum of 1 zero, 2 swapped, 4 outside, 8 future, 16 speed_range, 32 jump, 64 frozen, 128 scaled_time; 128 holds if it holds for any copy.';
COMMENT ON COLUMN fix.scaled IS 'The time of this very copy was sent in milliseconds.';

CREATE TABLE fix_copy (
    vehicle_id integer NOT NULL,
    "time" timestamptz NOT NULL,
    received timestamptz,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    speed_dkmh integer NOT NULL,
    driver_id integer,
    heading real,
    altitude_m real,
    ignition boolean,
    door boolean,
    aircon boolean,
    flags smallint NOT NULL,
    scaled boolean NOT NULL,
    batch_id bigint NOT NULL
);
CREATE INDEX fix_copy_vehicle_time ON fix_copy (vehicle_id, "time");
COMMENT ON TABLE fix_copy IS 'Every copy of a fix that does not stand; columns and units as in fix, flags each copy''s own.';

CREATE TABLE weighing (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash bytea NOT NULL UNIQUE,
    station text COLLATE "C" NOT NULL,
    lane bigint,
    "time" timestamptz NOT NULL,
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    trailer text COLLATE "C",
    axle_kg bigint[] NOT NULL,
    spacing_mm bigint[] NOT NULL,
    gross_kg bigint NOT NULL,
    persons bigint,
    containers bigint,
    ticket text,
    batch_id bigint NOT NULL REFERENCES batch (id)
);
CREATE INDEX weighing_vehicle_time ON weighing (vehicle_id, "time");
CREATE INDEX weighing_time ON weighing ("time");
CREATE INDEX weighing_station ON weighing (station);
COMMENT ON TABLE weighing IS 'Weighings as measured; two that are equal in every field are one.';
COMMENT ON COLUMN weighing.hash IS 'SHA-256 over every field as sent.';
COMMENT ON COLUMN weighing.axle_kg IS 'Axle masses from the front, kg.';
COMMENT ON COLUMN weighing.spacing_mm IS 'Distances between neighbouring axles, mm.';
COMMENT ON COLUMN weighing.gross_kg IS 'Gross mass, kg.';
COMMENT ON COLUMN weighing.persons IS 'Persons on board; null: not known.';

CREATE TABLE notice (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    body jsonb NOT NULL,
    source text COLLATE "C" NOT NULL,
    received timestamptz,
    batch_id bigint NOT NULL REFERENCES batch (id)
);
CREATE INDEX notice_subject ON notice (kind, subject);
COMMENT ON TABLE notice IS 'What providers declare about vehicles, drivers and companies, as sent; no registry row.';

CREATE TABLE rejection (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text COLLATE "C" NOT NULL,
    place text NOT NULL,
    reason text COLLATE "C" NOT NULL,
    detail text NOT NULL,
    payload bytea NOT NULL,
    received timestamptz,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    batch_id bigint NOT NULL REFERENCES batch (id)
);
CREATE INDEX rejection_source ON rejection (source, id);
COMMENT ON TABLE rejection IS 'Bytes that were not stored as data, each with its reason.';
COMMENT ON COLUMN rejection.place IS 'Where in the source: line 17, record 3.';
COMMENT ON COLUMN rejection.first_seen IS 'When it was committed here.';

CREATE TABLE vehicle_day (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    day integer NOT NULL,
    touched bigint NOT NULL,
    checked bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (vehicle_id, day)
) WITH (fillfactor = 80);
CREATE INDEX vehicle_day_waiting ON vehicle_day (vehicle_id, touched) WHERE touched > checked;
COMMENT ON TABLE vehicle_day IS 'Windows of check: one is waiting where touched > checked.';
COMMENT ON COLUMN vehicle_day.day IS 'Local day (Asia/Ho_Chi_Minh), days since 1970-01-01.';
COMMENT ON COLUMN vehicle_day.touched IS 'Number of the last change of what the window rests on (sequence touch).';
COMMENT ON COLUMN vehicle_day.checked IS 'The value of touched that findings were last computed for.';
