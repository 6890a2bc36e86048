#!/bin/sh
# Makes a root with Home Assistant in it, since that needs a newer Python than most machines have. It costs 1.7 GB and
# some minutes, once; another version below is taken once ~/.cache/calmloop/home-assistant is gone.
version=2026.11.0
program="Home Assistant"
. "$(dirname "$0")/testing_root.sh"

begin_root home-assistant opt/hass/bin/hassil python3,python3-dev,python3-venv,g++,ca-certificates
cp /etc/resolv.conf "$root.new/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root.new/etc/ssl/certs/"
# What Home Assistant would fetch for its pages and MQTT at its first start, in the versions that it names itself.
chroot "$root.new" sh -eu -s "$version" <<'EOF' || no "it is not on the package index for this Python"
python3 -m venv /opt/hass
pip="/opt/hass/bin/pip install --quiet --disable-pip-version-check --no-cache-dir"
$pip homeassistant=="$1"
$pip $(/opt/hass/bin/python -c '
import json, pathlib, homeassistant
parts = pathlib.Path(homeassistant.__path__[0], "components")
names, read = ["assist_satellite", "camera", "frontend", "hassio", "infrared", "mqtt", "radio_frequency"], {}
while names:
    name = names.pop()
    if name not in read:
        read[name] = json.loads((parts / name / "manifest.json").read_text())
        names += read[name].get("dependencies", [])
print(*sorted({need for part in read.values() for need in part.get("requirements", [])}))')
EOF
end_root
