-- Drops whatever tests made, and leaves the extension: it cannot be created twice in one session, and the engine has
-- one. What has an owner (deptype i) goes with it, what belongs to an extension (deptype e) stays.
DO $$
DECLARE
    statement text;
BEGIN
    PERFORM public.delete_job(job_id) FROM timescaledb_information.jobs WHERE job_id >= 1000;
    FOREACH statement IN ARRAY ARRAY(
        SELECT format('DROP MATERIALIZED VIEW IF EXISTS %I.%I CASCADE', view_schema, view_name)
        FROM timescaledb_information.continuous_aggregates
    ) || ARRAY(
        SELECT format('DROP TABLE IF EXISTS %I.%I CASCADE', hypertable_schema, hypertable_name)
        FROM timescaledb_information.hypertables
    ) || ARRAY(
        SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
        WHERE nspname !~ '^(pg_|_?timescaledb_|information_schema$|public$)'
    ) || ARRAY(
        SELECT format('DROP %s IF EXISTS public.%s CASCADE', kind, name)
        FROM (SELECT oid, quote_ident(relname) AS name,
                     CASE relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'TABLE' WHEN 'v' THEN 'VIEW'
                                  WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                                  WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' END AS kind
              FROM pg_class WHERE relnamespace = 'public'::regnamespace
              UNION ALL
              SELECT oid, quote_ident(typname), CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END FROM pg_type
              WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e', 'r')
              UNION ALL
              SELECT oid, format('%I(%s)', proname, pg_get_function_identity_arguments(oid)), 'ROUTINE' FROM pg_proc
              WHERE pronamespace = 'public'::regnamespace) AS o
        WHERE kind IS NOT NULL
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype IN ('e', 'i'))
    ) || ARRAY(
        SELECT format('%s ROLE %I', unnest('{DROP OWNED BY,DROP}'::text[]), rolname) FROM pg_roles
        WHERE rolname !~ '^(pg_|postgres$)'
    )
    LOOP
        EXECUTE replace(statement, 'OWNED BY ROLE', 'OWNED BY');
    END LOOP;
END $$
