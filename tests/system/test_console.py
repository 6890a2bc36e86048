"""The console in its container: by TLS with the device's own authority, with people of its own."""

import http.client
import json
import ssl
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.system.conftest import RunProfile
from tests.system.deployment import Deployment, eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
SERVICE = "caregiver-console"
PIN = "135790"
MAX_MB = 90


def ask(
    deployment: Deployment, trusting: ssl.SSLContext, method: str, path: str, body: Any = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection(
        "localhost", deployment.console_port, context=trusting, timeout=10
    )
    try:
        connection.request(method, path, json.dumps(body) if body else None)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_tablet_that_trusts_the_device_stops_and_a_person_added_there_logs_in(
    run_profile: RunProfile, measured: Callable[[str], None]
) -> None:
    deployment, caregiver = run_profile("console", SERVICE, account="caregiver")
    authority = deployment.compose("run", "--rm", "-T", "init", "show", "ca")
    trusting = ssl.create_default_context(cadata=authority)
    assert ask(deployment, trusting, "GET", "/ca.crt") == (200, authority.encode())

    caregiver.subscribe("stop")
    stop = {"id": "1", "command": "stop"}
    assert ask(deployment, trusting, "POST", "/api/commands", stop)[0] == 200
    eventually(lambda: caregiver.messages("stop"), "the stop is on the bus")

    container = deployment.container(SERVICE)
    enrolled = subprocess.run(
        [
            *("docker", "exec", "-i", str(container.id)),
            *("python", "-m", "calmloop.caregiver_console.enrol", "Anna"),
        ],
        input=f"{PIN}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert PIN not in enrolled.stdout + enrolled.stderr
    status, body = ask(deployment, trusting, "POST", "/api/login", {"name": "Anna", "pin": PIN})
    assert (status, json.loads(body)["role"]) == (200, "technician")
    stats: Any = container.stats(stream=False)
    used_mb = stats["memory_stats"]["usage"] / 2**20
    measured(f"console in its container, after a login: {used_mb:.0f} MB")
    assert used_mb <= MAX_MB
    assert PIN.encode() not in container.logs()
    assert deployment.restarts(SERVICE) == 0
