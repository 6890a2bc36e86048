"""Nothing is compiled on a Raspberry Pi or a Jetson: wheels and Debian packages are there."""

import getpass
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.services import LISTING

pytestmark = pytest.mark.system

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
IMAGES = ("compose-init", *(lock for service in LISTING.services for lock in service.locks))
BOOKWORM_GLIBC = 36
PLATFORMS = ["manylinux2014_aarch64"] + [
    f"manylinux_2_{minor}_aarch64" for minor in range(17, BOOKWORM_GLIBC + 1)
]


@pytest.mark.timeout(600)
def test_every_runtime_dependency_has_a_wheel_for_aarch64(tmp_path: Path) -> None:
    """Downloads them for Python 3.11 on Debian bookworm, against the locks' hashes."""
    platforms = [part for name in PLATFORMS for part in ("--platform", name)]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    target = ["--only-binary=:all:", "--python-version", "3.11", *platforms]
    for number, pins in enumerate(together([REQUIREMENTS / f"{image}.txt" for image in IMAGES])):
        lock = tmp_path / f"{number}.txt"
        lock.write_text("\n".join(pins))
        answer = subprocess.run(
            [*pip, *target, "--no-deps", "--require-hashes", "-r", lock, "-d", tmp_path / "wheels"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr[-2000:]
    wheels = [path.name for path in (tmp_path / "wheels").iterdir()]
    assert all(name.endswith(".whl") for name in wheels)
    compiled = {name for name in wheels if "-any.whl" not in name}
    assert compiled
    assert all("aarch64" in name for name in compiled), compiled


def together(locks: Sequence[Path]) -> list[list[str]]:
    """Each pin with its hashes once; in several lists where images have several versions of one."""
    found: dict[str, list[str]] = {}
    for lock in locks:
        for pin in re.split(r"\n(?=\S)", lock.read_text().strip()):
            name = pin.partition("==")[0]
            assert pin.startswith(f"{name}=="), f"{lock.name}: {pin[:80]}"
            if pin not in found.setdefault(name, []):
                found[name].append(pin)
    return [
        [pins[number] for pins in found.values() if number < len(pins)]
        for number in range(max(map(len, found.values())))
    ]


def test_every_debian_package_of_an_image_is_there_for_arm64(tmp_path: Path) -> None:
    """By the package lists of this machine's own sources, read anew for arm64."""
    names = {name for service in LISTING.services for name in service.packages}
    assert names, "libportaudio2 at least"
    for folder in ("lists/partial", "cache/archives/partial"):
        (tmp_path / folder).mkdir(parents=True)
    said = {
        "Dir::State::Lists": tmp_path / "lists",
        "Dir::Cache": tmp_path / "cache",
        "APT::Architecture": "arm64",
        "APT::Architectures::": "arm64",
        "APT::Sandbox::User": getpass.getuser(),
    }
    options = [part for key, value in said.items() for part in ("-o", f"{key}={value}")]
    subprocess.run(["apt-get", *options, "-qq", "update"], check=True, capture_output=True)
    for name in sorted(names):
        shown = subprocess.run(
            ["apt-cache", *options, "show", name], capture_output=True, text=True, check=False
        )
        assert "\nArchitecture: arm64\n" in shown.stdout, f"{name}: {shown.stderr[-500:]}"
