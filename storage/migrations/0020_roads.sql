-- What a road's source states of it besides, the import it came by, and the imports themselves.

ALTER TABLE road
    ADD COLUMN ref text,
    ADD COLUMN road_class text,
    ADD COLUMN maxspeed_forward double precision,
    ADD COLUMN maxspeed_backward double precision,
    ADD COLUMN maxspeed_hgv double precision,
    ADD COLUMN maxspeed_hgv_forward double precision,
    ADD COLUMN maxspeed_hgv_backward double precision,
    ADD COLUMN source text COLLATE "C" NOT NULL DEFAULT 'authority',
    ADD COLUMN dataset text COLLATE "C",
    ADD COLUMN assumed text[] NOT NULL DEFAULT '{}',
    ADD COLUMN tunnel boolean NOT NULL DEFAULT false,
    ADD COLUMN bridge boolean NOT NULL DEFAULT false,
    ADD COLUMN layer integer NOT NULL DEFAULT 0,
    ADD COLUMN conditional text;
COMMENT ON COLUMN road.maxspeed IS 'Posted sign for both directions and all vehicles, km/h; null: none known.';
COMMENT ON COLUMN road.ref IS 'Number of the road, with the kilometre where stated.';
COMMENT ON COLUMN road.road_class IS 'What the source calls it; of OpenStreetMap the value of highway.';
COMMENT ON COLUMN road.maxspeed_forward IS 'Posted sign along the line, km/h; null: that of both directions.';
COMMENT ON COLUMN road.maxspeed_backward IS 'Posted sign against the line, km/h; null: that of both directions.';
COMMENT ON COLUMN road.maxspeed_hgv IS 'Posted sign for goods vehicles, km/h; null: that for all.';
COMMENT ON COLUMN road.maxspeed_hgv_forward IS 'The same along the line, km/h; null: that of both directions.';
COMMENT ON COLUMN road.maxspeed_hgv_backward IS 'The same against the line, km/h; null: that of both directions.';
COMMENT ON COLUMN road.source IS 'osm, authority or assumed.';
COMMENT ON COLUMN road.dataset IS 'The imports that the row belongs to (road_import.dataset); null: reference data.';
COMMENT ON COLUMN road.assumed IS 'Those of kind, urban, lanes, maxspeed that nobody stated.';
COMMENT ON COLUMN road.layer IS 'Above (positive) or below what it crosses, a count; 0: on the ground.';
COMMENT ON COLUMN road.conditional IS 'Limits as tagged that hold at times only, or could not be read.';
CREATE INDEX road_dataset ON road (dataset, id);

CREATE TABLE road_import (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dataset text COLLATE "C" NOT NULL,
    file text NOT NULL,
    hash text NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    valid_from date,
    added integer NOT NULL,
    changed integer NOT NULL,
    ended integer NOT NULL,
    same integer NOT NULL
);
COMMENT ON TABLE road_import IS 'Files of roads taken in that changed something; rows of road name the dataset.';
COMMENT ON COLUMN road_import.hash IS 'SHA-256 of the file.';
COMMENT ON COLUMN road_import.valid_from IS 'The local day from which what is new in it holds; null: always.';
COMMENT ON COLUMN road_import.added IS 'Roads that were not there before.';
COMMENT ON COLUMN road_import.changed IS 'Roads of which a row ended and another began.';
COMMENT ON COLUMN road_import.ended IS 'Roads that the file no longer names.';
COMMENT ON COLUMN road_import.same IS 'Roads that the file states as before.';
