-- Matches made with tiles of another file than the roads were imported from: they stand until tiles of it answer.

COMMENT ON COLUMN road_match.stale IS 'Its tiles were not made of the file that the roads are of: roads near it have changed since, from its day on, or it was matched before such tiles were in use. It is matched anew once other tiles are in use than answered it.';
COMMENT ON TABLE road_import IS 'Files of roads taken in, and such as stated the same roads in other bytes, with no road added, changed or ended; rows of road name the dataset.';
CREATE INDEX road_import_dataset ON road_import (dataset, id);
