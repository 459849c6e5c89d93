-- What the API asks for: findings in the order in which they changed, by their filters, and names by how they begin.

CREATE TABLE finding_change (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    finding_row bigint NOT NULL REFERENCES finding (row),
    withdrawn boolean NOT NULL,
    operator text COLLATE "C",
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX finding_change_operator ON finding_change (operator, number);
CREATE INDEX finding_change_at ON finding_change (changed_at);
COMMENT ON TABLE finding_change IS 'Each addition and each withdrawal of a finding, in the order in which they were committed.';
COMMENT ON COLUMN finding_change.number IS 'Rises in the order of commits: whoever sees a number sees every lower one that there will ever be. Numbers left out mean nothing.';
COMMENT ON COLUMN finding_change.operator IS 'Operator of the finding, as in finding.';
COMMENT ON COLUMN finding_change.changed_at IS 'When it was committed.';

-- What was stored before.
INSERT INTO finding_change (finding_row, withdrawn, operator, changed_at)
SELECT * FROM (SELECT row, false, operator, added_at FROM finding
               UNION ALL
               SELECT row, true, operator, withdrawn_at FROM finding WHERE withdrawn_at IS NOT NULL)
    AS old (row, withdrawn, operator, changed_at)
ORDER BY changed_at, withdrawn DESC, row;

-- A number drawn while a transaction works would become visible in another order than that of the numbers. So it is
-- drawn at the commit, by one transaction at a time: the lock is let go after the commit can be seen. All other locks are
-- held by then, so that nobody who has this one waits for somebody who wants it.
CREATE FUNCTION number_finding_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(1718185574);
    INSERT INTO public.finding_change (finding_row, withdrawn, operator)
    VALUES (NEW.row, NEW.withdrawn_at IS NOT NULL, NEW.operator);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER finding_changed AFTER INSERT OR UPDATE OF withdrawn_at ON finding
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION number_finding_change();

CREATE INDEX finding_vehicle_at ON finding (vehicle_id, at, row) WHERE withdrawn_at IS NULL;
CREATE INDEX finding_driver_at ON finding (driver_id, at, row) WHERE withdrawn_at IS NULL AND driver_id IS NOT NULL;
CREATE INDEX finding_rule_at ON finding (rule, at, row) WHERE withdrawn_at IS NULL;
CREATE INDEX driver_operator ON driver (operator, licence);

-- Names without the marks of Vietnamese, for whoever types without them. No extension is needed for it.
CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(translate(normalize($1, NFC),
    'àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ',
    'aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyydaaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd') COLLATE "C");
COMMENT ON FUNCTION folded IS 'Lower case, Vietnamese letters without their marks.';
CREATE INDEX operator_words ON operator USING gin (to_tsvector('simple'::regconfig, folded(name)));
CREATE INDEX vehicle_plate_end ON vehicle (reverse(plate));
COMMENT ON INDEX vehicle_plate_end IS 'Plates by their last figures.';
