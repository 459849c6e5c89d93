-- What a map matcher answered, kept so that a finding that rests on it can be rebuilt without asking again.

CREATE TABLE road_match (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    first_time bigint NOT NULL,
    last_time bigint NOT NULL,
    digest bytea NOT NULL,
    tiles text NOT NULL,
    matcher text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    rows jsonb NOT NULL,
    PRIMARY KEY (vehicle_id, first_time),
    CHECK (first_time <= last_time)
);
COMMENT ON TABLE road_match IS 'Slices of tracks as they were matched to roads; slices of one vehicle do not overlap. Replaced when the records of a slice change.';
COMMENT ON COLUMN road_match.first_time IS 'Time of the first fix of the slice, s UTC; last_time: of the last.';
COMMENT ON COLUMN road_match.digest IS 'Hash of the times and places that were matched.';
COMMENT ON COLUMN road_match.tiles IS 'Hash of the roads that the matcher read.';
COMMENT ON COLUMN road_match.matcher IS 'The program and its version.';
COMMENT ON COLUMN road_match.rows IS 'By fix: time, road id or null, offset in dm, ids of the roads from the fix before, way from it in dm or null.';
