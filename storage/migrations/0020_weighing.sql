-- What stations say of a weighing besides its masses, and of themselves: instruments, zones.

ALTER TABLE weighing ADD COLUMN instrument text;
ALTER TABLE weighing ADD COLUMN certificate text;
ALTER TABLE weighing ADD COLUMN certificate_until text;
ALTER TABLE weighing ADD COLUMN error_permille integer;
ALTER TABLE weighing ADD COLUMN speed_dkmh integer;
ALTER TABLE weighing ADD COLUMN plate_permille integer;
ALTER TABLE weighing ADD COLUMN image text;
COMMENT ON COLUMN weighing.instrument IS 'The instrument, as the station names it; null: not said.';
COMMENT ON COLUMN weighing.certificate IS 'Number of the instrument''s certificate of verification.';
COMMENT ON COLUMN weighing.certificate_until IS 'Last day on which the verification holds, included (YYYY-MM-DD).';
COMMENT ON COLUMN weighing.error_permille IS 'Error of the instrument''s class, permille of the mass.';
COMMENT ON COLUMN weighing.speed_dkmh IS 'Speed over the instrument, tenths of km/h.';
COMMENT ON COLUMN weighing.plate_permille IS 'How sure the reader is of the plate, 0 to 1000.';
COMMENT ON COLUMN weighing.image IS 'Where the picture lies; the picture is not kept here.';

-- Weighings on the tracks of their vehicles. Made anew by the day; rows carry no foreign key to what a day's making replaces.
CREATE TABLE weighing_place (
    hash bytea NOT NULL,
    day integer NOT NULL,
    "time" timestamptz NOT NULL,
    station text COLLATE "C" NOT NULL,
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    status text NOT NULL CHECK (status IN ('passed', 'near', 'elsewhere', 'silent')),
    passed_at timestamptz,
    apart_s integer,
    away_m integer,
    driver_id integer REFERENCES driver (id),
    origin_from timestamptz,
    origin_until timestamptz,
    origin_lon double precision,
    origin_lat double precision,
    way_m bigint,
    PRIMARY KEY (day, hash),
    CHECK ((status = 'passed') = (passed_at IS NOT NULL)));
CREATE INDEX weighing_place_vehicle ON weighing_place (vehicle_id, "time");
COMMENT ON TABLE weighing_place IS 'Each weighing on the track of its vehicle: when it passed, who drove, where the load came from.';
COMMENT ON COLUMN weighing_place.status IS 'passed: on the track at the station; near, elsewhere: a fix at the time, but no passage; silent: no fix near the time.';
COMMENT ON COLUMN weighing_place.apart_s IS 'Passage less weighing, s, once the clocks are compared.';
COMMENT ON COLUMN weighing_place.away_m IS 'How close the track came to the station, or where it was at the time, m.';
COMMENT ON COLUMN weighing_place.origin_from IS 'Beginning of the last long standing before.';
COMMENT ON COLUMN weighing_place.way_m IS 'Way along the fixes since that standing, m.';

CREATE TABLE station_clock (
    station text COLLATE "C" NOT NULL,
    day integer NOT NULL,
    clock_s integer NOT NULL,
    spread_s double precision,
    passages integer NOT NULL,
    weighings integer NOT NULL,
    version text NOT NULL,
    PRIMARY KEY (day, station));
COMMENT ON TABLE station_clock IS 'By station and local day: how far the recorders'' clocks are ahead of the station''s.';
COMMENT ON COLUMN station_clock.spread_s IS 'Median distance from clock_s; null: too few passages, none assumed.';
COMMENT ON COLUMN station_clock.passages IS 'Passages that the day itself gave.';
COMMENT ON COLUMN station_clock.version IS 'What the day was made of: windows, registry, law.';
COMMENT ON COLUMN station_clock.day IS 'Local day, days since 1970-01-01.';
COMMENT ON COLUMN weighing_place.day IS 'Local day of the weighing, days since 1970-01-01.';
COMMENT ON COLUMN station_clock.clock_s IS 'Recorders less station, s; a passage lies so much after its weighing.';
