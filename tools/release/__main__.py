"""`make release`: all files of a release in one folder, the same bytes wherever they are made."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from calmloop.chair_link.wire.numbers import CAP_HASH
from tools.release import images
from tools.release.checkout import Checkout
from tools.release.documents import about, changes, interface_texts, json_text
from tools.release.errors import CannotReleaseError
from tools.release.firmware import VERSION as FIRMWARE_VERSION
from tools.release.firmware import build
from tools.release.packing import pack
from tools.release.programs import add_programs
from tools.release.signing import load_key, sha256, sign, write_sums

BILL_PYTHON = ".venv-release/bin/python"
IN_BUNDLE = ("compose/", "LICENSE")
COMPOSE = "compose.tar.gz"
NOT_IN_BUNDLE = "compose/init/"
"""Sources: the image has them."""


def main(arguments: list[str] | None = None) -> int:
    """Makes a release; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/release"), help="made anew")
    parser.add_argument("--key", type=Path, help="private key of Ed25519, PEM; without: unsigned")
    parser.add_argument("--images", metavar="TAG", help="the engine's images of this tag, too")
    parser.add_argument("--programs", action="store_true", help="calmloop for devices, too")
    chosen = parser.parse_args(arguments)
    try:
        make(Path.cwd(), chosen.out, chosen.key, chosen.images, chosen.programs)
    except CannotReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def make(
    root: Path, out: Path, key_file: Path | None, tag: str | None = None, programs: bool = False
) -> None:
    """Makes a release of a checkout.

    Args:
        root: The checkout.
        out: The folder, whose content is replaced.
        key_file: What it is signed with; None: it is not.
        tag: Of the images that go into it; None: none do.
        programs: Whether `calmloop` goes into it, for a device that has no network.

    Raises:
        CannotReleaseError: something is missing, or a release that is signed is of no commit.
    """
    checkout = Checkout.read(root)
    key = load_key(key_file) if key_file else None
    if key is not None and checkout.modified:
        raise CannotReleaseError("files differ from the commit: what is signed is of a commit")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    name = f"calmloop-{checkout.version}"
    _pack(checkout, out, name)
    hex_file = build(checkout, out)
    firmware = {
        "file": hex_file.name,
        "version": FIRMWARE_VERSION,
        "sha256": sha256(hex_file),
        "cap_hash": f"{CAP_HASH:08x}",
    }
    packed = {"file": f"{name}-images.tar.gz", "tag": tag} if tag else None
    texts = interface_texts()
    texts[f"CHANGES-{checkout.version}.md"] = changes(
        (root / "CHANGELOG.md").read_text(encoding="utf-8"), checkout.version
    )
    texts[f"{name}.cdx.json"] = _bill(checkout, hex_file)
    texts["release.json"] = json_text(
        about(checkout, firmware, key is not None, f"{name}-{COMPOSE}", packed)
    )
    for file, text in texts.items():
        (out / file).write_text(text, encoding="utf-8")
    if packed:
        images.save(root, packed["tag"], out / packed["file"])
    if programs:
        add_programs(checkout, out, out / f"{name}-programs.tar.gz")
    told = _signed(out, key)
    print(f"release: {checkout.version} of {checkout.commit[:12]} is in {out}, {told}")


def _signed(out: Path, key: Ed25519PrivateKey | None) -> str:
    """Writes the digests; returns what is told of their signature."""
    sums = write_sums(out)
    if key is None:
        return "NOT SIGNED: --key FILE signs it"
    sign(sums, key)
    return "signed"


def _pack(checkout: Checkout, out: Path, name: str) -> None:
    source = {f"{name}/{file}": checkout.root / file for file in checkout.files}
    pack(out / f"{name}-source.tar.gz", source, checkout.epoch)
    bundle = {
        f"{name}/{file}": checkout.root / file
        for file in checkout.files
        if file.startswith(IN_BUNDLE) and not file.startswith(NOT_IN_BUNDLE)
    }
    pack(out / f"{name}-{COMPOSE}", bundle, checkout.epoch)


def _bill(checkout: Checkout, firmware: Path) -> str:
    python = checkout.root / BILL_PYTHON
    if not python.exists():
        raise CannotReleaseError(f"{BILL_PYTHON} is not there: tools/setup.sh release")
    words = [str(python), "-m", "tools.release.bill", "--version", checkout.version]
    words += ["--commit", checkout.commit, "--epoch", str(checkout.epoch)]
    words += ["--firmware", str(firmware.resolve()), "--firmware-version", FIRMWARE_VERSION]
    done = subprocess.run(words, cwd=checkout.root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotReleaseError(f"no bill of materials: {done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
