# To be sourced: roots of Debian's testing suite, for programs that the stable suite is too old for. Each is made once and
# kept in $XDG_CACHE_HOME/calmloop, that is ~/.cache/calmloop where that is not set. Where one cannot be had it says why,
# and the tests that need it skip.
set -eu

say() { printf 'setup: %s\n' "$*"; }
no() { say "no $program here: $*"; exit 0; }

# begin_root FOLDER FILE PACKAGES: ends here if the file is there; else $root.new has the packages, for end_root
begin_root() {
    root="${XDG_CACHE_HOME:-$HOME/.cache}/calmloop/$1"
    [ -x "$root/$2" ] && exit 0
    [ "$(id -u)" = 0 ] || no "a root is made by root alone"
    command -v mmdebstrap >/dev/null || no "apt-get install mmdebstrap, then run this again"
    say "making $root (some minutes)"
    rm -rf "$root.new"
    mkdir -p "$(dirname "$root")"
    mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' \
        --include="$3" testing "$root.new" || no "Debian's testing suite is out of reach"
    cp /etc/hosts "$root.new/etc/"
}

end_root() { mv "$root.new" "$root"; }
