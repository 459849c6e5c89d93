-- Matches that a change of roads has overtaken: they stand until other tiles have been asked.

ALTER TABLE road_match ADD COLUMN stale boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN road_match.stale IS 'Roads near it have changed since, from its day on: it is matched anew once other tiles are in use than answered it.';
COMMENT ON COLUMN road_match.rows IS 'By fix: time, road id or null, offset in dm, ids of the roads from the fix before, way from it in dm or null, where on that way each of these roads begins in dm or null; the last is not there in what was matched before it was kept.';
CREATE INDEX road_match_stale ON road_match (vehicle_id) WHERE stale;
