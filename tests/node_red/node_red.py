"""Node-RED from npm on loopback, with the flow that ships; see `tools/setup.sh node-red`."""

import json
import time
from pathlib import Path
from types import TracebackType
from urllib.request import Request, urlopen

from calmloop.demo.children import start_child, stop_child
from tests.broker import Broker, free_port
from tests.processes import CHAIR, clean_environment
from tests.services import REPOSITORY

PROGRAM = REPOSITORY / ".venv-node-red" / "node_modules" / "node-red" / "red.js"
FLOW = REPOSITORY / "compose" / "node-red" / "flows.json"
PATIENCE_S = 60.0
LOOK_S = 0.05
SETTINGS = {
    "uiHost": "127.0.0.1",
    "credentialSecret": False,
    "telemetry": {"enabled": False, "updateNotification": False},
    "logging": {"console": {"level": "info", "metrics": False, "audit": False}},
}


class NodeRed:
    """Runs the flow while the context is open."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self._folder = folder
        self._log = folder / "node-red.log"
        self._port = free_port()
        folder.mkdir()
        (folder / "flows.json").write_bytes(FLOW.read_bytes())
        settings = {**SETTINGS, "uiPort": self._port, "flowFile": "flows.json"}
        (folder / "settings.js").write_text(f"module.exports = {json.dumps(settings)};\n")
        self._environment = {
            "CALMLOOP_BROKER": "127.0.0.1",
            "CALMLOOP_PORT": str(broker.port),
            "CALMLOOP_CHAIR": CHAIR,
            "HOME": str(folder),
        }

    def __enter__(self) -> "NodeRed":
        settings = self._folder / "settings.js"
        self._child = start_child(
            ["node", PROGRAM, "--userDir", self._folder, "--settings", settings],
            log=self._log,
            env=clean_environment(**self._environment),
        )
        self.wait_for_line("Connected to broker")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        stop_child(self._child)

    @property
    def log(self) -> str:
        """What it has said so far, the flow's own ends among it."""
        return self._log.read_text()

    def press(self, button: str) -> None:
        """As a click on an inject node in the editor."""
        address = f"http://127.0.0.1:{self._port}/inject/{button}"
        with urlopen(Request(address, method="POST"), timeout=PATIENCE_S) as answer:
            assert answer.status == 200

    def wait_for_line(self, part: str) -> None:
        """Looks again and again until the log has it."""
        deadline = time.monotonic() + PATIENCE_S
        while part not in self.log:
            assert time.monotonic() < deadline, self.log[-2000:]
            time.sleep(LOOK_S)
