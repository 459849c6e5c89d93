-- The same rows as before, sooner: what a question does not ask for is not looked up, nor a trailer where there is none.
CREATE OR REPLACE VIEW weighing_judged AS
SELECT w.station, w.lane, w."time", w.vehicle_id, v.plate = '?' AS unread, w.gross_kg,
       (SELECT r.operator FROM registration r
        WHERE r.vehicle_id = w.vehicle_id
        AND (r.valid_from IS NULL OR r.valid_from <= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
        AND (r.valid_to IS NULL OR r.valid_to >= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
        ORDER BY r.valid_from DESC NULLS LAST, r.row DESC LIMIT 1) AS operator,
       coalesce((
        SELECT CASE WHEN w.containers OR r.business = 'container' THEN 'container'
                    WHEN r.liquid_tank OR t.liquid_tank THEN 'liquid'
                    ELSE coalesce(t.kind, r.kind) END
        FROM registration r
        LEFT JOIN LATERAL (
            SELECT q.kind, q.liquid_tank FROM vehicle u JOIN registration q ON q.vehicle_id = u.id
            WHERE w.trailer IS NOT NULL AND u.plate = w.trailer
            AND (q.valid_from IS NULL OR q.valid_from <= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
            AND (q.valid_to IS NULL OR q.valid_to >= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
            ORDER BY q.valid_from DESC NULLS LAST, q.row DESC LIMIT 1) AS t ON true
        WHERE r.vehicle_id = w.vehicle_id
        AND (r.valid_from IS NULL OR r.valid_from <= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
        AND (r.valid_to IS NULL OR r.valid_to >= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
        ORDER BY r.valid_from DESC NULLS LAST, r.row DESC LIMIT 1), 'unknown') AS cargo,
       f.excess IS NOT NULL AS over, f.excess
FROM (SELECT station, "time", vehicle_id, lane, ticket, min(trailer) AS trailer, max(gross_kg) AS gross_kg,
             bool_or(containers > 0) AS containers
      FROM weighing GROUP BY station, "time", vehicle_id, lane, ticket) AS w
JOIN vehicle v ON v.id = w.vehicle_id
LEFT JOIN LATERAL (
    SELECT max(f.excess) AS excess
    FROM finding f LEFT JOIN finding_case c ON c.finding = f.id
    WHERE f.vehicle_id = w.vehicle_id AND f.at = w."time" AND f.withdrawn_at IS NULL AND f.grade = 'certain'
    AND starts_with(f.rule, 'overload_') AND f.body->'detail'->>'station' = w.station
    AND f.body->'detail'->>'ticket' IS NOT DISTINCT FROM w.ticket
    AND (c.outcome IS NULL OR c.outcome NOT IN ('overturned', 'dismissed'))) AS f ON true;
