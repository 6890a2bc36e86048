"""kill -9 of each container's main process: it comes back by itself, the chair safe meanwhile."""

import pytest

from tests.system.caregiver import Caregiver
from tests.system.chair_trace import Output, outputs_since
from tests.system.deployment import Deployment

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ZERO_WITHIN_S = 1.0
SAFETY_CHAIN = ("broker", "safety-watchdog", "scenario-selector", "actuator-bridge-sim")
DYING_S = 0.5
"""By then the process is gone, and what it had sent has arrived."""
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
    outputs, killed_s = crash(deployment, "chair-sim")
    assert not any(output.felt for output in outputs if output.at_s > killed_s + DYING_S)
    caregiver.bus.wait_for("chair/state", lambda s: s["mode"] == "safe")
    caregiver.bus.wait_for("stop/state", lambda s: s["latched"])


@pytest.mark.parametrize("service", PERCEPTION)
def test_without_perception_nothing_rises(
    deployment: Deployment, caregiver: Caregiver, service: str
) -> None:
    caregiver.make_active()
    caregiver.bus.wait_for("session/state", lambda s: s["phase"] == "running", 30)
    _, killed_s = crash(deployment, service)
    caregiver.bus.wait_for("emotion/state", timeout_s=30)
    seen_again_s = caregiver.bus.messages("emotion/state", killed_s + DYING_S)[0].at_s
    states = caregiver.bus.messages("session/state")
    at_kill = [m.body for m in states if m.at_s < killed_s][-1]
    blind = [m.body for m in states if killed_s <= m.at_s < seen_again_s]
    strongest_pct = max(state["intensity_pct"] for state in blind)
    print(
        f"{service}: intensity {at_kill['intensity_pct']:g} % when killed,"
        f" at most {strongest_pct:g} % in the {seen_again_s - killed_s:.1f} s until it was back"
    )
    assert strongest_pct <= at_kill["intensity_pct"]
    caregiver.stop()
