-- Live streams: who sends, what each batch held of whom, how each connection stands.

CREATE TABLE provider (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    operators text[] COLLATE "C"
);
COMMENT ON TABLE provider IS 'Who runs recorder servers and sends for operators.';
COMMENT ON COLUMN provider.operators IS 'Operators that it speaks for; null: every one.';

-- One transaction of arrivals may hold stretches of several streams, or of none that has positions.
CREATE TABLE batch_position (
    batch_id bigint NOT NULL REFERENCES batch (id),
    source text COLLATE "C" NOT NULL,
    position_from bigint NOT NULL,
    position_to bigint NOT NULL,
    PRIMARY KEY (source, position_from, batch_id)
);
COMMENT ON TABLE batch_position IS 'The stretch of each stream that a batch holds; the unit is the stream''s own.';
COMMENT ON COLUMN batch_position.position_to IS 'Where the next batch of the stream starts.';
INSERT INTO batch_position (batch_id, source, position_from, position_to)
SELECT id, source, position_from, position_to FROM batch;
ALTER TABLE batch DROP COLUMN position_from, DROP COLUMN position_to;
ALTER TABLE batch RENAME COLUMN source TO connection;
COMMENT ON COLUMN batch.connection IS 'The connection of live data, or the recorded file.';

-- What arrived twice is one rejection seen twice.
ALTER TABLE rejection
    ADD COLUMN sender text COLLATE "C",
    ADD COLUMN protocol text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN hash bytea UNIQUE,
    ADD COLUMN seen bigint NOT NULL DEFAULT 1,
    ADD COLUMN last_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN redriven_at timestamptz,
    ADD COLUMN outcome text;
CREATE INDEX rejection_last_seen ON rejection (last_seen);
COMMENT ON COLUMN rejection.sender IS 'Operator or provider that sent it; null: who runs this system.';
COMMENT ON COLUMN rejection.protocol IS 'What the payload is decoded as when it is driven in again.';
COMMENT ON COLUMN rejection.hash IS 'SHA-256 over source, sender, reason, protocol and payload; null: kept before there was one.';
COMMENT ON COLUMN rejection.seen IS 'How often it arrived.';
COMMENT ON COLUMN rejection.redriven_at IS 'When it was last driven in again; outcome: what came of it.';

ALTER TABLE notice ADD COLUMN hash bytea UNIQUE;
COMMENT ON COLUMN notice.hash IS 'SHA-256 over source, kind, subject and body; null: kept before there was one.';

-- The books of intake: received = stored + duplicates + rejected, in every row.
CREATE TABLE intake (
    hour timestamptz NOT NULL,
    connection text COLLATE "C" NOT NULL,
    sender text COLLATE "C" NOT NULL,
    operator text COLLATE "C" NOT NULL,
    received bigint NOT NULL,
    stored bigint NOT NULL,
    duplicates bigint NOT NULL,
    conflicts bigint NOT NULL,
    flagged bigint NOT NULL,
    rejected bigint NOT NULL,
    newest_fix timestamptz,
    PRIMARY KEY (hour, connection, sender, operator),
    CHECK (received = stored + duplicates + rejected)
);
COMMENT ON TABLE intake IS 'Records (fixes, weighings, notices, rejected ones) by the hour in which they were committed.';
COMMENT ON COLUMN intake.sender IS 'Operator or provider that sent them; empty: who runs this system.';
COMMENT ON COLUMN intake.operator IS 'Operator of the vehicle at the record''s time; where it is not known the sender, if that is an operator; else empty.';
COMMENT ON COLUMN intake.conflicts IS 'Of the duplicates, those that say something else than the copy that stood.';
COMMENT ON COLUMN intake.flagged IS 'Fixes that carried a flag when they came.';
COMMENT ON COLUMN intake.newest_fix IS 'The latest time of a fix that was not ahead of its receipt.';
-- What was stored before there were books is entered under the hour of its batch, with nobody named.
INSERT INTO intake
SELECT date_trunc('hour', committed_at), connection, '', '', sum(fixes + weighings + notices + rejections),
       sum(inserted + weighings + notices), sum(duplicates), 0, 0, sum(rejections), NULL
FROM batch GROUP BY 1, 2;

CREATE TABLE connection (
    name text COLLATE "C" PRIMARY KEY,
    started_at timestamptz,
    alive_at timestamptz,
    paused_at timestamptz,
    pause_reason text
);
COMMENT ON TABLE connection IS 'Connections of live data, each as it stands.';
COMMENT ON COLUMN connection.alive_at IS 'When it was last known to take data in.';
COMMENT ON COLUMN connection.paused_at IS 'Since when it is held because too much of it cannot be read; null: it runs.';

CREATE TABLE outage (
    connection text COLLATE "C" NOT NULL,
    start_time timestamptz NOT NULL,
    end_time timestamptz NOT NULL,
    PRIMARY KEY (connection, start_time),
    CHECK (start_time < end_time)
);
CREATE INDEX outage_time ON outage (end_time, start_time);
COMMENT ON TABLE outage IS 'Times at which a connection took nothing in through our own doing: a silence then accuses nobody.';

CREATE TABLE access_key (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sender text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    mosquitto text NOT NULL,
    rabbitmq text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz
);
CREATE UNIQUE INDEX access_key_current ON access_key (sender) WHERE revoked_at IS NULL;
COMMENT ON TABLE access_key IS 'Secrets of senders, only as hashes: the secret itself is shown once, when it is issued.';
COMMENT ON COLUMN access_key.token_hash IS 'SHA-256 of the secret, for HTTP.';
COMMENT ON COLUMN access_key.mosquitto IS 'The secret as Mosquitto''s password file holds it.';
COMMENT ON COLUMN access_key.rabbitmq IS 'The secret as RabbitMQ''s definitions hold it.';
