"""Key frames, LSTM and attention over time: from streams of faces to the table."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer

from calmloop.base.errors import InputError
from calmloop.papers.runs import Metrics
from calmloop.papers.temporal.commands import study
from calmloop.papers.temporal.compose import (
    NO_GROUP,
    REST_S,
    ComposedStream,
    StreamRecipe,
    compose_streams,
    groups_of,
)
from calmloop.papers.temporal.features import AnsweredFaces, answered, with_moved
from calmloop.papers.temporal.measure import delay_s, measure_said, table
from calmloop.papers.temporal.methods import lstm_method, methods_of, right_alone
from calmloop.papers.temporal.network import AttendingLstm
from calmloop.papers.temporal.plots import attention_around
from calmloop.papers.temporal.train import (
    TemporalRecipe,
    attend,
    to_learn_from,
    train_temporal,
    training_windows,
)
from calmloop.papers.temporal.windows import FEATURES, WINDOW_S, key_frames, padded, windows_of
from calmloop.training.data.faces import Faces
from tests.papers.drawn_faces import drawn_faces

SHORT = StreamRecipe(seconds=12.0)
SMALL = TemporalRecipe(streams=SHORT, stream_count=120, epochs=3, halved_every=1, moved=False)


class KilledError(Exception):
    """As if the process had ended there."""


@pytest.fixture(scope="module")
def faces() -> Faces:
    return drawn_faces(140, 1)


def telling(faces: Faces, doubt: float, seed: int = 1) -> AnsweredFaces:
    """Logits that tell the emotion, but for noise of that size."""
    named = 6.0 * np.eye(7)[faces.emotion]
    noise = np.random.default_rng(seed).normal(0, doubt, named.shape)
    return AnsweredFaces(faces, np.asarray(named + noise, np.float32))


def silent(_: int, __: Metrics) -> None:
    """Nobody looks."""


def steady(group: list[int], change_s: float, hz: float = 10.0) -> ComposedStream:
    at_s = np.arange(len(group), dtype=np.float32) / np.float32(hz)
    face = np.array(group, np.int64)
    return ComposedStream(at_s, face, face, change_s, np.zeros(REST_S, np.int64))


def test_a_stream_changes_once_and_holds_each_face_as_long_as_asked(faces: Faces) -> None:
    truth = groups_of(faces)
    for stream in compose_streams(faces, 20, SHORT, 3):
        np.testing.assert_array_equal(truth[stream.face], stream.group)
        (turn,) = np.flatnonzero(np.diff(stream.group))
        assert stream.at_s[turn] < stream.change_s <= stream.at_s[turn + 1]
        assert 4 <= stream.change_s <= 8
        gaps = np.diff(stream.at_s)
        assert 1 / 15 - 1e-3 <= gaps.min() <= gaps.max() <= 1 / 5 + 1e-3
        assert len(set(stream.face.tolist())) <= 8
        switched = stream.at_s[np.flatnonzero(np.diff(stream.face)) + 1]
        unchanged = switched[np.abs(switched - stream.change_s) > 2.5]
        held = np.diff(unchanged)
        assert not ((held > 1e-3) & (held < 0.5 - 0.2)).any()
        assert (truth[stream.rest] == 1).all()


def test_streams_are_the_same_for_the_same_seed_and_need_all_groups(faces: Faces) -> None:
    once, again, other = (compose_streams(faces, 2, SHORT, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once[1].face, again[1].face)
    assert len(once[1].face) != len(other[1].face) or (once[1].face != other[1].face).any()
    with pytest.raises(InputError, match="faces is positive: add some"):
        compose_streams(faces.where(faces.emotion != 3), 1, SHORT, 1)


def test_a_window_holds_two_seconds_and_tells_how_long_ago_each_frame_was(faces: Faces) -> None:
    (stream,) = compose_streams(faces, 1, SHORT, 1)
    logits = telling(faces, 0.0).logits
    end = len(stream.at_s) - 1
    ((values, group), (first, _)) = windows_of(stream, logits, [end, 0])
    assert values.shape[1] == FEATURES
    assert 0 == values[-1, -1] < values[0, -1] < WINDOW_S
    assert group == stream.group[-1]
    np.testing.assert_array_equal(values[-1, :7], logits[stream.face[-1]])
    assert len(first) == 1
    ((one, _),) = windows_of(stream, logits, [end], window_s=0.0)
    np.testing.assert_array_equal(one, values[-1:])
    many = padded([(values, group), (first, 0)])
    assert many.length.tolist() == [len(values), 1]
    assert not many.values[1, 1:].any()


def test_key_frames_are_those_that_differ_from_the_one_before(faces: Faces) -> None:
    (stream,) = compose_streams(faces, 1, SHORT, 1)
    keys = key_frames(stream, faces.images, 10.0)
    switched = np.flatnonzero(np.diff(stream.face)) + 1
    assert keys.tolist() == [0, *switched.tolist()]
    assert key_frames(stream, faces.images, 255.0).tolist() == [0]
    logits = telling(faces, 0.0).logits
    ((values, _),) = windows_of(stream, logits, [len(stream.at_s) - 1], np.array([0]))
    np.testing.assert_array_equal(values[:, :7], logits[stream.face[:1]])


def test_attention_is_a_share_of_each_frame_and_what_stands_behind_counts_for_nothing() -> None:
    torch.manual_seed(0)
    network = AttendingLstm(8, 0.5).eval()
    values = torch.randn(3, 6, FEATURES)
    length = torch.tensor([6, 3, 1])
    with torch.no_grad():
        logits, attention = network(values, length)
        values[1, 3:] = 1e3
        again, _ = network(values, length)
    torch.testing.assert_close(attention.sum(dim=1), torch.ones(3))
    assert not attention[1, 3:].any()
    assert attention[2, 0] == 1
    torch.testing.assert_close(again, logits)
    last = AttendingLstm(8, 0.5, attends=False).eval()
    with torch.no_grad():
        _, attention = last(values, length)
    assert attention.nonzero().tolist() == [[0, 5], [1, 2], [2, 0]]


def test_faces_are_learned_from_as_they_are_and_moved_by_the_share_asked(faces: Faces) -> None:
    both = telling(with_moved(faces, 1), 0.0)
    assert len(both.faces) == 280
    np.testing.assert_array_equal(both.faces.images[:140], faces.images)
    moved = both.faces.images[140:]
    assert (moved != faces.images).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(both.faces.emotion[140:], faces.emotion)
    half = to_learn_from(SMALL.model_copy(update={"moved": True, "face_share": 0.5}), both)
    assert len(half.faces) == 140
    plain = to_learn_from(SMALL.model_copy(update={"face_share": 0.5}), both)
    np.testing.assert_array_equal(half.faces.images[:70], plain.faces.images)
    np.testing.assert_array_equal(half.logits[:70], plain.logits)
    kept = {image.tobytes() for image in faces.images}
    assert all(image.tobytes() in kept for image in plain.faces.images)


def test_the_lstm_learns_what_a_frame_alone_does_not_tell(
    tmp_path: Path, measured: Callable[[str], None]
) -> None:
    """Noisy answers to faces that come and go: two seconds tell more of unseen ones."""
    fleeting = StreamRecipe(own_faces=40, shortest_held_s=0.1, longest_held_s=0.3)
    changed = {"streams": fleeting, "stream_count": 300, "epochs": 6, "rate": 0.005}
    recipe = SMALL.model_copy(update=changed)
    windows = training_windows(recipe, telling(drawn_faces(1400, 1), 4.0, 1))
    network = train_temporal(recipe, windows, tmp_path, silent)
    unseen = telling(drawn_faces(700, 2), 4.0, 2)
    streams = compose_streams(unseen.faces, 40, fleeting, 99)
    frame = methods_of(unseen.logits)["frame network, likeliest"]
    alone = measure_said(streams, [frame(one) for one in streams])
    said = [lstm_method(recipe, network, unseen)(one) for one in streams]
    lstm = measure_said(streams, said)
    measured(
        f"of noisy drawn faces right: LSTM {lstm.accuracy.value:.1%},"
        f" a frame alone {alone.accuracy.value:.1%}"
    )
    assert lstm.accuracy.value > alone.accuracy.value + 0.1
    assert lstm.changes.value < alone.changes.value / 2
    filled = attention_around(network, streams, unseen.logits).sum(axis=1)
    np.testing.assert_allclose(filled[filled > 0], 1, atol=1e-5)


def test_a_killed_training_goes_on_to_the_same_end(faces: Faces, tmp_path: Path) -> None:
    def killed(epoch: int, _: Metrics) -> None:
        if epoch == 1:
            raise KilledError

    windows = training_windows(SMALL, telling(faces, 1.0))
    whole = train_temporal(SMALL, windows, tmp_path / "whole", silent)
    with pytest.raises(KilledError):
        train_temporal(SMALL, windows, tmp_path / "killed", killed)
    resumed = train_temporal(SMALL, windows, tmp_path / "killed", silent)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value)
    np.testing.assert_array_equal(attend(resumed, windows)[0], attend(whole, windows)[0])
    with pytest.raises(InputError, match="another recipe"):
        other = SMALL.model_copy(update={"hidden": 16})
        train_temporal(other, windows, tmp_path / "whole", silent)


def test_the_engine_sees_a_clear_change_late_and_without_a_flicker(faces: Faces) -> None:
    streams = compose_streams(faces, 6, StreamRecipe(seconds=30), 5)
    known = telling(faces, 0.0)
    methods = methods_of(2 * known.logits)
    said = {name: [method(one) for one in streams] for name, method in methods.items()}
    scores = {name: measure_said(streams, each) for name, each in said.items()}
    frame, engine = scores["frame network, likeliest"], scores["engine's evidence, 5 s"]
    assert right_alone(known) == frame.accuracy.value == 1.0
    assert scores["mean of its last 2 s"].delay_s.value == pytest.approx(1.0, abs=0.1)
    assert engine.missed.value == 0.0
    assert engine.changes.value == frame.changes.value
    assert frame.delay_s.value < 0.2
    assert 1 < engine.delay_s.value < 6
    assert engine.accuracy.value > 0.7


def test_a_delay_lasts_until_the_new_group_is_said_and_stays() -> None:
    stream = steady([0] * 50 + [2] * 50, 5.0)
    said = np.array([0] * 60 + [2] * 40)
    assert delay_s(stream, said) == pytest.approx(1.0)
    said[65] = NO_GROUP
    assert delay_s(stream, said) == pytest.approx(1.6)
    assert delay_s(stream, np.zeros(100, np.int64)) == float("inf")


def test_saying_nothing_is_wrong_and_every_change_of_label_counts() -> None:
    stream = steady([0] * 80 + [2] * 40, 8.0)
    said = stream.group.copy()
    said[90:100] = NO_GROUP
    score = measure_said([stream], [said])
    assert score.accuracy.value == pytest.approx(60 / 70)
    assert score.unknown.value == pytest.approx(10 / 70)
    assert score.changes.value == pytest.approx(3 / (6.9 / 60))
    assert score.delay_s.value == pytest.approx(2.0)
    assert score.missed.value == 0.0
    never = measure_said([stream], [np.zeros(120, np.int64)])
    assert table({"none": never}).endswith("| never | 100 % |")


def test_what_the_network_says_of_a_face_is_computed_once(faces: Faces, tmp_path: Path) -> None:
    few = faces.where(np.arange(6))
    known = answered(few, tmp_path)
    assert known.logits.shape == (6, 7)
    (path,) = tmp_path.iterdir()
    np.save(path, known.logits + 1)
    np.testing.assert_array_equal(answered(few, tmp_path).logits, known.logits + 1)
    assert answered(faces.where(np.arange(5)), tmp_path).logits.shape == (5, 7)


def test_the_command_goes_from_faces_to_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = drawn_faces(280, 4)
    np.savez(
        tmp_path / "fer2013.npz", images=faces.images, emotion=faces.emotion, usage=faces.usage
    )
    given: dict[str, Any] = {"streams": 20, "test_streams": 4, "epochs": 1, "seeds": 2}
    given |= {"share": [0.5], "seed": 1, "threads": 1}
    out = tmp_path / "run"
    study(tmp_path, out, **given)
    text = (out / "table.md").read_text(encoding="utf-8")
    assert [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines()[2:]] == [
        "frame network, as it says",
        "frame network, likeliest",
        "mean of its last 2 s",
        "engine's evidence, 5 s",
        "LSTM and attention",
        "the same, seed 2",
        "without attention",
        "one frame alone",
        "key frames alone",
        "faces not moved",
        "50 % of the faces",
    ]
    assert (out / "attention.png").read_bytes().startswith(b"\x89PNG")
    saved = json.loads((out / "temporal.json").read_text(encoding="utf-8"))
    assert 0 <= saved["scores"]["LSTM and attention"]["accuracy"]["value"] <= 1
    assert set(saved["alone"]) == {"learned from", "reported on"}
    assert ", epoch 1 of 1: loss" in capsys.readouterr().out
    study(tmp_path, out, **given)
    assert "epoch" not in capsys.readouterr().out
    with pytest.raises(typer.Exit):
        study(tmp_path, out, **{**given, "epochs": 2})
    assert "another recipe" in capsys.readouterr().err
