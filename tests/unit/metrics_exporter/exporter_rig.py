"""An exporter on a bus in memory, with a clock of its own, asked by HTTP as Prometheus asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

import structlog
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from calmloop.base.clock import ManualClock
from calmloop.bus.outgoing import Sent
from calmloop.contract.topics import Account, Topic
from calmloop.metrics_exporter.service import MetricsExporterService
from calmloop.metrics_exporter.settings import MetricsExporterSection, Settings
from calmloop.service.runtime import Context, Health
from tests.broker import free_port
from tests.doubles import memory_bus


class ExporterRig:
    """What others send, and what Prometheus then reads."""

    def __init__(self, port: int) -> None:
        self.clock = ManualClock()
        self.port = port
        self.bus, self.transport = memory_bus(Account.METRICS_EXPORTER, self.clock)
        settings = Settings(metrics_exporter=MetricsExporterSection(http_port=port))
        context = Context(settings, self.bus, self.clock, structlog.get_logger())
        self.service = MetricsExporterService(context)

    @property
    def host(self) -> str:
        """The boot id of this machine."""
        return self.bus.host_boot_id

    @property
    def now_ns(self) -> int:
        return self.clock.monotonic_ns()

    def turn(self) -> Health:
        """One turn of the loop."""
        self.bus.dispatch()
        return self.service.turn()

    def send(self, topic: Topic[Sent], body: Sent | dict[str, Any], **fields: str) -> None:
        """Delivers a message as another service would, and has it handled."""
        self.transport.send(topic, body, data=b"", **fields)
        self.turn()

    def scrape(self) -> list[Metric]:
        """All that it answers."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return list(text_string_to_metric_families(answer.read().decode()))

    def names(self) -> set[str]:
        """Every metric that it has, with samples or without; not since when each counts."""
        names = {family.name for family in self.scrape()}
        return {name for name in names if not name.endswith("_created")}

    def values(self, name: str) -> dict[tuple[str, ...], float]:
        """Each sample of that name, by the values of its labels in the order of their names."""
        return {
            tuple(sample.labels.values()): sample.value
            for family in self.scrape()
            for sample in family.samples
            if sample.name == name
        }

    def value(self, name: str, *labels: str) -> float | None:
        """One sample; None if there is none."""
        return self.values(name).get(labels)


@contextmanager
def exporting() -> Iterator[ExporterRig]:
    """An exporter that answers."""
    rig = ExporterRig(free_port())
    try:
        assert rig.turn().healthy
        yield rig
    finally:
        rig.service.close()
