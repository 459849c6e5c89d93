-- Who seems to have avoided a scale, for a person to look at; and what of a station one has to know for that.

ALTER TABLE station ADD COLUMN corridor double precision[] CHECK (cardinality(corridor) = 4);
ALTER TABLE station ADD COLUMN corridor_m integer CHECK (corridor_m > 0);
ALTER TABLE station ADD COLUMN valid_from date;
ALTER TABLE station ADD COLUMN valid_to date;
COMMENT ON COLUMN station.corridor IS 'A point of the road before the station and one after it, in the direction that it weighs: lon, lat, lon, lat.';
COMMENT ON COLUMN station.corridor_m IS 'Way between these points by the station, m; null: taken from the journeys of the day.';
COMMENT ON COLUMN station.valid_from IS 'First day on which the station stands here, included; null: always.';
COMMENT ON COLUMN station.valid_to IS 'Last day, included; null: still. Before and after it nobody avoids the station.';

-- Made anew by the day, as weighing_place is.
CREATE TABLE station_review (
    day integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('unweighed', 'detour', 'wait', 'silent')),
    station text COLLATE "C" NOT NULL,
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    at timestamptz NOT NULL,
    operator text,
    excuse text,
    body jsonb NOT NULL,
    PRIMARY KEY (day, kind, station, vehicle_id, at));
CREATE INDEX station_review_at ON station_review (at, kind);
CREATE INDEX station_review_vehicle ON station_review (vehicle_id, at);
COMMENT ON TABLE station_review IS 'Grade possible, each: what looks as if a vehicle avoided a scale. For review only; no list takes it.';
COMMENT ON COLUMN station_review.day IS 'Local day, days since 1970-01-01.';
COMMENT ON COLUMN station_review.kind IS 'unweighed: passed an open station; detour: drove round it; wait: stood before it until it closed; silent: weighed while its recorder sent nothing.';
COMMENT ON COLUMN station_review.at IS 'When it passed the station or came back to the road behind it, or was weighed.';
COMMENT ON COLUMN station_review.operator IS 'For whom the vehicle was registered at that time.';
COMMENT ON COLUMN station_review.excuse IS 'What in the record makes it innocent; null: nothing, a person has to look.';
COMMENT ON COLUMN station_review.body IS 'evidence: times, ways and counts; reasons: why it may be innocent all the same; law: the figures it rests on.';

CREATE TABLE station_review_day (
    day integer PRIMARY KEY,
    version text NOT NULL);
COMMENT ON TABLE station_review_day IS 'What the reviews of a local day were made of.';
COMMENT ON COLUMN station_review_day.day IS 'Local day, days since 1970-01-01.';
COMMENT ON COLUMN station_review_day.version IS 'Windows of the day and of those beside it, registry, law.';

CREATE TABLE station_review_wait (day integer NOT NULL);
CREATE INDEX station_review_wait_day ON station_review_wait (day);
COMMENT ON TABLE station_review_wait IS 'Local days that check judged records of since they were reviewed, or that lie beside such; a day may stand here often.';
COMMENT ON COLUMN station_review_wait.day IS 'Local day, days since 1970-01-01.';
