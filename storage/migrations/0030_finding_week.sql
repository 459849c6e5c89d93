-- How many findings of a vehicle stand, week by week: the page of an operator adds up thousands of them each time.
CREATE TABLE finding_week (
    operator text COLLATE "C" NOT NULL,
    week integer NOT NULL,
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    certain integer NOT NULL CHECK (certain >= 0),
    possible integer NOT NULL CHECK (possible >= 0),
    PRIMARY KEY (operator, week, vehicle_id)
);
COMMENT ON TABLE finding_week IS 'Findings that stand, by operator as in finding, week of day, and vehicle. Kept by the trigger that numbers changes.';
COMMENT ON COLUMN finding_week.week IS '(day + 3) / 7: day 0 was a Thursday.';
COMMENT ON COLUMN finding_week.possible IS 'Those of any grade but certain.';

-- Beside the number, under the same lock: one transaction at a time counts, so that none waits for a row of another.
CREATE OR REPLACE FUNCTION number_finding_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- 1: it stands now and did not before; -1: the other way round.
    more integer := (NEW.withdrawn_at IS NULL)::integer
        - CASE WHEN TG_OP = 'UPDATE' THEN (OLD.withdrawn_at IS NULL)::integer ELSE 0 END;
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(1718185574);
    INSERT INTO public.finding_change (finding_row, withdrawn, operator)
    VALUES (NEW.row, NEW.withdrawn_at IS NOT NULL, NEW.operator);
    IF NEW.operator IS NOT NULL THEN
        UPDATE public.finding_week
        SET certain = certain + CASE WHEN NEW.grade = 'certain' THEN more ELSE 0 END,
            possible = possible + CASE WHEN NEW.grade = 'certain' THEN 0 ELSE more END
        WHERE operator = NEW.operator AND week = (NEW.day + 3) / 7 AND vehicle_id = NEW.vehicle_id;
        IF NOT FOUND THEN
            INSERT INTO public.finding_week (operator, week, vehicle_id, certain, possible)
            VALUES (NEW.operator, (NEW.day + 3) / 7, NEW.vehicle_id, CASE WHEN NEW.grade = 'certain' THEN more ELSE 0 END,
                    CASE WHEN NEW.grade = 'certain' THEN 0 ELSE more END);
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- What was stored before: whoever writes findings waits for a migration.
INSERT INTO finding_week (operator, week, vehicle_id, certain, possible)
SELECT operator, (day + 3) / 7, vehicle_id, count(*) FILTER (WHERE grade = 'certain'),
       count(*) FILTER (WHERE grade <> 'certain')
FROM finding WHERE withdrawn_at IS NULL AND operator IS NOT NULL GROUP BY 1, 2, 3;
