-- Administrative areas with their boundaries by date, how far each vehicle drove in each on a day; time stamps of lists.

CREATE TABLE area (
    id serial PRIMARY KEY,
    level smallint NOT NULL CHECK (level > 0),
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    valid_from date,
    valid_to date,
    boundary bytea NOT NULL,
    UNIQUE NULLS NOT DISTINCT (level, code, valid_from)
);
COMMENT ON TABLE area IS 'Administrative areas. Those before and after a reform stand side by side, each with its days.';
COMMENT ON COLUMN area.level IS '1: province; 2: what lies below it, districts until 2025-06-30 and communes since.';
COMMENT ON COLUMN area.valid_to IS 'The last day; null: open.';
COMMENT ON COLUMN area.boundary IS 'WGS 84, longitude and latitude, as WKB of a MultiPolygon.';

CREATE TABLE area_day (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    day integer NOT NULL,
    area_id integer NOT NULL REFERENCES area (id) ON DELETE CASCADE,
    driving_mm bigint NOT NULL CHECK (driving_mm > 0),
    PRIMARY KEY (vehicle_id, day, area_id)
);
CREATE INDEX area_day_day ON area_day (day);
CREATE INDEX area_day_area ON area_day (area_id);
COMMENT ON TABLE area_day IS 'Distance driven by one vehicle in one area on one local day. Made with the day''s sums; what is missing from day_summary.driving_m was driven where the area is not known.';
COMMENT ON COLUMN area_day.day IS 'Local day (Asia/Ho_Chi_Minh), days since 1970-01-01.';
COMMENT ON COLUMN area_day.driving_mm IS 'By the area of the step''s beginning, mm; of each level the parts of a day add up to at most the day.';

-- Time stamps of what was published, by an authority that is not the publisher (RFC 3161).
CREATE TABLE list_stamp (
    position integer PRIMARY KEY REFERENCES list (position),
    url text NOT NULL,
    response bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE list_stamp IS 'The answer of a time-stamping authority over the SHA-256 of a list''s manifest. It may come later than the list.';
COMMENT ON COLUMN list_stamp.url IS 'Who was asked.';
COMMENT ON COLUMN list_stamp.response IS 'TimeStampResp, DER.';
CREATE TRIGGER list_stamp_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON list_stamp EXECUTE FUNCTION refuse_change();
