-- What dashboards may see without personal data, and the index of an operator's findings.

CREATE INDEX finding_operator ON finding (operator, at, row) WHERE withdrawn_at IS NULL;

CREATE VIEW driver_unnamed AS
SELECT id, operator, name IS NOT NULL AS registered FROM driver;
COMMENT ON VIEW driver_unnamed IS 'Drivers by number, without name and licence.';

CREATE VIEW finding_unnamed AS
SELECT row, run_id, rule, grade, vehicle_id, driver_id, operator, start_time, end_time, at, day, band, added_at,
       withdrawn_at, withdrawn_run, reason
FROM finding;
COMMENT ON VIEW finding_unnamed IS 'Findings without body, id and content: the body names the driver, and from a hash over the licence, whose other parts are known, the licence can be guessed.';

CREATE VIEW rejection_unnamed AS
SELECT id, source, sender, protocol, reason, seen, first_seen, last_seen, redriven_at, octet_length(payload) AS bytes
FROM rejection;
COMMENT ON VIEW rejection_unnamed IS 'Rejections without what was sent: it may name anybody.';
