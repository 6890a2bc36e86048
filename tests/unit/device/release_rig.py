"""A device with releases: bundles as `make release` makes them, and a Docker that keeps a state."""

import gzip
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from calmloop.contract.fleet_rollout import RELEASE_FILE
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.device.bundle import SUMS, Bundle, ReleaseAbout
from calmloop.device.containers import ChairWord
from calmloop.device.deployment import Deployment
from calmloop.device.machine import Machine, Ran, run
from calmloop.device.releasing import Releases
from calmloop.device.way_back import DeviceHome
from tests.unit.device.rig import COMPOSE
from tools.release.checkout import Checkout
from tools.release.documents import about, json_text
from tools.release.packing import pack
from tools.release.signing import sha256, sign, write_sums

DOCKER = """#!/bin/sh
# The services write their version into the log, and refuse one that a newer version wrote.
s={state}
log=$s/volumes/calmloop_log/_data/version
tag() {{ sed -n 's/^IMAGE_TAG=//p' .env; }}
echo "$@" >>$s/called
case "$*" in
  "version --format {{{{.Server.Arch}}}}") echo arm64 ;;
  "version "*) echo 27.1 ;;
  "compose version "*) echo 2.30.1 ;;
  "ps "*) [ ! -e $s/runs ] || echo '{{"ID": "a1", "State": "running"}}' ;;
  "stop "*) rm $s/runs ;;
  "start "*) touch $s/runs ;;
  "load --quiet --input "*) gunzip -c "$4" >>$s/images ;;
  "compose config --images") echo calmloop/camera:$(tag) ;;
  "image inspect "*) sed -n "s|^$5 ||p" $s/images | tail -n 1 | grep . ;;
  "volume inspect "*) [ -d $s/volumes/$5 ] && echo $s/volumes/$5/_data ;;
  "compose up "*)
    touch $s/runs
    newest=$( (cat $log 2>/dev/null; tag) | sort -V | tail -n 1)
    [ $newest = $(tag) ] || {{ echo the log is of $newest >&2; exit 1; }}
    tag >$log
    [ ! -e $s/sick-$(tag) ] || {{ echo container calmloop-camera is unhealthy >&2; exit 1; }} ;;
  *) exit 9 ;;
esac
"""
STILL = ChairWord(
    SessionState(phase=Phase.IDLE),
    ChairState(mode=ChairMode.SAFE, firmware="1.2.0", cap_hash="bf7501d5"),
)
EPOCH = 1_700_000_000


def make_release(
    out: Path,
    version: str,
    *,
    compose: Path | bytes = COMPOSE / "compose.yaml",
    firmware: str = "1.2.0",
    images: bytes | None = None,
    key: Ed25519PrivateKey | None = None,
) -> Path:
    """A release whose images have its version as their tag."""
    out.mkdir()
    hex_file = out / f"calmloop-chair-{firmware}.hex"
    hex_file.write_text(f":{firmware}\n")
    packed = f"calmloop-{version}-compose.tar.gz"
    files = {
        "LICENSE": b"licence",
        "compose/compose.yaml": compose,
        "compose/README.md": f"of {version}".encode(),
        "compose/scenarios/README.md": f"scenarios of {version}".encode(),
        "compose/tracks/README.md": b"tracks",
    }
    named = {f"calmloop-{version}/{name}": content for name, content in files.items()}
    pack(out / packed, named, EPOCH)
    told = {
        "file": hex_file.name,
        "version": firmware,
        "sha256": sha256(hex_file),
        "cap_hash": "bf7501d5",
    }
    archive = None
    if images is not None:
        archive = {"file": f"calmloop-{version}-images.tar.gz", "tag": version}
        (out / archive["file"]).write_bytes(images)
    checkout = Checkout(out, version, "c0ffee" * 7, False, EPOCH, ())
    body = about(checkout, told, key is not None, packed, archive)
    (out / RELEASE_FILE).write_text(json_text(body))
    sums = write_sums(out)
    if key is not None:
        sign(sums, key)
    return out


class ReleasedDevice:
    """A device, what it was given, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = DeviceHome.at(folder / "opt")
        self.home.folder.mkdir(parents=True)
        self.state = folder / "docker"
        for name in ("log", "profiles"):
            (self.state / f"volumes/calmloop_{name}/_data").mkdir(parents=True)
        self.profile = self.state / "volumes/calmloop_profiles/_data/c7.yaml"
        self.profile.write_text("ceiling_pct: 40\n")
        (self.state / "images").touch()
        (folder / "root").mkdir()
        program = folder / "programs/docker"
        program.parent.mkdir()
        program.write_text(DOCKER.format(state=self.state))
        program.chmod(0o755)
        self.path = f"{program.parent}:/bin:/usr/bin"
        self.word = STILL
        self.said: list[str] = []
        self._seconds = count()

    # --- what is given ---------------------------------------------------------------------------

    def release(
        self,
        version: str,
        *,
        firmware: str = "1.2.0",
        architecture: str = "arm64",
        with_images: bool = True,
        key: Ed25519PrivateKey | None = None,
    ) -> Path:
        """A release's folder."""
        out = self.folder / f"release-{version}-{firmware}"
        shutil.rmtree(out, ignore_errors=True)
        held = gzip.compress(f"calmloop/camera:{version} {architecture}\n".encode())
        return make_release(
            out, version, firmware=firmware, images=held if with_images else None, key=key
        )

    # --- what is done ----------------------------------------------------------------------------

    def machine(self, run_program: Callable[[Sequence[str], Path | None, float], Ran]) -> Machine:
        """One with this Docker; a second passes between two looks at the clock."""
        start = datetime(2100, 1, 1, 12, tzinfo=UTC)
        return Machine(
            root=self.folder / "root",
            now=lambda: start + timedelta(seconds=next(self._seconds)),
            run_program=run_program,
        )

    def run(self, words: Sequence[str], folder: Path | None, timeout_s: float) -> Ran:
        """Runs a program of this device."""
        return run(words, folder, timeout_s, path=self.path)

    def releases(
        self, run_program: Callable[[Sequence[str], Path | None, float], Ran] | None = None
    ) -> Releases:
        """What `calmloop device` works with."""
        machine = self.machine(run_program or self.run)
        return Releases(machine, self.home, self.said.append, self.ask)

    def later(self) -> None:
        """A while passes."""
        self._seconds = count(next(self._seconds) + 1000)

    def ask(self, machine: Machine, deployment: Deployment) -> ChairWord:
        """How the chair is."""
        return self.word

    def install(self, version: str, profiles: str = "sim") -> None:
        """A first release."""
        self.releases().install(Bundle.open(self.release(version), None), profiles)

    def update(self, version: str, firmware: str = "1.2.0") -> None:
        """Another."""
        release = self.release(version, firmware=firmware)
        self.releases().update(Bundle.open(release, None), flashed=False)

    # --- what is seen ----------------------------------------------------------------------------

    def called(self, *words: str) -> list[str]:
        """What Docker was asked for that begins with one of these."""
        told = self.state / "called"
        lines = told.read_text().splitlines() if told.exists() else []
        return [line for line in lines if line.startswith(words)]

    @property
    def version(self) -> str:
        """Of folder, images, data and services, which have to be of one."""
        compose = self.home.compose
        seen = {
            "README.md": (compose / "README.md").read_text().removeprefix("of "),
            RELEASE_FILE: ReleaseAbout.read(compose / RELEASE_FILE).version,
            ".env": Deployment.read(compose, environment={}).values["IMAGE_TAG"],
            "data": (self.state / "volumes/calmloop_log/_data/version").read_text().strip(),
        }
        assert len(set(seen.values())) == 1, seen
        return seen["data"]

    @property
    def runs(self) -> bool:
        """Whether the services do."""
        return (self.state / "runs").exists()

    @property
    def env(self) -> Path:
        """What a person has set."""
        return self.home.compose / ".env"


def damage(release: Path, name: str) -> None:
    """One byte of a file is another."""
    file = release / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x01
    file.write_bytes(content)


def relist(release: Path) -> None:
    """The digests are of what is there now."""
    (release / SUMS).unlink()
    write_sums(release)


class Dying:
    """Ends this process, as kill -9 does, before a step: a program that it runs, or a rename."""

    def __init__(self, device: ReleasedDevice, at: Callable[[str], bool]) -> None:
        self._device, self._at = device, at
        for name in ("rename", "replace", "unlink"):
            self._wrap(name)

    def run(self, words: Sequence[str], folder: Path | None, timeout_s: float) -> Ran:
        """Runs a program, if it is not time."""
        self._step(" ".join(words))
        return self._device.run(words, folder, timeout_s)

    def _step(self, name: str) -> None:
        if self._at(name):
            os._exit(9)

    def _wrap(self, name: str) -> None:
        inner = getattr(Path, name)

        def outer(path: Path, *arguments: object, **keywords: object) -> object:
            self._step(f"{name} {path.name}")
            return inner(path, *arguments, **keywords)

        setattr(Path, name, outer)


def dies(
    work: Callable[[Dying], object], device: ReleasedDevice, at: Callable[[str], bool]
) -> bool:
    """Does it in another process, which ends at a step; returns whether it came to that."""
    child = os.fork()
    if child == 0:
        try:
            work(Dying(device, at))
        except BaseException as error:  # noqa: BLE001  # nothing of it is this process's own
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9), status
    return status == 9
