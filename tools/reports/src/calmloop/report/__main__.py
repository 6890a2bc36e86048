"""`python -m calmloop.report`: one report for a program, in a process that ends.

Standard input: `{"name", "host", "port", "token", "language", "zone"}`, so that no token stands in
a list of processes. Standard output: the PDF, or with exit code 1 why there is none, as
`{"error", "kind"}`. With `--check` it makes none: it answers the same way whether it could.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calmloop.report.bounds import hold_caches, restrain
from calmloop.report.errors import ReportError
from calmloop.report.language import ReportLanguage
from calmloop.report.libraries import load_all
from calmloop.report.making import make_report
from calmloop.report.reading import LogAddress

CHECK = "--check"
EXIT_NOT_DONE = 1


def main() -> int:
    """Makes the one report that it is asked for."""
    restrain()
    with tempfile.TemporaryDirectory() as folder:
        hold_caches(Path(folder))
        try:
            made = _checked() if sys.argv[1:] == [CHECK] else _made(json.load(sys.stdin))
        except ReportError as error:
            json.dump({"error": str(error), "kind": type(error).__name__}, sys.stdout)
            return EXIT_NOT_DONE
    sys.stdout.buffer.write(made)
    return 0


def _checked() -> bytes:
    load_all()
    return b""


def _made(asked: dict[str, Any]) -> bytes:
    address = LogAddress(asked["host"], int(asked["port"]), asked["token"])
    return make_report(
        asked["name"], address, ReportLanguage(asked["language"]), _zone(asked["zone"])
    )


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


if __name__ == "__main__":
    sys.exit(main())
