"""kill -9 of each container's main process: it comes back by itself, the chair safe meanwhile."""

import pytest

from tests.system.caregiver import Caregiver
from tests.system.chair_trace import Output, outputs_since
from tests.system.deployment import Deployment

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ZERO_WITHIN_S = 1.0
SAFETY_CHAIN = ("broker", "safety-watchdog", "scenario-selector", "actuator-bridge-sim")
PERCEPTION = ("camera-sim", "face-detector", "emotion-classifier")


def crash(deployment: Deployment, service: str) -> tuple[list[Output], float]:
    """Kills a service, waits until it is back, and tells what the chair did from the kill on."""
    restarts = deployment.restarts(service)
    killed_s = deployment.kill(service)
    deployment.await_return(service, restarts)
    return outputs_since(deployment, killed_s), killed_s


@pytest.mark.parametrize("service", SAFETY_CHAIN)
def test_without_a_link_of_the_safety_chain_the_chair_is_still_and_stays_so(
    deployment: Deployment, caregiver: Caregiver, service: str
) -> None:
    caregiver.make_active()
    outputs, killed_s = crash(deployment, service)
    still_s = next(output.at_s for output in outputs if not output.felt)
    print(f"{service}: vibration and sound zero {still_s - killed_s:.3f} s after kill -9")
    assert still_s - killed_s <= ZERO_WITHIN_S
    caregiver.bus.wait_for("stop/state", lambda s: s["latched"])
    assert not any(o.felt for o in outputs_since(deployment, still_s)), "it began by itself again"


def test_a_chair_that_lost_its_power_comes_back_still(
    deployment: Deployment, caregiver: Caregiver
) -> None:
    caregiver.make_active()
    outputs, _ = crash(deployment, "chair-sim")
    assert not any(output.felt for output in outputs)
    caregiver.bus.wait_for("chair/state", lambda s: s["mode"] == "safe")
    caregiver.bus.wait_for("stop/state", lambda s: s["latched"])


@pytest.mark.parametrize("service", PERCEPTION)
def test_without_perception_nothing_rises(
    deployment: Deployment, caregiver: Caregiver, service: str
) -> None:
    caregiver.make_active()
    intensity_pct = caregiver.bus.wait_for("session/state")["intensity_pct"]
    _, killed_s = crash(deployment, service)
    states = [m.body for m in caregiver.bus.messages("session/state", killed_s)]
    strongest = max(state["intensity_pct"] for state in states)
    print(f"{service}: intensity {intensity_pct:g} %, at most {strongest:g} % while it was away")
    assert strongest <= intensity_pct
    caregiver.bus.wait_for("emotion/state", lambda s: s["label"] != "unknown", 30)
    caregiver.stop()
