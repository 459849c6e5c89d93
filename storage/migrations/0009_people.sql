-- Who works at the desk: accounts, their sessions and tokens, what was tried in vain.

CREATE TABLE person (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text COLLATE "C" NOT NULL UNIQUE CHECK (login = lower(login) AND login <> ''),
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('inspector', 'supervisor', 'operator', 'administrator', 'reader')),
    operator text COLLATE "C",
    password_hash text NOT NULL,
    must_change boolean NOT NULL DEFAULT true,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    disabled_at timestamptz,
    CHECK ((role = 'operator') = (operator IS NOT NULL))
);
COMMENT ON TABLE person IS 'Accounts. Never deleted: what somebody did stays his; disabled instead.';
COMMENT ON COLUMN person.operator IS 'The transport business whose records an account of role operator may see, and no other.';
COMMENT ON COLUMN person.password_hash IS 'Argon2id, with its parameters and salt.';
COMMENT ON COLUMN person.must_change IS 'The password was set by somebody else.';
COMMENT ON COLUMN person.disabled_at IS 'Null: may log in.';

CREATE TABLE session (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    person_id integer NOT NULL REFERENCES person (id),
    began_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_began ON session (began_at);
COMMENT ON TABLE session IS 'Sessions of the desk.';
COMMENT ON COLUMN session.hash IS 'SHA-256 of the token; the token itself is kept nowhere.';
COMMENT ON COLUMN session.seen_at IS 'The last request, to about a minute.';

CREATE TABLE api_token (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    person_id integer NOT NULL REFERENCES person (id),
    label text NOT NULL,
    scopes text[] NOT NULL CHECK (scopes <@ ARRAY['read', 'write', 'export'] AND cardinality(scopes) > 0),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    used_at timestamptz
);
CREATE INDEX api_token_person ON api_token (person_id);
COMMENT ON TABLE api_token IS 'Secrets of programs that act for a person.';
COMMENT ON COLUMN api_token.hash IS 'SHA-256 of the secret; the secret itself is kept nowhere.';
COMMENT ON COLUMN api_token.used_at IS 'The last use, to about an hour; null: never.';

CREATE TABLE login_attempt (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    attempts integer NOT NULL,
    since timestamptz NOT NULL
);
CREATE INDEX login_attempt_since ON login_attempt (since);
COMMENT ON TABLE login_attempt IS 'Attempts to log in, counted by login and by address; what succeeded is taken off.';
COMMENT ON COLUMN login_attempt.key IS 'SHA-256 of "login:" or "address:" and what was given: people type passwords for logins.';
COMMENT ON COLUMN login_attempt.since IS 'When its window of counting began.';

-- What nobody may change, its owner included: a trigger speaks where rights do not.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TABLE audit (
    number bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    person_id integer,
    login text COLLATE "C",
    via text COLLATE "C" NOT NULL,
    what text COLLATE "C" NOT NULL,
    subject text COLLATE "C",
    reason text,
    detail text,
    address text NOT NULL,
    request text COLLATE "C",
    hash bytea NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_subject ON audit (subject, number);
CREATE INDEX audit_login ON audit (login, number);
COMMENT ON TABLE audit IS 'Who looked at what and did what. Append-only; numbers have no gaps, each row''s hash covers the one before.';
COMMENT ON COLUMN audit.at IS 'By the clock of the database.';
COMMENT ON COLUMN audit.person_id IS 'Null: nobody who had proved who he is.';
COMMENT ON COLUMN audit.via IS 'session, token or command.';
COMMENT ON COLUMN audit.subject IS 'What it was done to: a plate, a licence, the id of an operator, finding or case, a login.';
COMMENT ON COLUMN audit.reason IS 'Why, as the person wrote it.';
COMMENT ON COLUMN audit.request IS 'By which it is found in the logs of the server.';
COMMENT ON COLUMN audit.hash IS 'SHA-256 of the hash of the row before (32 zero bytes for the first) and of audit_text of this one.';

-- The fields of a row in order, each as its length in bytes, a colon and itself, null as a hyphen, a comma after each.
CREATE FUNCTION audit_text(one audit) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(coalesce(octet_length(field) || ':' || field, '-') || ',', '' ORDER BY place)
    FROM unnest(ARRAY[one.number::text, (extract(epoch FROM one.at) * 1000000)::bigint::text, one.person_id::text,
                      one.login, one.via, one.what, one.subject, one.reason, one.detail, one.address, one.request])
        WITH ORDINALITY AS f (field, place)
$$;

-- The lock lasts to the end of the transaction: the chain has one end, whoever writes. Where a transaction sees an older
-- state than the last row, the key refuses its number.
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before record;
BEGIN
    PERFORM pg_advisory_xact_lock(1635083369);
    SELECT number, hash INTO before FROM audit ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(before.number, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.hash := sha256(coalesce(before.hash, decode(repeat('00', 32), 'hex')) || convert_to(audit_text(NEW), 'UTF8'));
    RETURN NEW;
END $$;
CREATE TRIGGER audit_chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_chain();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION refuse_change();

CREATE TABLE finding_case (
    finding text COLLATE "C" PRIMARY KEY,
    content text COLLATE "C" NOT NULL,
    rule text COLLATE "C" NOT NULL,
    operator text COLLATE "C",
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    driver_id integer REFERENCES driver (id),
    state text COLLATE "C" NOT NULL
        CHECK (state IN ('suspected', 'sent_to_operator', 'confirmed', 'dismissed', 'disputed', 'decided')),
    outcome text COLLATE "C"
        CHECK (outcome IN ('accepted', 'unanswered', 'upheld', 'overturned', 'dismissed', 'lapsed')),
    opened_at timestamptz NOT NULL,
    moved_at timestamptz NOT NULL,
    sent_at timestamptz,
    sent_by integer REFERENCES person (id),
    due timestamptz,
    CHECK ((outcome IS NULL) = (state IN ('suspected', 'sent_to_operator', 'disputed')))
);
CREATE INDEX finding_case_operator ON finding_case (operator, moved_at);
CREATE INDEX finding_case_driver ON finding_case (driver_id);
CREATE INDEX finding_case_state ON finding_case (state, due);
COMMENT ON TABLE finding_case IS 'How each case stands: what its steps make of it. A finding has one case at most.';
COMMENT ON COLUMN finding_case.finding IS 'The stable id of the finding; rows of finding come and go, the case stays.';
COMMENT ON COLUMN finding_case.content IS 'Hash of what the finding stated when a person last took it up.';
COMMENT ON COLUMN finding_case.outcome IS 'How it was closed; null: it is open.';
COMMENT ON COLUMN finding_case.sent_at IS 'When it was last sent to the operator, who sees it from then on; null: never.';
COMMENT ON COLUMN finding_case.due IS 'The first instant at which what it waits for is late; null: nothing is waited for.';

CREATE TABLE attachment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    finding text COLLATE "C" NOT NULL REFERENCES finding_case (finding),
    person_id integer NOT NULL REFERENCES person (id),
    at timestamptz NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    hash bytea NOT NULL,
    content bytea NOT NULL,
    UNIQUE (finding, hash)
);
ALTER TABLE attachment ALTER COLUMN content SET STORAGE EXTERNAL;
COMMENT ON TABLE attachment IS 'Documents of cases. Append-only.';
COMMENT ON COLUMN attachment.name IS 'A file name made harmless; media_type is by what the file holds.';
COMMENT ON COLUMN attachment.hash IS 'SHA-256 of content.';

CREATE TABLE case_step (
    row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    finding text COLLATE "C" NOT NULL REFERENCES finding_case (finding),
    at timestamptz NOT NULL,
    person_id integer NOT NULL REFERENCES person (id),
    step text COLLATE "C" NOT NULL,
    from_state text COLLATE "C",
    to_state text COLLATE "C" NOT NULL,
    operator text COLLATE "C",
    content text COLLATE "C" NOT NULL,
    due timestamptz,
    note text,
    attachment_id bigint REFERENCES attachment (id)
);
CREATE INDEX case_step_finding ON case_step (finding, row);
COMMENT ON TABLE case_step IS 'Who did what in a case, when and why. Append-only.';
COMMENT ON COLUMN case_step.operator IS 'finding_case.operator after the step: no other operator ever sees it.';
COMMENT ON COLUMN case_step.content IS 'finding_case.content after the step.';
COMMENT ON COLUMN case_step.due IS 'finding_case.due after the step.';

CREATE TRIGGER case_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_step EXECUTE FUNCTION refuse_change();
CREATE TRIGGER attachment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attachment EXECUTE FUNCTION refuse_change();

CREATE VIEW recorder_model AS
SELECT DISTINCT ON (subject) subject AS plate, NULLIF(btrim(body ->> 'deviceModel'), '') AS model
FROM notice WHERE kind = 'vehicle' ORDER BY subject, id DESC;
COMMENT ON VIEW recorder_model IS 'The model of each vehicle''s recorder as last declared; null: declared without one.';
