-- Sums of a vehicle's days, week by week and month by month: the page of an operator added up each day of a quarter.
CREATE TABLE summary_week (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    week integer NOT NULL,
    days smallint NOT NULL CHECK (days BETWEEN 0 AND 7),
    sending smallint NOT NULL CHECK (sending BETWEEN 0 AND 127),
    driven_mm bigint NOT NULL,
    PRIMARY KEY (vehicle_id, week) INCLUDE (days, sending, driven_mm)
);
CREATE INDEX summary_week_sending ON summary_week (week, vehicle_id) WHERE sending > 0;
COMMENT ON TABLE summary_week IS 'Sums of day_summary by vehicle and local week. Kept by its trigger.';
COMMENT ON COLUMN summary_week.week IS '(day + 3) / 7: day 0 was a Thursday.';
COMMENT ON COLUMN summary_week.days IS 'Rows of day_summary in it; none: those that were are gone.';
COMMENT ON COLUMN summary_week.sending IS 'Days with fixes: the sum of 1 for a Monday, 2 for a Tuesday, 4, 8, 16, 32, and 64 for a Sunday.';
COMMENT ON COLUMN summary_week.driven_mm IS 'Sum of driving_m, each day rounded to whole mm.';

CREATE TABLE summary_month (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    month integer NOT NULL,
    days smallint NOT NULL CHECK (days BETWEEN 0 AND 31),
    fixes bigint NOT NULL,
    driven_mm bigint NOT NULL,
    known_s bigint NOT NULL,
    PRIMARY KEY (month, vehicle_id)
);
COMMENT ON TABLE summary_month IS 'Sums of day_summary by vehicle and local month; columns as in summary_week. Kept by its trigger.';
COMMENT ON COLUMN summary_month.month IS '12 times the year, and the month, 0 for January.';
COMMENT ON COLUMN summary_month.driven_mm IS 'As in summary_week.';
COMMENT ON COLUMN summary_month.known_s IS 'Sum of driving_s and standing_s.';

CREATE TABLE service_month (
    vehicle_id integer NOT NULL REFERENCES vehicle (id),
    month integer NOT NULL,
    days smallint NOT NULL CHECK (days BETWEEN 0 AND 31),
    online smallint NOT NULL CHECK (online BETWEEN 0 AND 31),
    fixes bigint NOT NULL,
    usable bigint NOT NULL,
    drifted bigint NOT NULL,
    future bigint NOT NULL,
    without_receipt bigint NOT NULL,
    moving_steps bigint NOT NULL,
    moving_judged bigint NOT NULL,
    moving_timely bigint NOT NULL,
    standing_steps bigint NOT NULL,
    standing_judged bigint NOT NULL,
    standing_timely bigint NOT NULL,
    driving_mm bigint NOT NULL,
    track_mm bigint NOT NULL,
    PRIMARY KEY (month, vehicle_id)
);
COMMENT ON TABLE service_month IS 'Sums of service_day by vehicle and local month, as summary_month; columns as there. Kept by its trigger.';
COMMENT ON COLUMN service_month.online IS 'Days with a usable fix.';
COMMENT ON COLUMN service_month.driving_mm IS 'As in service_day.';
COMMENT ON COLUMN service_month.track_mm IS 'As in service_day.';

CREATE FUNCTION month_of_day(day integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    (extract(year FROM date '1970-01-01' + day) * 12 + extract(month FROM date '1970-01-01' + day))::integer - 1;
COMMENT ON FUNCTION month_of_day IS 'The local month of a local day, as summary_month has it.';

-- Of a row that has changed what it was is taken away first: no sum is ever less than nothing.
CREATE FUNCTION sum_day_summary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE public.summary_week
        SET days = days - 1, sending = sending - ((OLD.fixes > 0)::integer << ((OLD.day + 3) % 7)),
            driven_mm = driven_mm - round(OLD.driving_m * 1000)::bigint
        WHERE vehicle_id = OLD.vehicle_id AND week = (OLD.day + 3) / 7;
        UPDATE public.summary_month
        SET days = days - 1, fixes = fixes - OLD.fixes, driven_mm = driven_mm - round(OLD.driving_m * 1000)::bigint,
            known_s = known_s - OLD.driving_s - OLD.standing_s
        WHERE vehicle_id = OLD.vehicle_id AND month = public.month_of_day(OLD.day);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO public.summary_week AS w (vehicle_id, week, days, sending, driven_mm)
        VALUES (NEW.vehicle_id, (NEW.day + 3) / 7, 1, (NEW.fixes > 0)::integer << ((NEW.day + 3) % 7),
                round(NEW.driving_m * 1000)::bigint)
        ON CONFLICT (vehicle_id, week) DO UPDATE
        SET days = w.days + 1, sending = w.sending + EXCLUDED.sending, driven_mm = w.driven_mm + EXCLUDED.driven_mm;
        INSERT INTO public.summary_month AS m (vehicle_id, month, days, fixes, driven_mm, known_s)
        VALUES (NEW.vehicle_id, public.month_of_day(NEW.day), 1, NEW.fixes, round(NEW.driving_m * 1000)::bigint,
                NEW.driving_s + NEW.standing_s)
        ON CONFLICT (month, vehicle_id) DO UPDATE
        SET days = m.days + 1, fixes = m.fixes + EXCLUDED.fixes, driven_mm = m.driven_mm + EXCLUDED.driven_mm,
            known_s = m.known_s + EXCLUDED.known_s;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER day_summary_sums AFTER INSERT OR UPDATE OR DELETE ON day_summary
    FOR EACH ROW EXECUTE FUNCTION sum_day_summary();

CREATE FUNCTION sum_service_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE public.service_month
        SET days = days - 1, online = online - (OLD.usable > 0)::integer, fixes = fixes - OLD.fixes,
            usable = usable - OLD.usable, drifted = drifted - OLD.drifted, future = future - OLD.future,
            without_receipt = without_receipt - OLD.without_receipt, moving_steps = moving_steps - OLD.moving_steps,
            moving_judged = moving_judged - OLD.moving_judged, moving_timely = moving_timely - OLD.moving_timely,
            standing_steps = standing_steps - OLD.standing_steps,
            standing_judged = standing_judged - OLD.standing_judged,
            standing_timely = standing_timely - OLD.standing_timely, driving_mm = driving_mm - OLD.driving_mm,
            track_mm = track_mm - OLD.track_mm
        WHERE vehicle_id = OLD.vehicle_id AND month = public.month_of_day(OLD.day);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO public.service_month AS m
            (vehicle_id, month, days, online, fixes, usable, drifted, future, without_receipt, moving_steps,
            moving_judged, moving_timely, standing_steps, standing_judged, standing_timely, driving_mm, track_mm)
        VALUES
            (NEW.vehicle_id, public.month_of_day(NEW.day), 1, (NEW.usable > 0)::integer, NEW.fixes, NEW.usable,
            NEW.drifted, NEW.future, NEW.without_receipt, NEW.moving_steps, NEW.moving_judged, NEW.moving_timely,
            NEW.standing_steps, NEW.standing_judged, NEW.standing_timely, NEW.driving_mm, NEW.track_mm)
        ON CONFLICT (month, vehicle_id) DO UPDATE
        SET days = m.days + 1, online = m.online + EXCLUDED.online, fixes = m.fixes + EXCLUDED.fixes,
            usable = m.usable + EXCLUDED.usable, drifted = m.drifted + EXCLUDED.drifted,
            future = m.future + EXCLUDED.future, without_receipt = m.without_receipt + EXCLUDED.without_receipt,
            moving_steps = m.moving_steps + EXCLUDED.moving_steps,
            moving_judged = m.moving_judged + EXCLUDED.moving_judged,
            moving_timely = m.moving_timely + EXCLUDED.moving_timely,
            standing_steps = m.standing_steps + EXCLUDED.standing_steps,
            standing_judged = m.standing_judged + EXCLUDED.standing_judged,
            standing_timely = m.standing_timely + EXCLUDED.standing_timely,
            driving_mm = m.driving_mm + EXCLUDED.driving_mm, track_mm = m.track_mm + EXCLUDED.track_mm;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER service_day_sums AFTER INSERT OR UPDATE OR DELETE ON service_day
    FOR EACH ROW EXECUTE FUNCTION sum_service_day();

-- The page of an operator reads hundreds of these rows, each on a page of its own: now it reads the index alone.
ALTER TABLE finding_week DROP CONSTRAINT finding_week_pkey,
    ADD PRIMARY KEY (operator, week, vehicle_id) INCLUDE (certain, possible);

-- What was judged before: whoever judges waits for a migration.
INSERT INTO summary_week (vehicle_id, week, days, sending, driven_mm)
SELECT vehicle_id, (day + 3) / 7, count(*), sum((fixes > 0)::integer << ((day + 3) % 7)),
       sum(round(driving_m * 1000)::bigint)
FROM day_summary GROUP BY 1, 2;
INSERT INTO summary_month (vehicle_id, month, days, fixes, driven_mm, known_s)
SELECT vehicle_id, month_of_day(day), count(*), sum(fixes), sum(round(driving_m * 1000)::bigint),
       sum(driving_s + standing_s)
FROM day_summary GROUP BY 1, 2;
INSERT INTO service_month
    (vehicle_id, month, days, online, fixes, usable, drifted, future, without_receipt, moving_steps, moving_judged,
    moving_timely, standing_steps, standing_judged, standing_timely, driving_mm, track_mm)
SELECT vehicle_id, month_of_day(day), count(*), count(*) FILTER (WHERE usable > 0),
       sum(fixes), sum(usable), sum(drifted), sum(future), sum(without_receipt), sum(moving_steps),
       sum(moving_judged), sum(moving_timely), sum(standing_steps), sum(standing_judged), sum(standing_timely),
       sum(driving_mm), sum(track_mm)
FROM service_day GROUP BY 1, 2;
