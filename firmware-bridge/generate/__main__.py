"""Writes everything that `protocol.toml` declares into C, Python, PROTOCOL.md and the tests.

python firmware-bridge/generate           writes what differs; `make protocol`
python firmware-bridge/generate --check   changes nothing; exit code 1 where something differs
"""

import argparse
import sys
from pathlib import Path

import c_source
import ctypes_source
import python_source
import tables
from checks import load
from definition import Definition, DefinitionError

BRIDGE = Path(__file__).resolve().parents[1]
ROOT = BRIDGE.parent
EXIT_DIFFERS, EXIT_BAD = 1, 2


def outputs(definition: Definition) -> dict[Path, str]:
    """Each generated file with what it has to hold."""
    core = BRIDGE / "firmware" / "core"
    wire = BRIDGE / "src" / "calmloop" / "chair_link" / "wire"
    page = BRIDGE / "PROTOCOL.md"
    vectors = BRIDGE / "vectors" / "frames.json"
    return {
        core / "protocol.h": c_source.header(definition),
        core / "protocol.c": c_source.source(definition),
        **{wire / name: text for name, text in python_source.files(definition).items()},
        page: tables.filled(page.read_text(encoding="utf-8"), definition, vectors),
        ROOT / "tests" / "unit" / "firmware_core" / "wire_structs.py": ctypes_source.structures(
            definition
        ),
    }


def _held(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main() -> int:
    """Writes or compares; returns the exit code."""
    parser = argparse.ArgumentParser(description="Writes the serial protocol from protocol.toml.")
    parser.add_argument("--check", action="store_true", help="change nothing, say what differs")
    check = parser.parse_args().check
    try:
        wanted = outputs(load(BRIDGE / "protocol.toml"))
    except DefinitionError as error:
        print(f"protocol: {error}", file=sys.stderr)
        return EXIT_BAD
    differing = [path for path, text in wanted.items() if _held(path) != text]
    for path in differing:
        if check:
            print(f"protocol: {path.relative_to(ROOT)} differs from protocol.toml", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
            print(f"protocol: wrote {path.relative_to(ROOT)}")
    if check and differing:
        print("protocol: run `make protocol`, and commit what it writes", file=sys.stderr)
        return EXIT_DIFFERS
    return 0


if __name__ == "__main__":
    sys.exit(main())
