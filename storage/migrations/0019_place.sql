-- Where a finding was complete, and the roads that it names: by these findings are searched for. No finding rests on them.

CREATE TABLE finding_place (
    finding_row bigint PRIMARY KEY REFERENCES finding (row) ON DELETE CASCADE,
    place point NOT NULL
);
CREATE INDEX finding_place_at ON finding_place USING gist (place);
COMMENT ON TABLE finding_place IS 'Findings whose place is known: the last usable fix at most a minute before they were complete, or the weigh station. A finding without a row: not known.';
COMMENT ON COLUMN finding_place.place IS '(lon, lat) in degrees WGS 84, as known when the finding was added.';

CREATE TABLE finding_road (
    road text COLLATE "C" NOT NULL,
    finding_row bigint NOT NULL REFERENCES finding (row) ON DELETE CASCADE,
    PRIMARY KEY (road, finding_row)
);
COMMENT ON TABLE finding_road IS 'The road segments (road.id) that a finding of speeding names.';
CREATE INDEX road_name ON road (folded(name));

-- What was stored before. Flags: 2 swapped, 61 those of fixes that no rule uses.
INSERT INTO finding_place (finding_row, place)
SELECT f.row, CASE WHEN p.flags & 2 = 0 THEN point(p.lon_e7 / 1e7, p.lat_e7 / 1e7) ELSE point(p.lat_e7 / 1e7, p.lon_e7 / 1e7) END
FROM finding f CROSS JOIN LATERAL (
    SELECT lon_e7, lat_e7, flags FROM fix
    WHERE vehicle_id = f.vehicle_id AND "time" > f.at - interval '1 minute' AND "time" <= f.at AND flags & 61 = 0
    ORDER BY "time" DESC LIMIT 1) AS p
WHERE f.rule NOT LIKE 'overload%';
INSERT INTO finding_place (finding_row, place)
SELECT f.row, point(s.lon, s.lat) FROM finding f JOIN station s ON s.id = f.body -> 'detail' ->> 'station'
WHERE f.rule LIKE 'overload%' AND s.lon IS NOT NULL AND s.lat IS NOT NULL;
INSERT INTO finding_road (road, finding_row)
SELECT DISTINCT segment, f.row
FROM finding f CROSS JOIN LATERAL json_array_elements_text(f.body -> 'detail' -> 'segments') AS segment
WHERE json_typeof(f.body -> 'detail' -> 'segments') = 'array';
