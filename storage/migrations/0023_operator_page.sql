-- A month's breaches are counted from an index alone: what a finding exceeds its limit by stands beside its text, which
-- is some 2 kB wide. Both are written at once and never change. A text may hold a NUL, which no operator of JSON takes.
ALTER TABLE finding ADD COLUMN excess double precision;
UPDATE finding SET excess = (replace(body::text, '\u0000', '\u0001')::json ->> 'excess')::double precision;
COMMENT ON COLUMN finding.excess IS 'As in body: by how much the limit is exceeded, in the unit of the rule.';

DROP INDEX finding_vehicle_at;
CREATE INDEX finding_vehicle_at ON finding (vehicle_id, at, row) INCLUDE (rule, grade, excess)
    WHERE withdrawn_at IS NULL;
CREATE INDEX finding_case_vehicle ON finding_case (vehicle_id);
