#!/bin/sh
# Run once by the database's image, when its volume is new: who may log in. What each may do is given by
# `hanhtrinh db roles --apply`, to the roles that are only named here. Passwords are files.
set -eu
secret() { cat "${SECRETS_FOLDER:-/run/secrets}/$1"; }
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -v database="$POSTGRES_DB" -v desk="https://${HANHTRINH_HOST:-localhost}" \
    -v ingest="$(secret store_ingest_password)" -v check="$(secret store_check_password)" \
    -v api="$(secret store_api_password)" -v grafana="$(secret grafana_store_password)" <<'SQL'
CREATE ROLE hanhtrinh_ingest NOLOGIN;
CREATE ROLE hanhtrinh_check NOLOGIN;
CREATE ROLE hanhtrinh_api NOLOGIN;
CREATE ROLE hanhtrinh_reader NOLOGIN;
CREATE ROLE ingest LOGIN PASSWORD :'ingest' IN ROLE hanhtrinh_ingest;
CREATE ROLE "check" LOGIN PASSWORD :'check' IN ROLE hanhtrinh_check;
CREATE ROLE api LOGIN PASSWORD :'api' IN ROLE hanhtrinh_api;
CREATE ROLE grafana LOGIN PASSWORD :'grafana' IN ROLE hanhtrinh_reader;
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '30s';
ALTER DATABASE :"database" SET hanhtrinh.desk = :'desk';
SQL
