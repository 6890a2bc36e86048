import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from calmloop.training.commands.app import app
from calmloop.training.data.faces import Faces, Usage
from calmloop.training.measure import baseline


def stripes(count: int, seed: int) -> Faces:
    """Noisy stripes whose slant is their emotion: what gradients' directions tell apart."""
    rng = np.random.default_rng(seed)
    emotion = np.arange(count) % 7
    rows, columns = np.indices((48, 48))
    angle = emotion[:, None, None] * np.pi / 7
    phase = rng.uniform(0, 6, (count, 1, 1))
    waves = np.sin(0.5 * (rows * np.cos(angle) + columns * np.sin(angle)) + phase)
    images = np.clip(128 + 60 * waves + rng.normal(0, 20, waves.shape), 0, 255).astype(np.uint8)
    return Faces(images, emotion, np.full(count, Usage.TRAINING.value))


def test_features_are_900_and_do_not_feel_the_light() -> None:
    image = stripes(1, 0).images
    described = baseline.features(image)
    assert described.shape == (1, 900)
    assert baseline.features(image // 2) == pytest.approx(described, abs=0.05)
    assert not np.allclose(baseline.features(cv2.rotate(image[0], 0)[None]), described, atol=0.05)


def test_it_tells_directions_apart_and_repeats() -> None:
    training, test = stripes(210, 1), stripes(70, 2)
    machine = baseline.fit(training.images, training.emotion, steps=60)
    assert (machine.logits(test.images).argmax(axis=1) == test.emotion).mean() > 0.95
    again = baseline.fit(training.images, training.emotion, steps=60)
    assert np.array_equal(machine.weights, again.weights)


def test_more_steps_lower_what_is_minimised() -> None:
    faces = stripes(140, 3)
    sides = np.where(np.eye(7)[faces.emotion] > 0, 1, -1)

    def cost(steps: int) -> float:
        machine = baseline.fit(faces.images, faces.emotion, steps)
        short = np.maximum(1 - sides * machine.logits(faces.images), 0)
        pull = (machine.weights**2).sum() / (2 * baseline.SLACK_COST)
        return float((short**2).sum(axis=1).mean() + pull)

    costs = [cost(steps) for steps in (1, 10, 100, 400)]
    assert costs == sorted(costs, reverse=True)
    assert costs[3] > 0.8 * costs[2] or costs[3] < 0.02


def test_the_command_measures_it_as_networks_are_measured(tmp_path: Path) -> None:
    faces = stripes(210, 4)
    usage = np.repeat([Usage.TRAINING.value, Usage.PUBLIC_TEST.value], [140, 70])
    np.savez(tmp_path / "fer2013.npz", images=faces.images, emotion=faces.emotion, usage=usage)
    result = CliRunner().invoke(app, ["baseline", "--data", str(tmp_path)])
    assert result.exit_code == 0, result.output
    metrics = json.loads(result.output)
    assert metrics["faces"] == 70
    assert metrics["accuracy_7"] > 0.9
    refused = CliRunner().invoke(app, ["baseline", "--data", str(tmp_path / "none")])
    assert refused.exit_code == 2
