"""The voice's profiles: a made-up voice is heard, a microphone is off, missed and never needed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.system.conftest import RunProfile
from tests.system.deployment import Deployment, eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

MAX_MEMORY_MB = 80
HEARD = 60
"""States of half a second."""


@pytest.fixture
def network(tmp_path: Path, shared_dir: Path) -> Path:
    """An integrator's override that hands YAMNet in; without its file crying stays unknown."""
    model = shared_dir / "data/models/yamnet_spectra_in.tflite"
    if not model.is_file():
        pytest.skip(f"{model} is not here")
    inside = "/etc/calmloop/yamnet.tflite"
    given = {
        "volumes": [f"{model.resolve()}:{inside}:ro"],
        "environment": {"CALMLOOP_VOICE_LISTENER__NETWORK__MODEL": inside},
    }
    override = tmp_path / "override.yaml"
    override.write_text(yaml.safe_dump({"services": {"voice-listener-sim": given}}))
    return override


def memory_mb(deployment: Deployment, service: str) -> float:
    """What `docker stats` says: without the files that the kernel may drop."""
    told: Any = deployment.container(service).stats(stream=False)
    memory = told["memory_stats"]
    kinds = memory["stats"]
    droppable = kinds.get("total_inactive_file", kinds.get("inactive_file", 0))
    return float(memory["usage"] - droppable) / 1e6


def test_a_simulated_voice_is_heard_and_stays_small(
    run_profile: RunProfile, network: Path, measured: Callable[[str], None]
) -> None:
    service = "voice-listener-sim"
    deployment, monitor = run_profile("voice-sim", service, override=network)
    monitor.subscribe("voice/state")
    for _ in range(HEARD):
        body = monitor.wait_for("voice/state")
        assert (body["condition"], body["source_kind"]) == ("listening", "simulated")
    assert body["crying"] < 0.5
    memory = memory_mb(deployment, service)
    measured(f"voice-listener, simulated, in its container: {memory:.1f} MB by docker stats")
    assert memory <= MAX_MEMORY_MB
    assert deployment.container(service).attrs["Config"]["User"] == "10008:10008"
    assert deployment.restarts(service) == 0


def test_a_microphone_is_off_until_a_person_switches_it_on_and_then_missed(
    run_profile: RunProfile,
) -> None:
    service = "voice-listener"
    deployment, caregiver = run_profile("voice", service, account="caregiver")
    caregiver.subscribe("voice/state")
    assert caregiver.wait_for("voice/state")["condition"] == "off"
    caregiver.publish("voice/set", {"enabled": True})
    missed = caregiver.wait_for("voice/state", lambda body: body["condition"] == "lost")
    assert "no microphone is there at all" in missed["reason"]
    assert "level_db" not in missed

    deployment.container(service).restart(timeout=5)
    again = caregiver.wait_for("voice/state", lambda body: body["seq"] < missed["seq"])
    assert again["enabled"], "as the person has left it"
    caregiver.publish("voice/set", {"enabled": False})
    caregiver.wait_for("voice/state", lambda body: body["condition"] == "off")
    eventually(lambda: deployment.is_healthy(service), "healthy while it is switched off")
