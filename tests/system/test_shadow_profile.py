"""A second network beside the classifier, by its profile: it answers, and is not taken for it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.bus_client import BusClient
from tests.system.conftest import CHANGES
from tests.system.deployment import REPOSITORY, Deployment, brought_up

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

MODELS = REPOSITORY / "services/emotion-classifier/src/calmloop/emotion_classifier/models"
FACES = 30


@pytest.fixture
def shadowed(images: tuple[str, ...], tmp_path: Path) -> Iterator[Deployment]:
    """The simulated child, read by the shipped network twice."""
    assert images
    for suffix in ("tflite", "json"):
        shutil.copy(MODELS / f"calm.{suffix}", tmp_path / f"other.{suffix}")
    tmp_path.chmod(0o755)
    told = {"SHADOW_DIR": str(tmp_path), "SHADOW_MODEL": "other.tflite", "SHADOW_NAME": "other"}
    with brought_up("shadow", CHANGES, "sim,shadow", **told) as running:
        yield running


def test_a_second_network_answers_beside_the_classifier_and_is_not_taken_for_it(
    shadowed: Deployment,
) -> None:
    """The same network says the same of the same crop."""
    own, other = "emotion/state", "emotion/shadow/other/state"
    with BusClient("monitor", shadowed.password("monitor"), shadowed.plain_port) as bus:
        bus.subscribe("emotion/#")
        bus.subscribe("service/#")

        def labels(path: str) -> dict[int, str]:
            return {m.body["frame_seq"]: m.body["label"] for m in bus.messages(path)}

        def read_by_both(_body: dict[str, Any]) -> bool:
            return len(labels(own).keys() & labels(other).keys()) >= FACES

        bus.wait_for(other, read_by_both, timeout_s=60.0)
        first, second = labels(own), labels(other)
        bus.wait_for("service/emotion-classifier/shadow/status")
        beats = "service/emotion-classifier/shadow/heartbeat"
        assert not bus.messages(beats), "it would pass for the classifier"
    both = first.keys() & second.keys()
    assert {seq: first[seq] for seq in both} == {seq: second[seq] for seq in both}
    assert shadowed.restarts("emotion-classifier-shadow") == 0
