#!/bin/sh
# Makes a root with Home Assistant in it, since that needs a newer Python than most machines have. It costs 1.2 GB and
# some minutes, once.
program="Home Assistant"
. "$(dirname "$0")/testing_root.sh"

begin_root home-assistant opt/hass/bin/hass python3,python3-venv,ca-certificates
cp /etc/resolv.conf "$root.new/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root.new/etc/ssl/certs/"
# What Home Assistant would fetch for its pages and MQTT at its first start, in the versions that it names.
chroot "$root.new" sh -euc '
    python3 -m venv /opt/hass
    pip="/opt/hass/bin/pip install --quiet --disable-pip-version-check --no-cache-dir"
    $pip homeassistant
    named=$(/opt/hass/bin/python -c "import homeassistant as h; print(h.__path__[0])")/package_constraints.txt
    $pip -c "$named" home-assistant-frontend paho-mqtt aiohasupervisor
' || no "it is not on the package index for this Python"
end_root
