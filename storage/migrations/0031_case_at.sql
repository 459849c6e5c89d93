-- A month or a week asks for the cases of its own findings: among those of all years it looked up each one's finding.
-- The instant is part of a finding's id, so that it never changes.
ALTER TABLE finding_case ADD COLUMN at timestamptz;
UPDATE finding_case c SET at = (SELECT f.at FROM finding f WHERE f.id = c.finding ORDER BY f.row DESC LIMIT 1);
ALTER TABLE finding_case ALTER COLUMN at SET NOT NULL;
COMMENT ON COLUMN finding_case.at IS 'As in finding: when the offence was complete.';

DROP INDEX finding_case_vehicle;
CREATE INDEX finding_case_vehicle ON finding_case (vehicle_id, at);
CREATE INDEX finding_case_at ON finding_case (at);
