"""Stands in for what renders reports: does by the language asked for what a report may do.

As `caregiver_console.report_python`; it needs nothing that renders.
"""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_SCRIPT = """#!{python} -I
import json, os, socket, sys

if sys.argv[-1] == "--check":
    sys.exit(0)
asked = json.load(sys.stdin)
if asked["language"] == "lt":
    waiting = socket.create_connection(("127.0.0.1", {port}))
    waiting.recv(1)
if asked["language"] == "lv":
    while True:
        os.write(1, b"%PDF-" * 10_000)
if asked["zone"] == "Mars":
    print(json.dumps({{"error": "Pango is missing", "kind": "RendererError"}}))
    sys.exit(1)
if asked["zone"] == "Venus":
    sys.exit(3)
told = {{"asked": asked, "argv": sys.argv, "env": dict(os.environ), "folder": os.getcwd()}}
print("%PDF-" + json.dumps(told))
"""
WAIT_S = 60.0


class StandIn(NamedTuple):
    """What a test has.

    Attributes:
        python: For the setting.
        door: Where each that is asked for `lt` knocks, and waits: until it is ended.
    """

    python: Path
    door: socket.socket

    def knocking(self) -> socket.socket:
        """The next that waits."""
        knocked, _ = self.door.accept()
        knocked.settimeout(WAIT_S)
        return knocked


@contextmanager
def stand_in(folder: Path) -> Iterator[StandIn]:
    """One in a folder: `en` and `de` are made, `lt` waits, `lv` never ends writing.

    With the zone Mars Pango is missing, with Venus it crashes.
    """
    python = folder / "stand-in-python"
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(WAIT_S)
        python.write_text(_SCRIPT.format(python=sys.executable, port=door.getsockname()[1]))
        python.chmod(0o755)
        yield StandIn(python, door)


def has_ended(process: socket.socket) -> bool:
    """Whether the one that knocked is gone, as soon as it is."""
    return process.recv(1) == b""
