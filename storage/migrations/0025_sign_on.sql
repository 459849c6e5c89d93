-- Logging in by an OpenID provider: who of it is which account, and log-ins that have begun there.

CREATE TABLE sign_on (
    person_id integer PRIMARY KEY REFERENCES person (id),
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C",
    email text COLLATE "C" CHECK (email = lower(email)),
    bound_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (issuer, subject),
    UNIQUE (issuer, email),
    CHECK (subject IS NOT NULL OR email IS NOT NULL)
);
COMMENT ON TABLE sign_on IS 'Which account somebody known to an OpenID provider has here, as an administrator bound it.';
COMMENT ON COLUMN sign_on.subject IS 'Who it is at the provider, for ever. Null: not known yet, the first log-in with the e-mail address gives it.';
COMMENT ON COLUMN sign_on.email IS 'Of no use once the subject is known: addresses are given to others.';

CREATE TABLE sign_on_begun (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    state text COLLATE "C" NOT NULL,
    nonce text COLLATE "C" NOT NULL,
    verifier text COLLATE "C" NOT NULL,
    next text NOT NULL,
    began_at timestamptz NOT NULL
);
CREATE INDEX sign_on_begun_at ON sign_on_begun (began_at);
COMMENT ON TABLE sign_on_begun IS 'Log-ins that a browser has begun at the provider; a row goes when the browser comes back, whatever it brings.';
COMMENT ON COLUMN sign_on_begun.hash IS 'SHA-256 of the word in the cookie of the browser that began it.';
COMMENT ON COLUMN sign_on_begun.next IS 'The path of the desk to go on at.';

ALTER TABLE session ADD COLUMN signed_on boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN session.signed_on IS 'Begun by the OpenID provider: who has to change his password need not have one.';
