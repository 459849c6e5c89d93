-- How many findings of a rule stand, week by week, and how many came and went on a day: the first page that everybody
-- opens counted tens of thousands each time.
CREATE TABLE rule_week (
    week integer NOT NULL,
    operator text COLLATE "C",
    rule text COLLATE "C" NOT NULL,
    certain integer NOT NULL CHECK (certain >= 0),
    possible integer NOT NULL CHECK (possible >= 0),
    UNIQUE NULLS NOT DISTINCT (week, operator, rule) INCLUDE (certain, possible)
);
COMMENT ON TABLE rule_week IS 'Findings that stand, by week of day, operator as in finding (null: none), and rule; columns as in finding_week. Kept by the trigger that numbers changes.';

CREATE TABLE change_day (
    day integer NOT NULL,
    operator text COLLATE "C",
    added integer NOT NULL CHECK (added >= 0),
    withdrawn integer NOT NULL CHECK (withdrawn >= 0),
    UNIQUE NULLS NOT DISTINCT (day, operator) INCLUDE (added, withdrawn)
);
COMMENT ON TABLE change_day IS 'Additions and withdrawals in finding_change, by local day and operator (null: none). Kept by the trigger that numbers them.';
COMMENT ON COLUMN change_day.day IS 'Local day of changed_at, days since 1970-01-01.';

-- Beside the number, under the same lock: one transaction at a time counts, so that none waits for a row of another.
CREATE OR REPLACE FUNCTION number_finding_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- 1: it stands now and did not before; -1: the other way round.
    more integer := (NEW.withdrawn_at IS NULL)::integer
        - CASE WHEN TG_OP = 'UPDATE' THEN (OLD.withdrawn_at IS NULL)::integer ELSE 0 END;
    more_certain integer := CASE WHEN NEW.grade = 'certain' THEN more ELSE 0 END;
    more_possible integer := more - more_certain;
    gone boolean := NEW.withdrawn_at IS NOT NULL;
    moment timestamptz;
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(1718185574);
    moment := clock_timestamp();
    INSERT INTO public.finding_change (finding_row, withdrawn, operator, changed_at)
    VALUES (NEW.row, gone, NEW.operator, moment);
    INSERT INTO public.change_day AS c (day, operator, added, withdrawn)
    VALUES (floor((extract(epoch FROM moment) + 25200) / 86400), NEW.operator, (NOT gone)::integer, gone::integer)
    ON CONFLICT (day, operator) DO UPDATE
    SET added = c.added + EXCLUDED.added, withdrawn = c.withdrawn + EXCLUDED.withdrawn;
    INSERT INTO public.rule_week AS r (week, operator, rule, certain, possible)
    VALUES ((NEW.day + 3) / 7, NEW.operator, NEW.rule, greatest(more_certain, 0), greatest(more_possible, 0))
    ON CONFLICT (week, operator, rule) DO UPDATE
    SET certain = r.certain + more_certain, possible = r.possible + more_possible;
    IF NEW.operator IS NOT NULL THEN
        INSERT INTO public.finding_week AS w (operator, week, vehicle_id, certain, possible)
        VALUES (NEW.operator, (NEW.day + 3) / 7, NEW.vehicle_id, greatest(more_certain, 0), greatest(more_possible, 0))
        ON CONFLICT (operator, week, vehicle_id) DO UPDATE
        SET certain = w.certain + more_certain, possible = w.possible + more_possible;
    END IF;
    RETURN NULL;
END $$;

-- What was stored before: whoever writes findings waits for a migration.
INSERT INTO rule_week (week, operator, rule, certain, possible)
SELECT (day + 3) / 7, operator, rule, count(*) FILTER (WHERE grade = 'certain'), count(*) FILTER (WHERE grade <> 'certain')
FROM finding WHERE withdrawn_at IS NULL GROUP BY 1, 2, 3;
INSERT INTO change_day (day, operator, added, withdrawn)
SELECT floor((extract(epoch FROM changed_at) + 25200) / 86400), operator, count(*) FILTER (WHERE NOT withdrawn),
       count(*) FILTER (WHERE withdrawn)
FROM finding_change GROUP BY 1, 2;
