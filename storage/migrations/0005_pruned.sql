-- Rejections that were removed because of their age stay in the account: the books are never written down.

CREATE TABLE rejection_pruned (
    pruned_at timestamptz NOT NULL,
    source text COLLATE "C" NOT NULL,
    sender text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    rejections bigint NOT NULL,
    seen bigint NOT NULL,
    bytes bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    PRIMARY KEY (pruned_at, source, sender, reason)
);
COMMENT ON TABLE rejection_pruned IS 'What was removed of the rejections, by run of the removal.';
COMMENT ON COLUMN rejection_pruned.sender IS 'Operator or provider that sent them; empty: who runs this system.';
COMMENT ON COLUMN rejection_pruned.rejections IS 'Rows removed; seen: how often they had arrived; bytes: of their payloads.';
COMMENT ON COLUMN rejection_pruned.first_seen IS 'Of all of them the first time; last_seen: the last.';
