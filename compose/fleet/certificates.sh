#!/bin/sh
# Certificates of a fleet, by OpenSSL, into a folder that only the centre has:
#   certificates.sh FOLDER authority              authority.crt and .key: who has the key makes chairs
#   certificates.sh FOLDER server NAME            server.crt and .key of the broker, by the name or address that chairs call
#   certificates.sh FOLDER device CHAIR           CHAIR.crt and .key: with authority.crt they go to that chair
set -eu
[ $# -ge 2 ] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }
folder=$1 what=$2 name=${3:-}
umask 077
mkdir -p "$folder"
cd "$folder"

signed() { # signed FILE COMMON-NAME DAYS EXTENSION...
  file=$1 common=$2 days=$3
  shift 3
  openssl ecparam -name prime256v1 -genkey -noout -out "$file.key"
  printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' "$@" >"$file.ext"
  openssl req -new -key "$file.key" -subj "/O=Calmloop/CN=$common" |
    openssl x509 -req -CA authority.crt -CAkey authority.key -CAcreateserial -days "$days" -extfile "$file.ext" -out "$file.crt"
  rm "$file.ext"
}

case $what in
authority)
  openssl ecparam -name prime256v1 -genkey -noout -out authority.key
  openssl req -x509 -new -key authority.key -days 7300 -subj '/O=Calmloop/CN=Calmloop fleet' \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' -out authority.crt
  ;;
server)
  case $name in *[!0-9.]*) kind=DNS ;; *) kind=IP ;; esac
  signed server "$name" 825 'extendedKeyUsage=serverAuth' "subjectAltName=$kind:$name"
  ;;
device)
  case $name in '' | *[!a-z0-9-]*) echo "certificates.sh: '$name': a chair has a-z, 0-9 and -" >&2; exit 2 ;; esac
  signed "$name" "$name" 3650 'extendedKeyUsage=clientAuth'
  ;;
*) echo "certificates.sh: '$what': authority, server or device" >&2; exit 2 ;;
esac
