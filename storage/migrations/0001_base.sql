-- Who runs which vehicle, and what each may carry. Text keys compare byte by byte, as the application compares them.

CREATE TABLE operator (
    id text COLLATE "C" PRIMARY KEY,
    name text,
    tax_code text
);
COMMENT ON TABLE operator IS 'Transport businesses.';
COMMENT ON COLUMN operator.name IS 'Null: named by a registration, but described by no registry file.';

CREATE TABLE vehicle (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plate text COLLATE "C" NOT NULL UNIQUE
);
COMMENT ON TABLE vehicle IS 'Every plate ever seen, in data or in a registry.';
COMMENT ON COLUMN vehicle.plate IS 'Normalised plate; one of no known form as sent.';

CREATE TABLE driver (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    licence text COLLATE "C" NOT NULL UNIQUE,
    name text,
    operator text COLLATE "C"
);
COMMENT ON TABLE driver IS 'Every licence ever seen, in data or in a registry.';
COMMENT ON COLUMN driver.name IS 'Null: the licence stands in no registry file.';
COMMENT ON COLUMN driver.operator IS 'Operator as the registry names it.';

CREATE TABLE registration (
    row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    operator text COLLATE "C" NOT NULL REFERENCES operator (id),
    kind text NOT NULL,
    business text,
    seats integer,
    payload_kg integer,
    kerb_kg integer,
    design_gross_kg integer,
    towed_kg integer,
    kingpin_mm integer,
    liquid_tank boolean NOT NULL,
    badge text,
    valid_from date,
    valid_to date
);
CREATE INDEX registration_vehicle ON registration (vehicle_id, valid_from);
CREATE INDEX registration_operator ON registration (operator);
COMMENT ON TABLE registration IS 'Registry rows of vehicles. Of several in force the latest valid_from counts, then the last row.';
COMMENT ON COLUMN registration.seats IS 'Seats, the driver''s included.';
COMMENT ON COLUMN registration.payload_kg IS 'Certificate payload, kg.';
COMMENT ON COLUMN registration.kerb_kg IS 'Kerb mass, kg.';
COMMENT ON COLUMN registration.design_gross_kg IS 'Design gross mass, kg.';
COMMENT ON COLUMN registration.towed_kg IS 'Mass that it may tow, kg.';
COMMENT ON COLUMN registration.kingpin_mm IS 'King-pin distance, mm.';
COMMENT ON COLUMN registration.valid_from IS 'First local day in force; null: open.';
COMMENT ON COLUMN registration.valid_to IS 'Last local day in force (included); null: open.';

CREATE TABLE station (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    lon double precision,
    lat double precision,
    direction_deg double precision,
    automatic_one_stage boolean NOT NULL,
    instrument_error_permille integer NOT NULL,
    gross_limit_kg integer,
    axle_limit_kg integer,
    open text
);
COMMENT ON TABLE station IS 'Weigh stations.';
COMMENT ON COLUMN station.lon IS 'Longitude, degrees WGS 84.';
COMMENT ON COLUMN station.lat IS 'Latitude, degrees WGS 84.';
COMMENT ON COLUMN station.direction_deg IS 'Direction of the weighed lane, degrees clockwise from north.';
COMMENT ON COLUMN station.instrument_error_permille IS 'Instrument error, permille of the mass.';
COMMENT ON COLUMN station.gross_limit_kg IS 'Gross limit of the bridge or road sign, kg.';
COMMENT ON COLUMN station.axle_limit_kg IS 'Single-axle limit of the bridge or road sign, kg.';

CREATE TABLE permit (
    row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    gross_kg integer NOT NULL,
    valid_from date,
    valid_to date
);
CREATE INDEX permit_vehicle ON permit (vehicle_id);
COMMENT ON TABLE permit IS 'Circulation permits.';
COMMENT ON COLUMN permit.gross_kg IS 'Gross mass allowed, kg.';
COMMENT ON COLUMN permit.valid_to IS 'Last local day (included); null: open.';

CREATE TABLE road (
    row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL,
    name text,
    kind text,
    urban boolean,
    maxspeed double precision,
    oneway boolean NOT NULL,
    lanes integer,
    valid_from date,
    valid_to date,
    line jsonb NOT NULL
);
CREATE INDEX road_id ON road (id);
COMMENT ON TABLE road IS 'Roads with their posted signs; one id may have several rows of different validity.';
COMMENT ON COLUMN road.maxspeed IS 'Posted sign, km/h; null: none known.';
COMMENT ON COLUMN road.lanes IS 'Number of lanes.';
COMMENT ON COLUMN road.valid_to IS 'Last local day (included); null: open.';
COMMENT ON COLUMN road.line IS 'Points [lon, lat] in degrees WGS 84, in order.';

CREATE TABLE deployment (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    box double precision[] CHECK (array_length(box, 1) = 4),
    registry_version bigint NOT NULL DEFAULT 0
);
INSERT INTO deployment DEFAULT VALUES;
COMMENT ON TABLE deployment IS 'The one row of what holds for the whole store.';
COMMENT ON COLUMN deployment.box IS 'Plausible area, degrees: lon min, lat min, lon max, lat max; null: that of the method file.';
COMMENT ON COLUMN deployment.registry_version IS 'Rises with every change of the registry.';
