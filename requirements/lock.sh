#!/bin/sh
# Locks every environment anew, with hashes, for Python 3.11 and later on x86-64 and aarch64.
# Needs uv on the path, or its path in $UV. The index is uv's own setting; none is written down.
#
#   dev.txt, train.txt, docs.txt    from the .in files of the same names: versions are chosen here
#   bench-peer.txt                  what `make bench` compares with
#   build.txt and one per image     from the pyproject.toml files: dev.txt's versions, so that
#                                   an image holds what the tests ran with
set -eu
cd "$(dirname "$0")"
uv=${UV:-uv}

lock() { # lock OUTPUT ARGUMENT...: requirements from the files named, or from stdin as '-'
  output=$1
  shift
  echo "$output"
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header -c constraints.txt "$@" --output-file "$output"
}

needs() { # needs FOLDER...: what these distributions of ours need from elsewhere
  python3 - "$@" <<'PYTHON'
import pathlib, sys, tomllib

for folder in sys.argv[1:]:
    project = tomllib.loads(pathlib.Path("..", folder, "pyproject.toml").read_text())["project"]
    print(*(d for d in project["dependencies"] if not d.startswith("calmloop-")), sep="\n")
PYTHON
}

lock_image() { # lock_image NAME FOLDER...
  name=$1
  shift
  needs shared "$@" | lock "$name.txt" --no-annotate -c dev.txt -
}

lock dev.txt dev.in
lock train.txt train.in
lock docs.txt docs.in

# The peer's package is locked without what it asks for, and stands behind what it imports.
lock bench-peer.txt bench-peer.in
lock bench-peer-only.txt --no-deps bench-peer-only.in
cat bench-peer-only.txt >>bench-peer.txt
rm bench-peer-only.txt

echo hatchling | lock build.txt --no-annotate -c dev.txt -

lock_image compose-init compose/init
lock_image camera services/camera
lock_image face-detector services/face-detector
lock_image emotion-classifier-litert services/emotion-classifier
lock_image scenario-selector services/scenario-selector
lock_image actuator-bridge firmware-bridge services/actuator-bridge
lock_image safety-watchdog services/safety-watchdog

# The other runtime of the emotion classifier was built against NumPy 1: it cannot have dev.txt's.
{
  needs shared services/emotion-classifier | grep -v '^ai-edge-litert'
  echo 'tflite-runtime'
  echo 'numpy<2'
} | lock emotion-classifier-tflite.txt --no-annotate -
