"""A temporal network beside the classifier: its file and card, and what the bus gets to see."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog
from structlog.testing import capture_logs

from calmloop.base.clock import ManualClock
from calmloop.base.errors import ConfigurationError
from calmloop.base.use_context import UseContext
from calmloop.contract import topics
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.emotion import EmotionState, Label
from calmloop.contract.messages.face import FaceHeader
from calmloop.contract.topics import Account
from calmloop.emotion_classifier import EmotionClassifierSection, TemporalTflite, service
from calmloop.emotion_classifier.over_time import TemporalFaultError
from calmloop.emotion_classifier.service import EmotionClassifierService
from calmloop.emotion_classifier.settings import RUNTIMES, SHIPPED_MODEL, Settings
from calmloop.papers.temporal.tflite import TemporalWeights, temporal_file
from calmloop.service.runtime import Context
from tests.doubles import memory_bus
from tests.real_faces import real_faces
from tests.temporal_network import FRAMES, always, drawn_weights, write_network

NEUTRAL_ALWAYS = (0.0, 9.0, 0.0)
EXPRESSIONS = {"sad", "happy", "neutral", "fear"}


def some_faces(folder: Path, count: int) -> list[Any]:
    return [face for _, face in real_faces(folder, EXPRESSIONS, count)]


class Classifier:
    """The service with a temporal network, or none, on a bus in memory."""

    def __init__(self, temporal: Path | None, place: UseContext = UseContext.CLINIC) -> None:
        clock = ManualClock()
        self.bus, self._transport = memory_bus(Account.EMOTION_CLASSIFIER, clock)
        section = EmotionClassifierSection(temporal=temporal)
        settings = Settings(use_context=place, emotion_classifier=section)
        log = structlog.get_logger("test")
        self.service = EmotionClassifierService(Context(settings, self.bus, clock, log))
        self._frame = 0

    def read(self, face: Any, track_id: str | None = "run-1") -> EmotionState:
        self._frame += 1
        header = FaceHeader(
            frame_seq=self._frame,
            captured_ns=self._frame * 10**8,
            size_px=len(face),
            track_id=track_id,
        )
        self._transport.send(topics.FACE_CROP, header, data=face.tobytes())
        self.bus.dispatch()
        return self._transport.messages(topics.EMOTION_STATE)[-1]

    def hear(self, *, ground: bool) -> None:
        self._transport.send(topics.CAREGIVER_STATE, CaregiverPresence(face_ground=ground))
        self.bus.dispatch()


class Telling:
    """A network that keeps how long the windows are that it gets."""

    name, frames, window_s = "telling 1", 5, 2.0

    def __init__(self, *, fails: bool = False) -> None:
        self._fails = fails
        self.lengths: list[int] = []

    def likely(self, answers: Any, _: Any) -> Any:
        self.lengths.append(len(answers))
        if self._fails:
            raise TemporalFaultError("it says nan")
        return np.array([0.1, 0.8, 0.1])


def loaded(model: Path) -> TemporalTflite:
    return TemporalTflite(model, SHIPPED_MODEL, RUNTIMES.chosen(EmotionClassifierSection()))


def window(count: int, seed: int) -> tuple[Any, Any]:
    drawn = np.random.default_rng(seed).normal(0, 3, (count, 7)).astype(np.float32)
    return drawn, np.linspace(1.5, 0, count, dtype=np.float32)


def by_hand(weights: TemporalWeights, answers: Any, ago_s: Any) -> Any:
    """The logits of a window, step by step."""

    def sigmoid(values: Any) -> Any:
        return 1 / (1 + np.exp(-values))

    out = cell = np.zeros(weights.bias.shape[1])
    hidden = []
    for values in np.column_stack([answers, ago_s]):
        into, forget, new, through = (
            weights.kernel @ values + weights.recurrent @ out + weights.bias
        )
        cell = sigmoid(forget) * cell + sigmoid(into) * np.tanh(new)
        out = sigmoid(through) * np.tanh(cell)
        hidden.append(out)
    seen = np.array(hidden)
    scores = np.tanh(seen @ weights.project.T + weights.project_bias) @ weights.score[0]
    shares = np.exp(scores) / np.exp(scores).sum()
    return weights.head @ (shares @ seen) + weights.head_bias


@pytest.mark.parametrize("count", [1, 2, 7, FRAMES])
def test_a_file_says_of_a_window_what_its_weights_do(tmp_path: Path, count: int) -> None:
    weights = drawn_weights(3)
    network = loaded(write_network(tmp_path / "t.tflite", weights))
    for seed in range(5):
        answers, ago_s = window(count, seed)
        np.testing.assert_allclose(
            network.logits(answers, ago_s), by_hand(weights, answers, ago_s), atol=1e-5
        )


def test_nothing_is_left_of_the_window_before(tmp_path: Path) -> None:
    network = loaded(write_network(tmp_path / "t.tflite", drawn_weights(3)))
    first = network.logits(*window(5, 1))
    network.logits(*window(FRAMES, 2))
    np.testing.assert_array_equal(network.logits(*window(5, 1)), first)


def test_the_bus_gets_one_answer_a_crop_with_the_last_seconds_in_it(
    tmp_path: Path, shared_dir: Path
) -> None:
    faces = some_faces(shared_dir, 60)
    plain, over_time = (
        Classifier(None),
        Classifier(write_network(tmp_path / "t.tflite", always(*NEUTRAL_ALWAYS))),
    )
    before, after = [plain.read(face) for face in faces], [over_time.read(face) for face in faces]
    assert {one.label for one in before} == set(Label)
    for own, said in zip(before, after, strict=True):
        assert said.model == f"{own.model} + drawn 1"
        if own.label is Label.UNKNOWN:
            assert said.model_dump(exclude={"model", "seq"}) == own.model_dump(
                exclude={"model", "seq"}
            )
        else:
            assert said.label in (Label.NEUTRAL, Label.UNKNOWN)
            assert said.scores["surprise"] == own.scores["surprise"]
        if own.label in (Label.NEGATIVE, Label.POSITIVE):
            assert abs(said.valence) < abs(own.valence) / 10
            assert said.scores["neutral"] > 0.8 * (1 - own.scores["surprise"])
    assert any(one.label is Label.NEUTRAL for one in after)


def test_without_a_track_the_answer_is_the_frame_s_own(tmp_path: Path, shared_dir: Path) -> None:
    plain, over_time = (
        Classifier(None),
        Classifier(write_network(tmp_path / "t.tflite", always(*NEUTRAL_ALWAYS))),
    )
    for face in some_faces(shared_dir, 20):
        assert over_time.read(face, None).scores == plain.read(face).scores


def test_a_fault_is_logged_once_and_counted_and_faces_are_read_one_by_one(
    shared_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "load_temporal", lambda _: Telling(fails=True))
    torn = Classifier(None)
    monkeypatch.undo()
    plain = Classifier(None)
    faces = some_faces(shared_dir, 20)
    with capture_logs() as logs:
        assert [torn.read(one).scores for one in faces] == [plain.read(one).scores for one in faces]
    warnings = [entry for entry in logs if entry["log_level"] == "warning"]
    assert [entry["reason"] for entry in warnings] == ["it says nan"]
    assert torn.bus.counters["temporal_faults"] > 1


def test_the_last_seconds_are_forgotten_when_late_and_when_no_face_may_be_read(
    shared_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Telling()
    monkeypatch.setattr(service, "load_temporal", lambda _: network)
    classifier = Classifier(None, UseContext.SCHOOL)
    classifier.hear(ground=True)
    known = next(
        one for one in some_faces(shared_dir, 20) if classifier.read(one).label is not Label.UNKNOWN
    )
    classifier.read(known)
    assert network.lengths[-1] > 1
    classifier.service.discard()
    classifier.read(known)
    classifier.read(known)
    assert network.lengths[-2:] == [1, 2]
    classifier.hear(ground=False)
    assert classifier.read(known).label is Label.UNKNOWN
    classifier.hear(ground=True)
    classifier.read(known)
    assert network.lengths[-2:] == [2, 1]


def edited(model: Path, **changes: Any) -> Path:
    path = model.with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return model


def test_a_network_that_learned_from_another_s_answers_is_refused(tmp_path: Path) -> None:
    model = write_network(tmp_path / "t.tflite", drawn_weights(3))
    other = {"name": "calm 0.2.1", "sha256": "1" * 64}
    with pytest.raises(ConfigurationError, match=r"weighs the answers of calm 0\.2\.1 .*111111"):
        Classifier(edited(model, frame_network=other))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"labels": ["neutral", "negative", "positive"]}, "labels"),
        ({"features": ["ago_s"]}, "features"),
        ({"kind": "frame"}, "kind"),
        ({"sha256": "0" * 64}, "sha256"),
        ({"frames": FRAMES + 1}, "is needed"),
        ({"window_s": -1}, "window_s"),
    ],
)
def test_a_card_that_does_not_match_is_refused(
    tmp_path: Path, changes: dict[str, Any], named: str
) -> None:
    model = edited(write_network(tmp_path / "t.tflite", drawn_weights(3)), **changes)
    with pytest.raises(ConfigurationError, match=named):
        loaded(model)


def test_a_frame_network_a_missing_card_and_a_broken_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"papers temporal export"):
        loaded(SHIPPED_MODEL)
    model = write_network(tmp_path / "t.tflite", drawn_weights(3))
    model.with_suffix(".json").unlink()
    with pytest.raises(ConfigurationError, match="has no card"):
        loaded(model)
    weights = drawn_weights(3)
    nan = replace(weights, head_bias=np.full(3, np.nan, np.float32))
    with pytest.raises(ConfigurationError, match="which is no answer"):
        loaded(write_network(model, nan))


def test_the_same_weights_make_the_same_file_and_int8_ones_a_smaller_one() -> None:
    weights = drawn_weights(3)
    whole = temporal_file(weights, FRAMES)
    assert whole == temporal_file(weights, FRAMES)
    assert len(temporal_file(weights, FRAMES, int8=True)) < len(whole)
