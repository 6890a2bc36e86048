"""Prometheus scrapes an exporter that hears a real broker; an alert fires, and is over."""

from pathlib import Path
from urllib.request import urlopen

import pytest

from calmloop.contract import topics
from tests.broker import Broker, free_port
from tests.monitoring.prometheus import SHIPPED, Prometheus, promtool
from tests.processes import CHAIR, Client, ServiceProcess, start_service

pytestmark = pytest.mark.monitoring

HEARTBEAT = topics.HEARTBEAT.name(CHAIR, service="camera", instance="a")
LOST = ("CalmloopServiceLost", "camera")


def exporter(broker: Broker, folder: Path, port: int) -> ServiceProcess:
    """An exporter that answers on a port of its own."""
    return start_service(
        "metrics_exporter", broker, folder / "out", METRICS_EXPORTER__HTTP_PORT=str(port)
    )


def test_an_alert_fires_when_a_service_is_lost_and_is_over_when_it_is_back(
    broker: Broker, tmp_path: Path
) -> None:
    port = free_port()
    with (
        exporter(broker, tmp_path, port),
        Client(broker) as client,
        Prometheus(tmp_path, port) as prometheus,
    ):

        def beat(wait_s: float) -> None:
            client.publish(HEARTBEAT, {"service": "camera", "instance": "a", "healthy": True})
            client.wait(wait_s)

        def up() -> float | None:
            return prometheus.query("calmloop_service_up").get("camera")

        prometheus.wait_until(lambda: up() == 1, beat)
        prometheus.wait_until(lambda: LOST in prometheus.firing(), client.wait)
        assert up() != 1
        prometheus.wait_until(lambda: up() == 1 and LOST not in prometheus.firing(), beat)


def test_what_it_answers_is_what_promtool_finds_no_fault_with(
    broker: Broker, tmp_path: Path
) -> None:
    port = free_port()
    with exporter(broker, tmp_path, port):
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        checked = promtool("check", "metrics", given=text)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert "# TYPE calmloop_latency_seconds histogram" in text


def test_the_rules_and_the_configuration_that_ship_are_valid() -> None:
    checked = promtool("check", "config", SHIPPED / "prometheus.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "rules found" in checked.stdout
