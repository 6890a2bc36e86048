"""The sound profiles: a player without a device is well; one whose device is missing says so.

The first start renders the soundscapes, for the engine to read as well.
"""

import pytest

from tests.system.conftest import RunProfile
from tests.system.deployment import eventually

RENDERED_S = 200.0
"""Rendering takes what nobody else wants of the processor; the first track needs some 5 s of it."""

READ_BY_THE_ENGINE = """
from calmloop.base import settings
track = settings.load(settings.ServiceSettings).tracks.sidecar("surf")
print(track.name, track.frames)
"""

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_a_player_without_a_device_waits_for_a_session(run_profile: RunProfile) -> None:
    service = "sound-player-sim"
    deployment, monitor = run_profile("sound-sim", service)
    monitor.subscribe("sound/state")
    body = monitor.wait_for("sound/state", lambda body: body["condition"] == "silent")
    assert body["output_kind"] == "simulated"
    assert body["reason"] == "no setpoint is in force"
    assert deployment.container(service).attrs["Config"]["User"] == "10009:10009"
    eventually(
        lambda: "surf.json" in deployment.compose("exec", "-T", service, "ls", "/var/lib/calmloop"),
        "the first soundscape is rendered",
        timeout_s=RENDERED_S,
        pause_s=1.0,
    )
    look = ("run", "--rm", "-T", "--no-deps", "--entrypoint", "python", "scenario-selector", "-c")
    assert deployment.compose(*look, READ_BY_THE_ENGINE).strip() == "surf 4320000"
    assert deployment.restarts(service) == 0


def test_a_device_that_is_not_there_is_missed_and_looked_for(run_profile: RunProfile) -> None:
    service = "sound-player"
    deployment, monitor = run_profile("sound", service)
    monitor.subscribe("sound/state")
    missed = monitor.wait_for("sound/state", lambda body: body["condition"] == "no_output")
    later = monitor.wait_for(
        "sound/state", lambda body: "no output is there at all" in body["reason"]
    )
    assert later["seq"] >= missed["seq"]
    eventually(lambda: deployment.is_healthy(service), "its loop turns without a device")
