-- What was published. Rows are added and never changed: a later state of a week is an amendment, a row of its own.

CREATE TABLE list (
    position integer PRIMARY KEY CHECK (position > 0),
    year integer NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('list', 'amendment')),
    week text COLLATE "C" NOT NULL,
    amendment integer NOT NULL CHECK ((kind = 'amendment') = (amendment > 0)),
    made_at timestamptz NOT NULL,
    law_version text NOT NULL,
    method text NOT NULL,
    code_version text NOT NULL,
    touched bigint NOT NULL,
    checked bigint NOT NULL,
    waiting bigint NOT NULL,
    previous text COLLATE "C" UNIQUE,
    manifest bytea NOT NULL,
    manifest_hash text COLLATE "C" NOT NULL UNIQUE,
    signature bytea,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (year, number),
    UNIQUE (week, amendment),
    CHECK ((position = 1) = (previous IS NULL)),
    FOREIGN KEY (previous) REFERENCES list (manifest_hash)
);
COMMENT ON TABLE list IS 'Published enforcement lists and their amendments, a chain in the order of publication.';
COMMENT ON COLUMN list.position IS 'Place in the chain, from 1, without a gap.';
COMMENT ON COLUMN list.year IS 'Local year of made_at, in which number counts from 1.';
COMMENT ON COLUMN list.week IS 'ISO week, such as 2026-W12.';
COMMENT ON COLUMN list.amendment IS '0: the list of the week itself; else which amendment of it, from 1.';
COMMENT ON COLUMN list.touched IS 'The highest vehicle_day.touched of the week''s windows when it was made.';
COMMENT ON COLUMN list.checked IS 'The highest vehicle_day.checked of the week''s windows when it was made.';
COMMENT ON COLUMN list.waiting IS 'Windows of the week that waited to be judged when it was made.';
COMMENT ON COLUMN list.previous IS 'manifest_hash of the row before; null in the first.';
COMMENT ON COLUMN list.manifest IS 'The manifest file, byte for byte.';
COMMENT ON COLUMN list.manifest_hash IS 'SHA-256 of manifest, hexadecimal.';
COMMENT ON COLUMN list.signature IS 'Ed25519 signature of manifest; null: published without one.';

CREATE TABLE list_file (
    position integer NOT NULL REFERENCES list (position),
    name text COLLATE "C" NOT NULL UNIQUE,
    sha256 text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (position, name)
);
COMMENT ON TABLE list_file IS 'The files of what was published, byte for byte.';

CREATE TABLE list_entry (
    position integer NOT NULL REFERENCES list (position),
    finding text COLLATE "C" NOT NULL,
    change text COLLATE "C" NOT NULL CHECK (change IN ('listed', 'added', 'withdrawn', 'changed')),
    content text COLLATE "C",
    body json,
    finding_row bigint NOT NULL,
    before_content text COLLATE "C",
    before_body json,
    reason text,
    run_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (position, finding),
    CHECK ((change = 'withdrawn') = (body IS NULL) AND (body IS NULL) = (content IS NULL)),
    CHECK ((change IN ('withdrawn', 'changed')) = (before_body IS NOT NULL)),
    CHECK ((before_body IS NULL) = (before_content IS NULL)),
    CHECK ((change = 'listed') = (reason IS NULL))
);
COMMENT ON TABLE list_entry IS 'What was published of findings: all that a list names, and what each amendment changed.';
COMMENT ON COLUMN list_entry.finding IS 'finding.id';
COMMENT ON COLUMN list_entry.body IS 'The finding as published, text kept byte for byte; null where it was withdrawn.';
COMMENT ON COLUMN list_entry.finding_row IS 'finding.row of what was published, or of what is withdrawn.';
COMMENT ON COLUMN list_entry.before_body IS 'What had been published of it before.';
COMMENT ON COLUMN list_entry.reason IS 'Why it changed, as in finding.reason.';
COMMENT ON COLUMN list_entry.run_id IS 'The run that gave the finding, or that withdrew it; empty where none did.';

CREATE TRIGGER list_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON list EXECUTE FUNCTION refuse_change();
CREATE TRIGGER list_file_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON list_file EXECUTE FUNCTION refuse_change();
CREATE TRIGGER list_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON list_entry EXECUTE FUNCTION refuse_change();
