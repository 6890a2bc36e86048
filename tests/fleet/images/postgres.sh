#!/bin/sh
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb -D "$PGDATA" -A scram-sha-256 --pwfile="$POSTGRES_PASSWORD_FILE" -U postgres -E UTF8 >/dev/null
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  export PGPASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=" start >/dev/null
  psql -qU postgres -c "CREATE DATABASE $POSTGRES_DB"
  for f in /docker-entrypoint-initdb.d/*.sql; do psql -qU postgres -d "$POSTGRES_DB" -f "$f"; done
  pg_ctl -D "$PGDATA" -w stop >/dev/null
fi
exec postgres -D "$PGDATA" -c "listen_addresses=*"
