-- By which a check sees that a day is not changed by new records of its neighbours. Made with the day's sums.

CREATE TABLE day_edge (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    day integer NOT NULL,
    head bigint,
    tail bigint,
    PRIMARY KEY (vehicle_id, day)
);
COMMENT ON TABLE day_edge IS 'Marks of what the sums of a vehicle-day take from around its two midnights. A day without a row is computed whole.';
COMMENT ON COLUMN day_edge.day IS 'Local day (Asia/Ho_Chi_Minh), days since 1970-01-01.';
COMMENT ON COLUMN day_edge.head IS 'Hash of what lies before the first cut of the day; null: it has no cut.';
COMMENT ON COLUMN day_edge.tail IS 'Hash of what lies after the last cut of the day; null: it has no cut.';
