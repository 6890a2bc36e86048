#!/bin/sh
# Makes this checkout ready to run: system packages, the Python environment, the posix chair.
#   setup.sh emulator   the AVR firmware, the emulator that runs it, and what fuzzes the core
#   setup.sh lint       what the C is held to, checked
#   setup.sh sound      a sound server for the tests of microphone and output
#   setup.sh browser    a browser for the tests of the console's pages, where one can be installed
#   setup.sh monitoring Debian's Prometheus, unpacked and not installed: no service of it starts
#   setup.sh node-red   Node-RED, for the test of its flow
#   setup.sh slow       what tries the HTTP interfaces in the slow tests, and GStreamer, where it can be installed
#   setup.sh reports    what renders reports: Pango, and its own part of the environment
#   setup.sh bench      the environment of the bench's peer
#   setup.sh training   the environment in which the network is trained
#   setup.sh papers     the environment of the papers' other systems
#   setup.sh release    what writes a release's bill of materials
#   setup.sh docs       the environment that builds the documentation site
# Does only what is missing, so that running it again costs nothing.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# need PACKAGE TEST...: the package is there if the test succeeds
missing=""
need() {
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

has_libfuzzer() { ls "$(clang -print-runtime-dir)"/libclang_rt.fuzzer*; }
has_library() { ls /usr/lib/*/"$1"; }
has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_node() { # has_node LEAST: Node of that version or newer, with npm
    node -e "process.exit(parseInt(process.versions.node) < $1 ? 1 : 0)" 2>/dev/null && command -v npm >/dev/null
}
can_install() { command -v apt-get && { [ "$(id -u)" = 0 ] || sudo -n true; } }
has_mosquitto() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mosquitto; }

install_missing() {
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    elif sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
        as_root="sudo"
    else
        fail "missing system packages:$missing. Ask an administrator: apt-get install$missing"
    fi
    command -v apt-get >/dev/null ||
        fail "missing:$missing. This is no Debian system: install them, then run this again"
    say "installing$missing"
    $as_root tools/apt_install.sh $missing
}

if [ "${1:-}" = emulator ]; then
    need gcc-avr command -v avr-gcc
    need binutils-avr command -v avr-objcopy
    need avr-libc test -e /usr/lib/avr/include/avr/io.h
    need libsimavr-dev test -e /usr/include/simavr/sim_avr.h
    need libelf-dev test -e /usr/include/gelf.h
    need clang command -v clang
    need libclang-rt-dev has_libfuzzer
    need dbus-daemon command -v dbus-daemon
fi
if [ "${1:-}" = lint ]; then
    need cppcheck command -v cppcheck
    need clang-format command -v clang-format
fi
if [ "${1:-}" = sound ]; then
    need pulseaudio command -v pulseaudio
    need pulseaudio-utils command -v pactl
    need libportaudio2 has_library libportaudio.so.2
    need libasound2-plugins has_library alsa-lib/libasound_module_pcm_pulse.so
    need espeak-ng command -v espeak-ng
fi
if [ "${1:-}" = browser ] && can_install >/dev/null 2>&1; then
    need chromium has_browser
fi
if [ "${1:-}" = slow ] && can_install >/dev/null 2>&1; then
    need python3-gi test -e /usr/lib/python3/dist-packages/gi
    need gir1.2-gstreamer-1.0 has_library girepository-1.0/Gst-1.0.typelib
    need gstreamer1.0-plugins-base has_library gstreamer-1.0/libgstapp.so
fi
if [ "${1:-}" = reports ]; then
    need libpango-1.0-0 has_library libpango-1.0.so.0
    need libpangoft2-1.0-0 has_library libpangoft2-1.0.so.0
    need libharfbuzz-subset0 has_library libharfbuzz-subset.so.0
fi
need mosquitto has_mosquitto
need gcc command -v gcc
need libc6-dev test -e /usr/include/stdio.h
need python3 command -v python3
need python3-venv python3 -c 'import ensurepip, venv'
install_missing

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed; this is $(python3 -V)"

# besides NAME: what some tests need beside what is in .venv; put there again when it is made anew
besides() {
    stamp=.venv/.$1
    sum=$(cksum <"requirements/$1.txt")
    if [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ]; then
        say "installing requirements/$1.txt into .venv"
        .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
            -r "requirements/$1.txt"
        echo "$sum" >"$stamp"
    fi
}

# environment FOLDER LOCK: made anew when the lock has changed
environment() {
    stamp="$1/.installed"
    sum=$(cksum <"$2")
    [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return 0
    say "installing $2 into $1"
    [ -x "$1/bin/python" ] || python3 -m venv "$1"
    # A lock holds all that is wanted, and of the peer not all that it asks for.
    "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$2"
    rm -f "$1/.packages"
    echo "$sum" >"$stamp"
}

# sources FOLDER SERVICE...: that environment sees the tools and these services' cores
sources() {
    site=$(echo "$1"/lib/python3*/site-packages)
    shift
    for part in shared tools "$@"; do
        echo "$PWD/$part/src"
    done >"$site/calmloop.pth"
}

# The distributions of this repository, editable.
packages() {
    set -- shared firmware-bridge compose/init compose/fleet tools/reports tools services/*/
    sum=$(for p; do cat "$p/pyproject.toml"; done | cksum)
    [ "$(cat .venv/.packages 2>/dev/null)" = "$sum" ] && return 0
    say "installing the packages of this repository"
    for p; do
        shift
        set -- "$@" -e "./${p%/}"
    done
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation "$@"
    echo "$sum" >.venv/.packages
}

# The console's pages: all else works without Node, and the console then says how to build them.
pages() {
    folder=services/caregiver-console/page
    if ! has_node 20; then
        say "the console's pages are not built: install Node 20 or newer with npm, then run this again"
        return 0
    fi
    sum=$(find "$folder" \( -name node_modules -o -name dist \) -prune -o -type f -print |
        sort | xargs cat | cksum)
    [ "$(cat "$folder/dist/.built" 2>/dev/null)" = "$sum" ] && return 0
    say "building the console's pages"
    if (cd "$folder" && npm ci --silent && npm run --silent build >/dev/null); then
        echo "$sum" >"$folder/dist/.built"
    else
        say "the console's pages are not built: see above, and run this again; all else works"
    fi
}

# Debian's programs need nothing else; where it cannot be had, the tests that need it say so.
prometheus() {
    [ -x .venv-prometheus/usr/bin/prometheus ] && return 0
    say "fetching Debian's prometheus into .venv-prometheus"
    mkdir -p .venv-prometheus
    (
        cd .venv-prometheus
        apt-get download -qq prometheus 2>/dev/null ||
            { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get download -qq prometheus; }
        dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb
    ) || fail "no package prometheus: as root, apt-get update, then run this again"
}

node_red() {
    has_node 18 || fail "Node-RED needs Node 18 or newer with npm: install them, then run this again"
    sum=$(cksum <requirements/node-red/package-lock.json)
    [ "$(cat .venv-node-red/.installed 2>/dev/null)" = "$sum" ] && return 0
    say "installing requirements/node-red into .venv-node-red"
    mkdir -p .venv-node-red
    cp requirements/node-red/package*.json .venv-node-red
    (cd .venv-node-red && npm ci --silent --omit=optional)
    echo "$sum" >.venv-node-red/.installed
}

case "${1:-}" in
emulator)
    make --quiet -C firmware-bridge/firmware host
    make --quiet -C firmware-bridge/firmware/avr
    make --quiet -C firmware-bridge/emulator
    ;;
sound) ;;
monitoring) prometheus ;;
node-red) node_red ;;
browser) besides browser ;;
slow) besides slow ;;
reports) besides reports ;;
lint) make --quiet -C firmware-bridge/firmware lint ;;
bench) environment .venv-bench requirements/bench-peer.txt ;;
docs) environment .venv-docs requirements/docs.txt ;;
release) environment .venv-release requirements/release.txt ;;
training)
    environment .venv-train requirements/train.txt
    sources .venv-train services/emotion-classifier
    ;;
papers)
    environment .venv-papers requirements/papers.txt
    sources .venv-papers services/camera services/emotion-classifier services/face-detector services/scenario-selector
    ;;
"")
    environment .venv requirements/dev.txt
    packages
    make --quiet -C firmware-bridge/firmware posix
    pages
    ;;
*) fail "unknown argument '$1': call it without one, or with emulator, lint, sound, monitoring, browser, slow, reports, bench, training, papers, release or docs" ;;
esac
