"""Debian's Prometheus on loopback, and its promtool: `tools/setup.sh monitoring` unpacks them."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from calmloop.demo.children import start_child, stop_child
from tests.broker import free_port
from tests.services import REPOSITORY

PROGRAMS = REPOSITORY / ".venv-prometheus" / "usr" / "bin"
SHIPPED = REPOSITORY / "compose" / "monitoring"
PATIENCE_S = 30.0
LOOK_S = 0.05
EVERY = ("scrape_interval", "scrape_timeout", "evaluation_interval")


def promtool(*arguments: str | Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs promtool."""
    return subprocess.run(
        [PROGRAMS / "promtool", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * PATIENCE_S,
    )


class Prometheus:
    """Scrapes one exporter twice a second, by the rules that ship, without their patience."""

    def __init__(self, folder: Path, exporter_port: int) -> None:
        self._folder = folder
        self.port = free_port()
        rules = yaml.safe_load((SHIPPED / "alerts.yaml").read_text())
        for rule in rules["groups"][0]["rules"]:
            rule.pop("for", None)
        settings = yaml.safe_load((SHIPPED / "prometheus.yml").read_text())
        settings["global"] = dict.fromkeys(EVERY, "500ms")
        settings["rule_files"] = [str(folder / "alerts.yaml")]
        (job,) = settings["scrape_configs"]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{exporter_port}"]}]
        (folder / "alerts.yaml").write_text(yaml.safe_dump(rules))
        (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))

    def __enter__(self) -> "Prometheus":
        arguments = {
            "config.file": self._folder / "prometheus.yml",
            "storage.tsdb.path": self._folder / "data",
            "web.listen-address": f"127.0.0.1:{self.port}",
        }
        self._child = start_child(
            [PROGRAMS / "prometheus", *(f"--{name}={value}" for name, value in arguments.items())],
            log=self._folder / "prometheus.log",
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        stop_child(self._child)

    def query(self, expression: str) -> dict[str, float]:
        """The values now, by the label `service`."""
        said = self._ask(f"/api/v1/query?{urlencode({'query': expression})}")
        return {
            row["metric"].get("service", ""): float(row["value"][1])
            for row in (said or {"result": []})["result"]
        }

    def firing(self) -> set[tuple[str, str]]:
        """Each alert that fires, with its service."""
        said = self._ask("/api/v1/alerts")
        alerts = (said or {"alerts": []})["alerts"]
        return {
            (alert["labels"]["alertname"], alert["labels"].get("service", ""))
            for alert in alerts
            if alert["state"] == "firing"
        }

    def wait_until(self, condition: Callable[[], bool], wait: Callable[[float], None]) -> None:
        """Looks again and again; `wait` passes the time between."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            log = (self._folder / "prometheus.log").read_text()
            assert time.monotonic() < deadline, f"firing {self.firing()}; {log[-1500:]}"
            wait(LOOK_S)

    def _ask(self, path: str) -> dict[str, Any] | None:
        """What it answers; None while it does not yet."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_S) as answer:
                data: dict[str, Any] = json.load(answer)["data"]
                return data
        except OSError:
            return None
