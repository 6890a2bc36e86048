#!/bin/sh
# Locks every environment anew, with hashes, for Python 3.11 and later on x86-64 and aarch64.
#   lock.sh            all of them
#   lock.sh SERVICE    what a new service or a new dependency of one needs: dev.txt and its own lock
# Needs uv on the path, or its path in $UV. The index is uv's own setting; none is written down.
#
#   dev.txt                         from dev.in and what the distributions here need: versions are
#                                   chosen here
#   train.txt, papers.txt, docs.txt, release.txt
#                                   from the .in files of the same names: here too
#   browser.txt                     what drives a browser in tests, beside dev.txt and with its versions
#   slow.txt                        what tries the HTTP interfaces in slow tests, the same
#   reports.txt                     what renders reports, and reads them in tests: the same
#   tools-reports.txt               the same for the console's image, without what reads them
#   device-tools.txt                what a release brings along for `calmloop device`, with dev.txt's versions
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

only() { # only NAME: adds what is locked without what it asks for, behind what it imports
  lock "$1-only.txt" --no-deps "$1-only.in"
  cat "$1-only.txt" >>"$1.txt"
  rm "$1-only.txt"
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

lock_services() { # lock_services [SERVICE]: of each, or of one alone
  services=$(cd .. && python3 -m tools.service_list locks)
  echo "$services" | while read -r name folders; do
    [ -z "${1:-}" ] || [ "${folders##*services/}" = "$1" ] || continue
    # shellcheck disable=SC2086  # several folders
    lock_image "$name" $folders
  done
}

if [ $# -gt 0 ] && [ ! -f "../services/$1/pyproject.toml" ]; then
  echo "lock.sh: no service '$1': services/$1/pyproject.toml is not there" >&2
  exit 2
fi

# dev.in holds what no distribution here asks for.
ours=$(cd .. && echo shared firmware-bridge compose/init compose/fleet tools services/*/)
# shellcheck disable=SC2086  # several folders
needs $ours | lock dev.txt - dev.in
if [ $# -gt 0 ]; then
  lock_services "$1"
  exit
fi

lock train.txt train.in
lock papers.txt papers.in
only papers
lock docs.txt docs.in
lock release.txt release.in
lock browser.txt --no-annotate -c dev.txt browser.in
lock slow.txt --no-annotate -c dev.txt slow.in
needs tools/reports | lock reports.txt --no-annotate -c dev.txt - reports.in
needs tools/reports | lock tools-reports.txt --no-annotate -c dev.txt -

needs shared firmware-bridge | lock device-tools.txt --no-annotate -c dev.txt - device-tools.in

lock bench-peer.txt bench-peer.in
only bench-peer

echo hatchling | lock build.txt --no-annotate -c dev.txt -

lock_image compose-init compose/init
lock_image fleet-centre compose/fleet
lock_services

# The other runtime of the emotion classifier was built against NumPy 1: it cannot have dev.txt's.
{
  needs shared services/emotion-classifier | grep -v '^ai-edge-litert'
  echo 'tflite-runtime'
  echo 'numpy<2'
} | lock emotion-classifier-tflite.txt --no-annotate -
