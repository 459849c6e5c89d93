-- Findings are counted from an index alone: a row of theirs is some 2 kB wide, and a week of a province has thousands.

DROP INDEX finding_at;
CREATE INDEX finding_at ON finding (at, row)
    INCLUDE (day, rule, grade, band, operator, vehicle_id, withdrawn_at);

DROP INDEX finding_operator;
CREATE INDEX finding_operator ON finding (operator, at, row) INCLUDE (day, rule, grade, vehicle_id)
    WHERE withdrawn_at IS NULL;
