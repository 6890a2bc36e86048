"""device.sh sets up `calmloop` from a release alone, and unpacks nothing that was not checked."""

import subprocess
from pathlib import Path

import pytest

from tools.release.packing import pack
from tools.release.programs import SCRIPT
from tools.release.signing import write_sums

ROOT = Path(__file__).resolve().parents[3]
PATH = "/usr/local/bin:/usr/bin:/bin"
TREE = "python$(python3 -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])')-$(uname -m)"
MAIN = b"""
import sys
def app(prog_name):
    print(prog_name, *sys.argv[1:])
"""


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """One whose `calmloop` says what it was called with."""
    out = tmp_path / "release"
    out.mkdir()
    (out / SCRIPT.name).write_bytes((ROOT / SCRIPT).read_bytes())
    tree = subprocess.run(
        ["sh", "-c", f"echo {TREE}"], env={"PATH": PATH}, capture_output=True, text=True, check=True
    ).stdout.strip()
    pack(out / "calmloop-9.1.0-programs.tar.gz", {f"{tree}/calmloop/cli/main.py": MAIN}, 0)
    write_sums(out)
    return out


def device(release: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    folder = release.parent
    return subprocess.run(
        ["sh", release / SCRIPT.name, *words],
        env={
            "PATH": PATH,
            "CALMLOOP_HOME": str(folder / "opt"),
            "CALMLOOP_RELEASE_KEY": str(folder / "release.pub"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_unpacks_calmloop_and_hands_over(release: Path) -> None:
    home = release.parent / "opt"
    done = device(release, "install", "--profile", "sim")
    assert done.stdout == f"calmloop device install {release} --home {home} --profile sim\n"
    again = device(release, "update")
    assert again.stdout == f"calmloop device update {release} --home {home}\n"
    assert len(list(home.glob("programs-*"))) == 1


@pytest.mark.parametrize("words", [(), ("erase",)])
def test_it_says_what_it_can_do(release: Path, words: tuple[str, ...]) -> None:
    done = device(release, *words)
    assert (done.returncode, "device.sh install" in done.stderr) == (2, True)


def test_what_was_changed_or_is_not_signed_is_not_unpacked(release: Path) -> None:
    key = release.parent / "release.pub"
    key.write_text("no key")
    done = device(release, "install")
    assert (done.returncode, "is signed" in done.stderr) == (2, True)
    (release / "SHA256SUMS.sig").write_bytes(b"0" * 64)
    done = device(release, "install")
    assert (done.returncode, "is not signed by" in done.stderr) == (2, True)
    key.unlink()
    (release / "calmloop-9.1.0-programs.tar.gz").write_bytes(b"other")
    done = device(release, "install")
    assert (done.returncode, "whole folder of the release again" in done.stderr) == (2, True)
    assert not (release.parent / "opt").exists()


def test_a_release_without_programs_for_this_machine_says_so(release: Path) -> None:
    pack(release / "calmloop-9.1.0-programs.tar.gz", {"python2.7-vax/x": b""}, 0)
    write_sums(release)
    done = device(release, "install")
    assert (done.returncode, "no programs for python3" in done.stderr) == (2, True)
    (release / "calmloop-9.1.0-programs.tar.gz").unlink()
    write_sums(release)
    done = device(release, "install")
    assert (done.returncode, "made with --programs" in done.stderr) == (2, True)
