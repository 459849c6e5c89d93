-- Results of the self-proof: a fleet of known answers, run through the processes of production into a database of its own
-- (this database's name and `_proof`), its findings held against what was planted. Only the results stand here.

CREATE TABLE proof (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome text NOT NULL CHECK (outcome IN ('passed', 'failed', 'outage')),
    way text NOT NULL CHECK (way IN ('http', 'files')),
    week text NOT NULL,
    sent integer NOT NULL CHECK (sent >= 0),
    stored integer NOT NULL CHECK (stored >= 0),
    waiting integer NOT NULL CHECK (waiting >= 0),
    stored_s double precision,
    judged_s double precision,
    law_version text NOT NULL,
    method text NOT NULL,
    code_version text NOT NULL,
    detail text NOT NULL,
    differences jsonb NOT NULL
);
CREATE INDEX proof_ended ON proof (ended_at);
COMMENT ON TABLE proof IS 'Runs of the self-proof. Nothing of a run but this is in this database.';
COMMENT ON COLUMN proof.outcome IS 'passed: planted = found, extra = 0. outage: something is missing, and not all was stored and judged in time. failed: anything else.';
COMMENT ON COLUMN proof.way IS 'How the records came in: posted to a running ingest, or as recorded files.';
COMMENT ON COLUMN proof.week IS 'The ISO week that the fleet drove in: the last whole one.';
COMMENT ON COLUMN proof.sent IS 'Fixes sent, copies included.';
COMMENT ON COLUMN proof.stored IS 'Of these, stored when the findings were looked at.';
COMMENT ON COLUMN proof.waiting IS 'Vehicle-days not judged when the findings were looked at.';
COMMENT ON COLUMN proof.stored_s IS 'From the first record sent until all were stored, s; null: they were not.';
COMMENT ON COLUMN proof.judged_s IS 'From the first record sent until all was judged, s; null: it was not.';
COMMENT ON COLUMN proof.differences IS 'What was missing and what was extra, the first hundred: of a fleet that does not exist.';

CREATE TABLE proof_rule (
    proof bigint NOT NULL REFERENCES proof (id) ON DELETE CASCADE,
    rule text NOT NULL,
    planted integer NOT NULL CHECK (planted >= 0),
    found integer NOT NULL CHECK (found BETWEEN 0 AND planted),
    extra integer NOT NULL CHECK (extra >= 0),
    PRIMARY KEY (proof, rule)
);
COMMENT ON TABLE proof_rule IS 'What a run of the self-proof planted, found of it, and found beside it, by rule.';
