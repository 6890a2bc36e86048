#!/bin/sh
# Makes a root of Debian bookworm for 64-bit ARM, and beside its Python what each image's lock names, so that QEMU can run
# the services here. Nothing is registered with the kernel, and nothing of the root runs meanwhile. It costs 1.2 GB and
# some minutes, once; a lock that has changed is installed anew.
set -eu
cd "$(dirname "$0")/.."
root="${XDG_CACHE_HOME:-$HOME/.cache}/calmloop/arm64"
qemu=usr/bin/qemu-aarch64-static

say() { printf 'setup: %s\n' "$*"; }
no() { say "no arm64 here: $*"; exit 0; }

# Of services.toml: what the services have of Debian, or their locks.
listed() {
    .venv/bin/python -c "
from pathlib import Path
from tools.service_list.listing import read
print(*sorted({name for service in read(Path()).services for name in service.$1}))"
}

[ "$(id -u)" = 0 ] || no "root alone makes a root and runs programs in it"
unshare --mount true 2>/dev/null || no "it may make no mount namespace"
for program in mmdebstrap qemu-aarch64-static; do
    command -v $program >/dev/null || no "apt-get install mmdebstrap qemu-user-static, then run this again"
done

# Only unpacked: no script of a package is run, which would take QEMU half an hour.
if [ ! -e "$root/$qemu" ]; then
    say "making $root"
    rm -rf "$root.new"
    mkdir -p "$(dirname "$root")"
    packages="python3 netbase tzdata libc-bin $(listed packages)"
    mmdebstrap --quiet --variant=extract --architectures=arm64 --skip=check/qemu \
        --aptopt='Acquire::Check-Valid-Until "false"' --include="$(echo "$packages" | tr ' ' ,)" \
        --setup-hook='for d in bin sbin lib; do mkdir -p "$1/usr/$d"; ln -s "usr/$d" "$1/$d"; done' \
        bookworm "$root.new" || no "Debian's packages for arm64 are out of reach"
    mkdir -p "$root.new/proc" "$root.new/repository"
    cp "$(command -v qemu-aarch64-static)" "$root.new/$qemu"
    chroot "$root.new" "/$qemu" /usr/sbin/ldconfig
    mv "$root.new" "$root"
fi

# As pip in a Debian of that release would choose them; hashes as in the images.
platforms="--platform manylinux2014_aarch64"
for minor in $(seq 17 36); do platforms="$platforms --platform manylinux_2_${minor}_aarch64"; done
for lock in compose-init fleet-centre $(listed locks); do
    folder="$root/opt/$lock"
    cmp -s "requirements/$lock.txt" "$folder/lock.txt" && continue
    say "installing requirements/$lock.txt for arm64"
    rm -rf "$folder"
    # shellcheck disable=SC2086
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
        --python-version 3.11 --implementation cp $platforms --target "$folder" -r "requirements/$lock.txt"
    cp "requirements/$lock.txt" "$folder/lock.txt"
done
