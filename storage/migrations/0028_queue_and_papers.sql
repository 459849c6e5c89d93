-- What waits to be judged, by vehicle: so a round of check looks at the heads of queues, not at every window that waits.

CREATE TABLE vehicle_queue (
    vehicle_id integer PRIMARY KEY REFERENCES vehicle (id),
    days integer NOT NULL DEFAULT 0,
    live boolean NOT NULL DEFAULT false,
    late boolean NOT NULL DEFAULT false,
    operator text COLLATE "C" NOT NULL DEFAULT '',
    first_touch bigint,
    last_touch bigint,
    checked bigint
) WITH (fillfactor = 80);
CREATE INDEX vehicle_queue_live ON vehicle_queue (operator, checked, vehicle_id) WHERE live;
CREATE INDEX vehicle_queue_quiet ON vehicle_queue (last_touch) WHERE live;
CREATE INDEX vehicle_queue_late ON vehicle_queue (operator, first_touch, vehicle_id) WHERE late;
COMMENT ON TABLE vehicle_queue IS 'What of vehicle_day waits, by vehicle; made of it by its triggers, in the same transaction.';
COMMENT ON COLUMN vehicle_queue.days IS 'How many windows wait; 0: none, and the rest says nothing.';
COMMENT ON COLUMN vehicle_queue.live IS 'Whether its newest day waits.';
COMMENT ON COLUMN vehicle_queue.late IS 'Whether another day waits.';
COMMENT ON COLUMN vehicle_queue.operator IS 'Of the registration in force on the last day that waits; empty: none.';
COMMENT ON COLUMN vehicle_queue.first_touch IS 'The lowest vehicle_day.touched of those that wait.';
COMMENT ON COLUMN vehicle_queue.last_touch IS 'The highest.';
COMMENT ON COLUMN vehicle_queue.checked IS 'The highest vehicle_day.checked of those that wait.';

-- The rows are locked already, in an order that all keep to, before a later statement reads what they are made of: of
-- two transactions on one vehicle the later sees what the earlier did.
CREATE FUNCTION queue_vehicles(ids integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.vehicle_queue (vehicle_id) SELECT id FROM unnest(ids) AS u (id) ORDER BY id ON CONFLICT DO NOTHING;
    PERFORM FROM public.vehicle_queue WHERE vehicle_id = ANY(ids) ORDER BY vehicle_id FOR NO KEY UPDATE;
    UPDATE public.vehicle_queue q
    SET (days, live, late, operator, first_touch, last_touch, checked) = (
        SELECT w.days, n.newest, w.days > n.newest::int, coalesce(
                   (SELECT operator FROM public.registration WHERE vehicle_id = q.vehicle_id
                    AND date '1970-01-01' + w.last BETWEEN coalesce(valid_from, '-infinity') AND coalesce(valid_to, 'infinity')
                    ORDER BY valid_from DESC NULLS LAST, row DESC LIMIT 1), ''),
               w.first_touch, w.last_touch, w.checked
        FROM (SELECT count(*)::int AS days, max(day) AS last, min(touched) AS first_touch, max(touched) AS last_touch,
                     max(checked) AS checked
              FROM public.vehicle_day WHERE vehicle_id = q.vehicle_id AND touched > checked) w
        CROSS JOIN LATERAL (
            SELECT coalesce(w.last = (SELECT max(day) FROM public.vehicle_day WHERE vehicle_id = q.vehicle_id), false)
            OFFSET 0) n (newest)) -- asked once
    WHERE q.vehicle_id = ANY(ids);
END $$;

CREATE FUNCTION queue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- A day that is entered and does not wait yet is touched by the next statement.
    ids integer[] := ARRAY(SELECT DISTINCT vehicle_id FROM changed WHERE TG_OP <> 'INSERT' OR touched > checked);
BEGIN
    IF cardinality(ids) > 0 THEN
        PERFORM public.queue_vehicles(ids);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION queue_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM public.vehicle_queue;
    RETURN NULL;
END $$;

SELECT queue_vehicles(ARRAY(SELECT DISTINCT vehicle_id FROM vehicle_day));
CREATE TRIGGER queue_inserted AFTER INSERT ON vehicle_day REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION queue_changed();
CREATE TRIGGER queue_updated AFTER UPDATE ON vehicle_day REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION queue_changed();
CREATE TRIGGER queue_deleted AFTER DELETE ON vehicle_day REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION queue_changed();
CREATE TRIGGER queue_emptied AFTER TRUNCATE ON vehicle_day FOR EACH STATEMENT EXECUTE FUNCTION queue_nothing();

-- What a month was told of on paper, as it went out: what is delivered, and delivered again, is the same.
CREATE TABLE month_paper (
    month text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (month, name)
);
COMMENT ON TABLE month_paper IS 'Files that the schedule made of a month: proposals, drafts, reports, statistics; and their sums.';
COMMENT ON COLUMN month_paper.month IS 'Such as 2026-03.';
CREATE TRIGGER month_paper_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON month_paper EXECUTE FUNCTION refuse_change();

ALTER TABLE delivery ALTER COLUMN position DROP NOT NULL;
ALTER TABLE delivery ADD COLUMN month text COLLATE "C";
ALTER TABLE delivery ADD CONSTRAINT delivery_of_one CHECK (num_nonnulls(position, month) = 1);
CREATE UNIQUE INDEX delivery_month ON delivery (month, recipient, attempt, step) WHERE month IS NOT NULL;
CREATE UNIQUE INDEX delivery_month_once ON delivery (month, recipient) WHERE step = 'delivered' AND month IS NOT NULL;
COMMENT ON COLUMN delivery.position IS 'Of a list; null: it is of a month''s papers.';
COMMENT ON COLUMN delivery.month IS 'Whose papers; null: it is of a list.';
