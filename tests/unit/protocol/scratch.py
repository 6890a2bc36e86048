"""A copy of what the protocol is written from and into, in which a test may change everything."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BRIDGE = Path("firmware-bridge")
FOLDERS = (
    BRIDGE / "generate",
    BRIDGE / "vectors",
    BRIDGE / "firmware" / "core",
    BRIDGE / "src" / "calmloop" / "chair_link" / "wire",
)
STRUCTS = Path("tests/unit/firmware_core/wire_structs.py")
FILES = (BRIDGE / "protocol.toml", BRIDGE / "PROTOCOL.md", STRUCTS)


def copied(folder: Path) -> Path:
    """The copy, in `folder`."""
    for part in FOLDERS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    return folder


def generate(copy: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs the copy's own generator."""
    return subprocess.run(
        [sys.executable, copy / "firmware-bridge" / "generate", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


def changed(path: Path, old: str, new: str) -> None:
    """Replaces what stands in a file once."""
    text = path.read_text()
    assert text.count(old) == 1, f"{path.name} holds {text.count(old)} times: {old}"
    path.write_text(text.replace(old, new))
