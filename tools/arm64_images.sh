#!/bin/sh
# Builds every image for 64-bit ARM by QEMU, as calmloop-arm64/NAME:local, from a base of Debian's packages: a Debian bookworm
# with its Python 3.11 stands for python:3.11-slim-bookworm and for debian:bookworm-slim. QEMU is registered with the kernel,
# for what is in containers too. It costs 3 GB and an hour on two cores, once; what has not changed is not built again.
set -eu
cd "$(dirname "$0")/.."
prefix=calmloop-arm64
base=$prefix/debian-python:bookworm
log=build/arm64-images.log

say() { printf 'setup: %s\n' "$*"; }
no() { say "no images for arm64 here: $*"; exit 0; }

[ "$(id -u)" = 0 ] || no "root alone makes a root of Debian"
docker info >/dev/null 2>&1 || no "no Docker engine answers: start one, then run this again"
for program in mmdebstrap arch-test qemu-aarch64-static; do
    command -v $program >/dev/null \
        || no "apt-get install mmdebstrap arch-test qemu-user-static binfmt-support, then run this again"
done
[ -e /proc/sys/fs/binfmt_misc/register ] || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc 2>/dev/null || true
[ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] || update-binfmts --enable qemu-aarch64 >/dev/null 2>&1 || true
arch-test arm64 >/dev/null || no "the kernel does not run arm64's programs by QEMU: update-binfmts --enable qemu-aarch64"

mkdir -p build
if ! docker image inspect "$base" >/dev/null 2>&1; then
    say "making $base"
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    mmdebstrap --quiet --variant=minbase --architectures=arm64 --aptopt='Acquire::Check-Valid-Until "false"' \
        --include=python3,python3-venv,python3-pip,ca-certificates,netbase,tzdata \
        --customize-hook='ln -s /usr/bin/python3 "$1/usr/local/bin/python"' \
        --customize-hook='rm "$1"/usr/lib/python3.*/EXTERNALLY-MANAGED' \
        bookworm "$folder/root.tar" || no "Debian's packages for arm64 are out of reach"
    # Whom this machine trusts, the base trusts: a proxy of a clinic or a firm signs by its own authority.
    cp /etc/ssl/certs/ca-certificates.crt "$folder/"
    printf '%s\n' 'FROM scratch' 'ADD root.tar /' 'COPY ca-certificates.crt /etc/ssl/certs/' >"$folder/Dockerfile"
    docker build --quiet --platform linux/arm64 --tag "$base" "$folder" >/dev/null
fi

# One after the other: beside one another under QEMU, they wait so long for the index that it gives up on them.
bake() { PLATFORMS=linux/arm64 IMAGE_PREFIX=$prefix docker buildx bake -f compose/docker-bake.hcl "$@"; }
for target in $(bake --print | python3 -c 'import json, sys; print(*json.load(sys.stdin)["target"])'); do
    say "building $target for arm64"
    bake --progress plain --set "*.args.PYTHON=$base" --set "*.args.DEBIAN=$base" --load "$target" >"$log" 2>&1 \
        || { tail -40 "$log" >&2; exit 1; }
done
