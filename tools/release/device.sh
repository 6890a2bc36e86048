#!/bin/sh
# Puts this release on a device that needs no network, but Docker and Python 3.11 or 3.13, as Debian 12
# and 13 and the Raspberry Pi OS of each have it:
#   sudo sh device.sh install [--profile PROFILE]... [--key PUBLIC_KEY]
#   sudo sh device.sh update
# It unpacks `calmloop` into /opt/calmloop, and hands over to `calmloop device`.
set -eu
home=${CALMLOOP_HOME:-/opt/calmloop}
key=${CALMLOOP_RELEASE_KEY:-/etc/calmloop/release.pub}
fail() { printf 'device: %s\n' "$*" >&2; exit 2; }

case "${1:-}" in
install | update) action=$1 && shift ;;
*) fail "say what to do: sudo sh device.sh install, or update" ;;
esac
cd "$(dirname "$0")"
release=$(pwd)

# What is unpacked runs as root: it is checked before.
if [ -e "$key" ]; then
    command -v openssl >/dev/null || fail "openssl is not there, and $key asks for a signature: apt-get install openssl"
    [ -e SHA256SUMS.sig ] || fail "SHA256SUMS.sig is not there, and $key asks for it: take a release that is signed"
    openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig >/dev/null ||
        fail "SHA256SUMS is not signed by $key: ask who made the release"
fi
sha256sum --check --strict --quiet SHA256SUMS || fail "copy the whole folder of the release again"

command -v python3 >/dev/null || fail "Python is not there: apt-get install python3"
tree=python$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')-$(uname -m)
archive=$(echo calmloop-*-programs.tar.gz)
[ -e "$archive" ] || fail "the release has no programs: take one that was made with --programs"
programs=$home/programs-$(sha256sum "$archive" | cut -c 1-16)
umask 022
mkdir -p "$home"
if [ ! -d "$programs" ]; then
    rm -rf "$programs.part"
    mkdir "$programs.part"
    tar -xzf "$archive" -C "$programs.part" --no-same-owner "$tree" ||
        fail "the release has no programs for $tree: it has those of Python 3.11 and 3.13 on aarch64 and x86_64"
    mv "$programs.part" "$programs"
fi
cat >"$home/calmloop.part" <<END
#!/bin/sh
# Written by device.sh of a release.
exec env PYTHONPATH=$programs/$tree PYTHONDONTWRITEBYTECODE=1 \\
    python3 -P -c 'from calmloop.cli.main import app; app(prog_name="calmloop")' "\$@"
END
chmod 755 "$home/calmloop.part"
mv "$home/calmloop.part" "$home/calmloop"
for old in "$home"/programs-*; do
    [ "$old" = "$programs" ] || rm -rf "$old"
done

exec "$home/calmloop" device "$action" "$release" --home "$home" "$@"
