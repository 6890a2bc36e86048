#!/bin/sh
# Makes what the centre of a fleet starts from, once: certificates and passwords, each for its reader alone.
#   prepare.sh NAME [FOLDER]     NAME: what chairs and browsers call the centre, a name or an address
# As root, so that each file belongs to the user of its container. FOLDER/centre/authority.key makes chairs:
# keep a copy of FOLDER where only the centre's people are.
set -eu
[ $# -ge 1 ] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
name=$1 folder=${2:-$here/secrets}
[ ! -e "$folder" ] || { echo "prepare.sh: $folder is there already: nothing was changed" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "prepare.sh: as root, to give each file to its reader" >&2; exit 1; }

umask 077
new="$folder.new"
rm -rf "$new"
mkdir -p "$new/broker" "$new/postgres" "$new/ingest" "$new/centre" "$new/page" "$new/releases"
"$here/certificates.sh" "$new/certificates" authority
"$here/certificates.sh" "$new/certificates" server "$name"

secret() { openssl rand -hex 24; }
superuser=$(secret) fleet=$(secret) page=$(secret) ingest=$(secret) admin=$(secret)

for of in broker centre page; do cp "$new/certificates/server.crt" "$new/certificates/server.key" "$new/$of/"; done
cp "$new/certificates/authority.crt" "$new/broker/"
cp "$new/certificates/authority.crt" "$new/certificates/authority.key" "$new/centre/"
cp "$new/certificates/authority.crt" "$new/authority.crt"
rm -r "$new/certificates"

printf '%s' "$superuser" >"$new/postgres/superuser"
cat >"$new/postgres/accounts.sql" <<SQL
CREATE ROLE fleet LOGIN PASSWORD '$fleet';
CREATE ROLE fleet_page LOGIN PASSWORD '$page';
ALTER DATABASE fleet OWNER TO fleet;
SQL
printf 'postgresql://fleet:%s@postgres/fleet\n' "$fleet" | tee "$new/ingest/postgres" >"$new/centre/postgres"
printf 'postgresql://fleet_page:%s@postgres/fleet\n' "$page" | tee "$new/page/postgres" >"$new/releases/postgres"
printf 'amqp://ingest:%s@broker:5672/%%2F?connection_attempts=10&retry_delay=3\n' "$ingest" >"$new/ingest/amqp"
printf 'http://centre:%s@broker:15672\n' "$admin" >"$new/centre/broker"
sed -e "s/INGEST_PASSWORD/$ingest/" -e "s/CENTRE_PASSWORD/$admin/" "$here/definitions.json" >"$new/broker/definitions.json"

find "$new" -type f -exec chmod 0400 {} +
chown -R 999:999 "$new/broker" "$new/postgres"
chown -R 10021:10021 "$new/ingest"
chown -R 10022:10022 "$new/centre"
chown -R 10023:10023 "$new/page"
chown -R 10024:10024 "$new/releases"
chmod 0444 "$new/authority.crt"
chmod 0711 "$new"
mv "$new" "$folder"
echo "made $folder; $folder/authority.crt, which is no secret, goes to each chair"
