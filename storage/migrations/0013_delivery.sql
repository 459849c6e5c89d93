-- Who was sent what of the published lists, and what the scheduler did. Rows are added and never changed.

CREATE TABLE delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position integer NOT NULL REFERENCES list (position),
    recipient text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    step text COLLATE "C" NOT NULL CHECK (step IN ('begun', 'delivered', 'failed')),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    key text COLLATE "C" NOT NULL,
    detail text NOT NULL DEFAULT '',
    UNIQUE (position, recipient, attempt, step)
);
-- Once delivered, a list is sent to that recipient no more.
CREATE UNIQUE INDEX delivery_once ON delivery (position, recipient) WHERE step = 'delivered';
COMMENT ON TABLE delivery IS 'The log of delivery of published lists: each attempt has a row when it begins and one when it ends.';
COMMENT ON COLUMN delivery.recipient IS 'Its name in the settings of delivery.';
COMMENT ON COLUMN delivery.step IS 'An attempt that is begun and has no other row is under way, or its process was killed.';
COMMENT ON COLUMN delivery.key IS 'The idempotency key: the same in every attempt, so that a receiver can tell a repeat.';
COMMENT ON COLUMN delivery.detail IS 'Delivered: the receipt; failed: why.';

CREATE TABLE job_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job text COLLATE "C" NOT NULL,
    slot text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('done', 'failed')),
    began_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    detail text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX job_run_once ON job_run (job, slot) WHERE outcome = 'done';
CREATE INDEX job_run_slot ON job_run (job, slot, id);
COMMENT ON TABLE job_run IS 'What the scheduler did: each run of a job, and of which week, month or day it was.';
COMMENT ON COLUMN job_run.slot IS 'What it was due for: an ISO week, a month or a local day.';
COMMENT ON COLUMN job_run.detail IS 'What came of it, or why it failed.';

CREATE TRIGGER delivery_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery EXECUTE FUNCTION refuse_change();
CREATE TRIGGER job_run_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON job_run EXECUTE FUNCTION refuse_change();
