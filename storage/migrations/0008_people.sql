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
