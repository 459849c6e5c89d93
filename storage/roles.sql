-- Who may do what in the store. To be applied by the owner of its tables, who may create roles; as often as one likes.
-- Nobody logs in under these: grant them to login users, such as GRANT hanhtrinh_reader TO grafana.
-- Migrations, the registry (hanhtrinh import), secrets (hanhtrinh access), accounts (hanhtrinh people), pruning and backups
-- remain the owner's.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['hanhtrinh_ingest', 'hanhtrinh_check', 'hanhtrinh_api', 'hanhtrinh_reader'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END $$;

-- What was granted before goes, so that nothing holds but what stands here.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM hanhtrinh_ingest, hanhtrinh_check, hanhtrinh_api, hanhtrinh_reader;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM hanhtrinh_ingest, hanhtrinh_check, hanhtrinh_api, hanhtrinh_reader;
REVOKE ALL ON SCHEMA public FROM hanhtrinh_ingest, hanhtrinh_check, hanhtrinh_api, hanhtrinh_reader;
GRANT USAGE ON SCHEMA public TO hanhtrinh_ingest, hanhtrinh_check, hanhtrinh_api, hanhtrinh_reader;
GRANT SELECT ON migration, deployment, dropped TO hanhtrinh_ingest, hanhtrinh_check, hanhtrinh_api, hanhtrinh_reader;

-- Ingest: adds what arrives and the books of it, and puts a better copy in the place of a fix. No findings, no deletion.
GRANT SELECT ON operator, provider, registration, permit, station, road, road_import TO hanhtrinh_ingest;
GRANT SELECT, INSERT ON vehicle, driver TO hanhtrinh_ingest;
GRANT SELECT, INSERT ON batch, batch_position, fix_copy, weighing, notice TO hanhtrinh_ingest;
GRANT UPDATE (fixes, inserted, duplicates, replaced, weighings, notices, rejections, committed_at)
    ON batch TO hanhtrinh_ingest;
GRANT SELECT, INSERT ON fix TO hanhtrinh_ingest;
GRANT UPDATE (delay_s, lon_e7, lat_e7, speed_dkmh, driver_id, heading, altitude_m, ignition, door, aircon, flags, scaled,
              batch_id) ON fix TO hanhtrinh_ingest;
GRANT SELECT, INSERT ON rejection TO hanhtrinh_ingest;
GRANT UPDATE (seen, last_seen, redriven_at, outcome) ON rejection TO hanhtrinh_ingest;
GRANT SELECT, INSERT, UPDATE ON source_offset, intake, connection, outage TO hanhtrinh_ingest;
GRANT SELECT, INSERT ON vehicle_day TO hanhtrinh_ingest;
GRANT SELECT, INSERT, UPDATE ON vehicle_queue TO hanhtrinh_ingest, hanhtrinh_check;
GRANT UPDATE (touched, fixes) ON vehicle_day TO hanhtrinh_ingest;
GRANT SELECT (sender, token_hash, revoked_at) ON access_key TO hanhtrinh_ingest;
GRANT USAGE ON SEQUENCE batch_id_seq, touch TO hanhtrinh_ingest;

-- Check and what is made of its results (export, list, schedule, risk, rollup ...): reads records and registry, writes results.
GRANT SELECT ON operator, provider, vehicle, driver, registration, permit, station, road, road_import, area TO hanhtrinh_check;
GRANT SELECT ON fix, weighing, outage TO hanhtrinh_check;
GRANT SELECT, INSERT ON vehicle_day TO hanhtrinh_check;
GRANT UPDATE (touched, checked) ON vehicle_day TO hanhtrinh_check;
-- To lock a row one has to be allowed to change a column of it: this one takes no other value than the next number.
GRANT UPDATE (id) ON vehicle, driver TO hanhtrinh_check;
GRANT SELECT, INSERT ON run TO hanhtrinh_check;
GRANT SELECT, INSERT, DELETE ON activity, service_day, vehicle_hour, area_day TO hanhtrinh_check;
GRANT SELECT, INSERT, UPDATE, DELETE ON day_summary TO hanhtrinh_check;
GRANT SELECT, INSERT, UPDATE ON day_edge TO hanhtrinh_check;
GRANT SELECT, INSERT, DELETE ON road_match TO hanhtrinh_check;
GRANT UPDATE (stale) ON road_match TO hanhtrinh_check; -- answers of tiles that turn out to be of the roads
GRANT SELECT, INSERT ON finding TO hanhtrinh_check;
GRANT UPDATE (withdrawn_at, withdrawn_run, reason) ON finding TO hanhtrinh_check;
GRANT SELECT ON service_day_operator TO hanhtrinh_check;
GRANT INSERT ON finding_change, finding_place, finding_road TO hanhtrinh_check;
GRANT SELECT, INSERT, UPDATE ON finding_week, rule_week, change_day TO hanhtrinh_check;
GRANT SELECT, INSERT, UPDATE ON summary_week, summary_month, service_month TO hanhtrinh_check;
GRANT SELECT, INSERT, DELETE ON weighing_place, station_clock, station_review, station_review_wait TO hanhtrinh_check;
GRANT SELECT, INSERT, UPDATE, DELETE ON station_review_day TO hanhtrinh_check;
GRANT SELECT, INSERT, DELETE ON instrument_day, instrument_span, instrument_drift, station_gap TO hanhtrinh_check;
GRANT SELECT, INSERT, UPDATE ON station_stop TO hanhtrinh_check;
GRANT SELECT ON weighing_judged TO hanhtrinh_check;
-- What was published is added and read; the tables refuse the rest to everybody.
GRANT SELECT, INSERT ON list, list_file, list_entry, list_stamp, month_paper, delivery, job_run TO hanhtrinh_check;
GRANT SELECT, INSERT ON proof, proof_rule TO hanhtrinh_check;
GRANT USAGE ON SEQUENCE finding_row_seq, touch TO hanhtrinh_check;
-- What of the findings may be published.
GRANT SELECT (finding, rule, vehicle_id, at, content, state, outcome, due) ON finding_case TO hanhtrinh_check;

-- API and desk: read records and results, show them by the rights of the person who asks, and write what he does: his
-- session, steps of cases, the log. Accounts are made and ended on the command line; here one only changes his password.
GRANT SELECT ON operator, provider, vehicle, driver, registration, permit, station, road, road_import TO hanhtrinh_api;
GRANT SELECT ON fix, fix_copy, weighing, vehicle_day, activity, day_summary, road_match TO hanhtrinh_api;
GRANT SELECT ON service_day, service_day_operator, finding, finding_change, run, recorder_model TO hanhtrinh_api;
GRANT SELECT ON finding_place, finding_road, finding_week TO hanhtrinh_api;
GRANT SELECT ON rule_week, change_day, summary_week, summary_month, service_month TO hanhtrinh_api;
GRANT SELECT ON vehicle_hour, operator_hourly, operator_daily, finding_daily TO hanhtrinh_api;
GRANT SELECT ON weighing_place, station_clock, station_review, station_review_day TO hanhtrinh_api;
GRANT SELECT ON instrument_day, instrument_span, instrument_drift, station_gap, station_stop, weighing_judged
    TO hanhtrinh_api;
GRANT SELECT ON batch, batch_position, source_offset, intake, connection, outage TO hanhtrinh_api;
GRANT SELECT ON rejection_pruned, rejection_unnamed TO hanhtrinh_api;
GRANT SELECT ON person, session, login_attempt, api_token, audit, finding_case, case_step, attachment TO hanhtrinh_api;
-- Whom an OpenID provider vouches for is bound on the command line; the first log-in by an e-mail address tells the subject.
GRANT SELECT ON sign_on TO hanhtrinh_api;
GRANT UPDATE (subject) ON sign_on TO hanhtrinh_api;
GRANT SELECT, INSERT, DELETE ON sign_on_begun TO hanhtrinh_api;
GRANT UPDATE (password_hash, must_change) ON person TO hanhtrinh_api;
GRANT SELECT ON list, list_file, list_entry TO hanhtrinh_api;
GRANT INSERT, DELETE ON session TO hanhtrinh_api;
GRANT UPDATE (seen_at) ON session TO hanhtrinh_api;
GRANT INSERT, UPDATE, DELETE ON login_attempt TO hanhtrinh_api;
GRANT UPDATE (used_at) ON api_token TO hanhtrinh_api;
GRANT INSERT ON audit, finding_case, case_step, attachment TO hanhtrinh_api;
GRANT UPDATE (content, operator, state, outcome, moved_at, sent_at, sent_by, due) ON finding_case TO hanhtrinh_api;

-- Reader (dashboards): no secret, no name or licence of a driver, nothing of what was sent but could not be read.
GRANT SELECT ON operator, provider, vehicle, registration, permit, station, road, road_import, area TO hanhtrinh_reader;
GRANT SELECT ON batch, batch_position, source_offset, intake, connection, outage, rejection_pruned TO hanhtrinh_reader;
GRANT SELECT ON fix, fix_copy, weighing, vehicle_day, vehicle_queue, day_edge TO hanhtrinh_reader;
GRANT SELECT ON list, proof, proof_rule TO hanhtrinh_reader;
GRANT SELECT ON run, activity, day_summary, area_day, service_day, service_day_operator TO hanhtrinh_reader;
GRANT SELECT ON finding_change, finding_week, rule_week, change_day TO hanhtrinh_reader;
GRANT SELECT ON summary_week, summary_month, service_month TO hanhtrinh_reader;
GRANT SELECT ON vehicle_hour, operator_hourly, operator_daily, finding_daily, recorder_model TO hanhtrinh_reader;
GRANT SELECT ON driver_unnamed, finding_unnamed, rejection_unnamed TO hanhtrinh_reader;
GRANT SELECT ON vehicle_hour_operator, case_unnamed, list_size TO hanhtrinh_reader;
GRANT SELECT ON weighing_place, station_clock, station_review, station_review_day TO hanhtrinh_reader;
GRANT SELECT ON weighing_place, station_clock TO hanhtrinh_reader;
GRANT SELECT ON instrument_day, instrument_span, instrument_drift, station_gap, station_stop, weighing_judged
    TO hanhtrinh_reader;
