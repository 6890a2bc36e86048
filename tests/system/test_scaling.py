"""Two classifiers share the crops; a stranger's classifier takes the place of ours."""

from collections import Counter
from pathlib import Path

import pytest

from tests.system.caregiver import Caregiver
from tests.system.deployment import Deployment

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

READINGS = 100
LEAST_SHARE = 0.25
STAND_IN = Path(__file__).parent / "standin/compose.override.yaml"


def sources(caregiver: Caregiver, readings: int) -> list[dict[str, object]]:
    """The next emotion states."""
    return [caregiver.bus.wait_for("emotion/state") for _ in range(readings)]


def test_two_classifiers_share_the_load(deployment: Deployment, caregiver: Caregiver) -> None:
    try:
        deployment.compose("up", "--detach", "--wait", "--scale", "emotion-classifier=2")
        assert len(deployment.containers("emotion-classifier")) == 2
        began = len(caregiver.bus.messages("emotion/state"))
        sources(caregiver, READINGS)
        states = [m.body for m in caregiver.bus.messages("emotion/state")[began:]]
    finally:
        deployment.compose("up", "--detach", "--wait")
    shares = Counter(state["source"] for state in states)
    print(f"shares of {len(states)} readings: {dict(shares)}")
    assert len(shares) == 2
    assert min(shares.values()) >= LEAST_SHARE * len(states)
    frames = [state["frame_seq"] for state in states]
    assert len(frames) == len(set(frames)), "no crop is read twice"


def test_a_stand_in_written_from_the_readme_replaces_the_classifier(
    deployment: Deployment, caregiver: Caregiver
) -> None:
    caregiver.make_active()
    try:
        with deployment.overridden_by(STAND_IN):
            deployment.compose("up", "--detach", "--no-deps", "--build", "emotion-classifier")
        caregiver.bus.wait_for("emotion/state", lambda s: s["model"] == "stand-in")
        evidence = caregiver.bus.wait_for(
            "session/state",
            lambda s: (s.get("evidence") or {}).get("label") == "neutral",
            timeout_s=60,
        )
        print(f"the session goes on: {evidence['phase']}, {evidence['reason']}")
    finally:
        caregiver.stop()
        deployment.compose("up", "--detach", "--wait", "emotion-classifier")
    caregiver.bus.wait_for("emotion/state", lambda s: s["model"] != "stand-in")


def test_the_other_runtime_reads_emotions_too(deployment: Deployment, caregiver: Caregiver) -> None:
    try:
        deployment.compose(
            "up", "--detach", "--wait", "emotion-classifier", CLASSIFIER_RUNTIME="tflite"
        )
        (container,) = deployment.containers("emotion-classifier")
        assert "local-tflite" in container.attrs["Config"]["Image"]
        state = caregiver.bus.wait_for("emotion/state", lambda s: bool(s.get("scores")))
        assert container.attrs["Config"]["Hostname"] in state["source"]
    finally:
        deployment.compose("up", "--detach", "--wait", "emotion-classifier")
