-- Weigh stations watched: instruments by day and by certificate, when they drifted, usual gaps, stops that were reported.

CREATE TABLE instrument_day (
    station text COLLATE "C" NOT NULL,
    day integer NOT NULL,
    lane bigint,
    instrument text COLLATE "C",
    weighings integer NOT NULL,
    unread integer NOT NULL,
    watching integer NOT NULL,
    mean_kg double precision,
    spread_kg double precision,
    UNIQUE NULLS NOT DISTINCT (station, day, lane, instrument));
CREATE INDEX instrument_day_day ON instrument_day (day);
COMMENT ON TABLE instrument_day IS 'By station, lane, instrument and local day: weighings, plates not read, steering axles of five-axle combinations. Made by the watching of stations; no finding rests on it.';
COMMENT ON COLUMN instrument_day.day IS 'Local day, days since 1970-01-01.';
COMMENT ON COLUMN instrument_day.watching IS 'Five-axle combinations of one, two and two axles whose steering axle counts.';
COMMENT ON COLUMN instrument_day.mean_kg IS 'Mean of those steering axles, kg; null: there was none.';
COMMENT ON COLUMN instrument_day.spread_kg IS 'Standard deviation of that sample, kg; null: fewer than two.';

CREATE TABLE instrument_span (
    station text COLLATE "C" NOT NULL,
    lane bigint,
    instrument text COLLATE "C",
    certificate text COLLATE "C",
    since timestamptz NOT NULL,
    until timestamptz,
    watching integer NOT NULL,
    state text NOT NULL CHECK (state IN ('learning', 'watched', 'warning', 'alarm')),
    mean_kg double precision,
    spread_kg double precision,
    level integer NOT NULL);
CREATE INDEX instrument_span_station ON instrument_span (station, lane, instrument, since DESC);
COMMENT ON TABLE instrument_span IS 'Each instrument from one certificate to the next, and how it stands at the end of it.';
COMMENT ON COLUMN instrument_span.until IS 'First weighing under the next certificate; null: it is the last.';
COMMENT ON COLUMN instrument_span.state IS 'learning: its baseline is not complete; warning, alarm: the sum of deviations is beyond that level.';
COMMENT ON COLUMN instrument_span.mean_kg IS 'Mean steering axle of the baseline, kg.';
COMMENT ON COLUMN instrument_span.spread_kg IS 'Standard deviation of the baseline, kg; null: not yet known.';
COMMENT ON COLUMN instrument_span.level IS 'The larger sum of deviations, thousandths of the baseline''s spread.';

CREATE TABLE instrument_drift (
    station text COLLATE "C" NOT NULL,
    lane bigint,
    instrument text COLLATE "C",
    certificate text COLLATE "C",
    direction text NOT NULL CHECK (direction IN ('high', 'low')),
    since timestamptz NOT NULL,
    warned_at timestamptz NOT NULL,
    alarmed_at timestamptz,
    until timestamptz,
    watching integer NOT NULL,
    after integer NOT NULL,
    shift_permille integer NOT NULL);
CREATE INDEX instrument_drift_station ON instrument_drift (station, lane, instrument, since);
COMMENT ON TABLE instrument_drift IS 'When an instrument showed more (high) or less (low) than under its certificate at first, beyond the warning.';
COMMENT ON COLUMN instrument_drift.alarmed_at IS 'Null: it never got to the alarm, and puts no weighing in doubt.';
COMMENT ON COLUMN instrument_drift.until IS 'First weighing at which it was as before, or under another certificate; null: it goes on.';
COMMENT ON COLUMN instrument_drift.after IS 'Five-axle combinations from its beginning to the alarm.';
COMMENT ON COLUMN instrument_drift.shift_permille IS 'Of the mean steering axle in that time.';

CREATE TABLE station_gap (
    station text COLLATE "C" PRIMARY KEY,
    usual_s integer,
    silence_s integer,
    made_at timestamptz NOT NULL);
COMMENT ON TABLE station_gap IS 'How long a station''s gaps between two weighings usually are while it is open, and from when on one is a silence; null: not known.';
COMMENT ON COLUMN station_gap.usual_s IS 'At most so long is the share of gaps that method figures name.';
COMMENT ON COLUMN station_gap.silence_s IS 'From here on nothing weighed is a silence.';

CREATE TABLE station_stop (
    station text COLLATE "C" NOT NULL,
    time_from timestamptz NOT NULL,
    time_to timestamptz,
    reason text NOT NULL,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (station, time_from),
    CHECK (time_to > time_from));
COMMENT ON TABLE station_stop IS 'Stops of weigh stations as they were reported to the Department.';
COMMENT ON COLUMN station_stop.time_to IS 'Null: not over when it was reported.';

-- Each weighing once, whoever ran the vehicle that day, what it carried, and whether it stands as an overload. Boards, the
-- API, the desk and the monthly report count from here, so that they say the same.
CREATE VIEW weighing_judged AS
SELECT w.station, w.lane, w."time", w.vehicle_id, v.plate = '?' AS unread, w.gross_kg, r.operator,
       CASE WHEN r.kind IS NULL THEN 'unknown'
            WHEN w.containers OR r.business = 'container' THEN 'container'
            WHEN r.liquid_tank OR t.liquid_tank THEN 'liquid'
            ELSE coalesce(t.kind, r.kind) END AS cargo,
       f.excess IS NOT NULL AS over, f.excess
FROM (SELECT station, "time", vehicle_id, lane, ticket, min(trailer) AS trailer, max(gross_kg) AS gross_kg,
             bool_or(containers > 0) AS containers
      FROM weighing GROUP BY station, "time", vehicle_id, lane, ticket) AS w
JOIN vehicle v ON v.id = w.vehicle_id
LEFT JOIN LATERAL (
    SELECT operator, kind, business, liquid_tank FROM registration
    WHERE vehicle_id = w.vehicle_id
    AND (valid_from IS NULL OR valid_from <= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
    AND (valid_to IS NULL OR valid_to >= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
    ORDER BY valid_from DESC NULLS LAST, row DESC LIMIT 1) AS r ON true
LEFT JOIN LATERAL (
    SELECT q.kind, q.liquid_tank FROM vehicle u JOIN registration q ON q.vehicle_id = u.id
    WHERE u.plate = w.trailer
    AND (q.valid_from IS NULL OR q.valid_from <= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
    AND (q.valid_to IS NULL OR q.valid_to >= ((w."time" AT TIME ZONE 'UTC') + interval '7 hours')::date)
    ORDER BY q.valid_from DESC NULLS LAST, q.row DESC LIMIT 1) AS t ON true
LEFT JOIN LATERAL (
    SELECT max(f.excess) AS excess
    FROM finding f LEFT JOIN finding_case c ON c.finding = f.id
    WHERE f.vehicle_id = w.vehicle_id AND f.at = w."time" AND f.withdrawn_at IS NULL AND f.grade = 'certain'
    AND starts_with(f.rule, 'overload_') AND f.body->'detail'->>'station' = w.station
    AND f.body->'detail'->>'ticket' IS NOT DISTINCT FROM w.ticket
    AND (c.outcome IS NULL OR c.outcome NOT IN ('overturned', 'dismissed'))) AS f ON true;
COMMENT ON VIEW weighing_judged IS 'Weighings, records that differ only in what they were weighed with once, with operator and kind of cargo.';
COMMENT ON COLUMN weighing_judged.cargo IS 'container, liquid, else the kind of what carries it: the trailer''s, or the vehicle''s; unknown: not on file.';
COMMENT ON COLUMN weighing_judged.over IS 'Whether a certain finding of overload stands, and no case has ended against it.';
COMMENT ON COLUMN weighing_judged.excess IS 'The largest excess of those findings, percent of the limit.';

-- When a day's weighings were placed: what a backup does not hold yet is not removed. Of days made before, now.
ALTER TABLE station_clock ADD COLUMN made_at timestamptz NOT NULL DEFAULT clock_timestamp();
COMMENT ON COLUMN station_clock.made_at IS 'When the day was made; its rows of weighing_place with it.';
COMMENT ON TABLE dropped IS 'Stretches that were removed from the store after the term of the law, and the backup that holds them.';
COMMENT ON COLUMN dropped.name IS 'The table: fix, fix_copy, weighing_place or station_clock.';
