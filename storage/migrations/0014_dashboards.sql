-- What dashboards show of cases and lists without persons, and hours of vehicles under their operators.

CREATE VIEW vehicle_hour_operator AS
SELECT r.operator, h.*
FROM vehicle_hour h
LEFT JOIN LATERAL (
    SELECT operator FROM registration
    WHERE vehicle_id = h.vehicle_id
    AND (valid_from IS NULL OR valid_from <= (h.hour AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
    AND (valid_to IS NULL OR valid_to >= (h.hour AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)
    ORDER BY valid_from DESC NULLS LAST, row DESC LIMIT 1) AS r ON true;
COMMENT ON VIEW vehicle_hour_operator IS 'Each hour under the operator that the vehicle was registered for on that local day; null: for none.';

CREATE VIEW case_unnamed AS
SELECT rule, operator, state, outcome, opened_at, moved_at, due FROM finding_case;
COMMENT ON VIEW case_unnamed IS 'Cases without finding, vehicle, driver and persons: how many stand how.';

CREATE VIEW list_size AS
SELECT position, change, count(*) AS findings FROM list_entry GROUP BY position, change;
COMMENT ON VIEW list_size IS 'How many findings each list names, and how many each amendment adds, withdraws and changes.';
