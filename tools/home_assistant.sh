#!/bin/sh
# Makes a root of Debian's testing suite with Home Assistant in it, since that needs a newer Python than most machines
# have. It costs 1.2 GB and some minutes, once. Where it cannot be had it says why, and the tests that need it skip.
# It is kept in $XDG_CACHE_HOME/calmloop, that is ~/.cache/calmloop where that is not set.
set -eu

root="${XDG_CACHE_HOME:-$HOME/.cache}/calmloop/home-assistant"

say() { printf 'setup: %s\n' "$*"; }
no() { say "no Home Assistant here: $*"; exit 0; }

[ -x "$root/opt/hass/bin/hass" ] && exit 0
[ "$(id -u)" = 0 ] || no "a root is made by root alone"
command -v mmdebstrap >/dev/null || no "apt-get install mmdebstrap, then run this again"

say "making $root (some minutes)"
rm -rf "$root.new"
mkdir -p "$(dirname "$root")"
mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' \
    --include=python3,python3-venv,ca-certificates testing "$root.new" || no "Debian's testing suite is out of reach"
cp /etc/resolv.conf /etc/hosts "$root.new/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root.new/etc/ssl/certs/"
# What Home Assistant would fetch for its pages and MQTT at its first start, in the versions that it names.
chroot "$root.new" sh -euc '
    python3 -m venv /opt/hass
    pip="/opt/hass/bin/pip install --quiet --disable-pip-version-check --no-cache-dir"
    $pip homeassistant
    named=$(/opt/hass/bin/python -c "import homeassistant as h; print(h.__path__[0])")/package_constraints.txt
    $pip -c "$named" home-assistant-frontend paho-mqtt aiohasupervisor
' || no "it is not on the package index for this Python"
mv "$root.new" "$root"
