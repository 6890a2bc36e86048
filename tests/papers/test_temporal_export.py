"""The recurrent network as a file: the same logits, smaller, and run by emotion-classifier."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer

from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import Label
from calmloop.emotion_classifier import (
    RUNTIMES,
    EmotionClassifierSection,
    TemporalTflite,
    digest,
)
from calmloop.emotion_classifier.settings import SHIPPED_MODEL
from calmloop.papers.temporal.commands import export, study
from calmloop.papers.temporal.compose import NO_GROUP, StreamRecipe, compose_streams
from calmloop.papers.temporal.costs import package_energy_uj, window_cost
from calmloop.papers.temporal.features import AnsweredFaces
from calmloop.papers.temporal.folding import folded
from calmloop.papers.temporal.methods import SERVICE, over_time_methods, read_faces
from calmloop.papers.temporal.network import AttendingLstm
from calmloop.papers.temporal.pruning import pruned
from calmloop.papers.temporal.study import FIRST
from calmloop.papers.temporal.tflite import temporal_file
from calmloop.papers.temporal.windows import FEATURES
from calmloop.training.tflite.network import operators
from calmloop.training.tflite.runtimes import open_interpreter
from tests.papers.drawn_faces import drawn_faces
from tests.temporal_network import drawn_weights, write_network

FRAMES = 31


def some_network(hidden: int = 32) -> AttendingLstm:
    """Drawn weights, and normalisations that have seen something."""
    torch.manual_seed(1)
    network = AttendingLstm(hidden, 0.5)
    for norm in (network.norm, network.norm_hidden):
        torch.nn.init.normal_(norm.weight, 1.0, 0.3)
        torch.nn.init.normal_(norm.bias, 0.0, 0.3)
    for _ in range(20):
        network(3 * torch.randn(16, 20, FEATURES) + 1, torch.randint(1, 21, (16,)))
    network.eval()
    return network


def windows(length: int, count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    drawn = np.random.default_rng(length).normal(0, 3, (count, FRAMES, FEATURES))
    return drawn.astype(np.float32)


def said_by_file(path: Path, values: Any, length: int) -> Any:
    interpreter: Any = open_interpreter(path)
    places = {one["name"]: one["index"] for one in interpreter.get_input_details()}
    (sink,) = interpreter.get_output_details()
    said = []
    for window in values:
        interpreter.reset_all_variables()
        interpreter.set_tensor(places["values"], window[None])
        interpreter.set_tensor(places["length"], np.array([length], np.int32))
        interpreter.invoke()
        said.append(interpreter.get_tensor(sink["index"])[0])
    return np.array(said)


def said_by_torch(network: AttendingLstm, values: Any, length: int) -> Any:
    with torch.no_grad():
        lengths = torch.full((len(values),), length)
        return network(torch.from_numpy(values), lengths)[0].numpy()


@pytest.mark.parametrize("length", [1, 2, 9, 30, FRAMES])
def test_the_file_says_what_torch_says_whatever_stands_behind_the_window(
    tmp_path: Path, length: int
) -> None:
    network, values = some_network(), windows(length, 20)
    path = tmp_path / "t.tflite"
    path.write_bytes(temporal_file(folded(network), FRAMES))
    expected = said_by_torch(network, values, length)
    np.testing.assert_allclose(said_by_file(path, values, length), expected, atol=1e-4)
    assert expected.std(axis=0).min() > 0.01


def test_int8_matrices_are_a_third_of_the_file_and_say_nearly_the_same(tmp_path: Path) -> None:
    network, values = some_network(), windows(12, 40)
    whole, small = tmp_path / "t.tflite", tmp_path / "s.tflite"
    whole.write_bytes(temporal_file(folded(network), FRAMES))
    small.write_bytes(temporal_file(folded(network), FRAMES, int8=True))
    assert small.stat().st_size < 0.4 * whole.stat().st_size
    differs = np.abs(said_by_file(small, values, 12) - said_by_file(whole, values, 12))
    assert 0 < differs.max() < 0.05
    assert operators(small) == operators(whole)
    assert "UNIDIRECTIONAL_SEQUENCE_LSTM" in operators(whole)


def test_units_that_nothing_hangs_on_go_first_and_nothing_changes(tmp_path: Path) -> None:
    network, values = some_network(16), windows(9, 20)
    idle, unasked = [1, 4, 5, 15], [0, 2, 8, 9]
    with torch.no_grad():
        network.head.weight[:, idle] = 0
        network.project.weight[:, idle] = 0
        network.lstm.weight_hh_l0[:, idle] = 0
        network.score.weight[:, unasked] = 0
    smaller = pruned(network, 0.25)
    assert smaller.lstm.hidden_size == 12
    np.testing.assert_allclose(
        said_by_torch(smaller, values, 9), said_by_torch(network, values, 9), atol=1e-5
    )
    path = tmp_path / "t.tflite"
    path.write_bytes(temporal_file(folded(smaller), FRAMES))
    np.testing.assert_allclose(
        said_by_file(path, values, 9), said_by_torch(network, values, 9), atol=1e-4
    )


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_a_share_that_takes_nothing_or_all_is_refused(share: float) -> None:
    with pytest.raises(InputError, match=r"--prune 0\.\d+ leaves \d+ of 4 hidden units"):
        pruned(some_network(4), share)


def test_energy_is_read_where_the_processor_counts_it_also_over_its_end(tmp_path: Path) -> None:
    package, core = tmp_path / "intel-rapl:0", tmp_path / "intel-rapl:0:0"
    for zone in (package, core):
        zone.mkdir()
        (zone / "energy_uj").write_text("9000\n")
        (zone / "max_energy_range_uj").write_text("9999\n")
    assert package_energy_uj(tmp_path) == {"intel-rapl:0": (9000, 9999)}
    runs = 0

    def run() -> None:
        nonlocal runs
        runs += 1
        (package / "energy_uj").write_text(str((9000 + 100 * max(0, runs - 20)) % 10_000))

    cost = window_cost(run, 40, tmp_path)
    assert cost.energy_mj == pytest.approx(0.1)
    assert cost.cpu_ms > 0
    assert window_cost(lambda: None, 40, tmp_path / "none").energy_mj is None


def test_as_the_service_says_it_nothing_is_named_that_a_frame_cannot_tell(tmp_path: Path) -> None:
    faces = drawn_faces(140, 1)
    noise = np.random.default_rng(1).normal(0, 1.5, (140, 7))
    logits = (3.0 * np.eye(7)[faces.emotion] + noise).astype(np.float32)
    known = AnsweredFaces(faces, logits)
    model = write_network(tmp_path / "t.tflite", drawn_weights(3))
    runtimes = RUNTIMES.chosen(EmotionClassifierSection())
    said = over_time_methods(logits, TemporalTflite(model, SHIPPED_MODEL, runtimes))[SERVICE]
    own = np.array([one.label is Label.UNKNOWN for one in read_faces(logits).readings])
    changed = kept = 0
    for stream in compose_streams(known.faces, 3, StreamRecipe(seconds=12.0), 3):
        labels = said(stream)
        unknown = own[stream.face]
        kept += int(unknown.sum())
        assert (labels[unknown] == NO_GROUP).all()
        changed += int((labels[~unknown] == NO_GROUP).sum())
    assert changed
    assert kept


@dataclass(frozen=True)
class Studied:
    data: Path
    run: Path


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Studied:
    """A study of drawn faces, to its end."""
    data = tmp_path_factory.mktemp("data")
    faces = drawn_faces(280, 4)
    np.savez(data / "fer2013.npz", images=faces.images, emotion=faces.emotion, usage=faces.usage)
    run = data / "run"
    study(
        data, run, streams=20, test_streams=4, epochs=1, seeds=1, share=[0.5], seed=1, threads=1,
        key_frames_from=10.0,
    )  # fmt: skip
    return Studied(data, run)


def test_the_command_writes_a_file_that_the_classifier_takes(
    studied: Studied, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "files" / "temporal.tflite"
    export(studied.run, studied.data, out, threads=1)
    told = capsys.readouterr().out
    assert "| float32 |" in told
    assert f"| {SERVICE} | " in told
    assert "| engine's evidence of that | " in told
    card = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert card["frame_network"]["sha256"] == digest(SHIPPED_MODEL)
    assert card["frames"] == 31
    saved = json.loads((studied.run / "temporal.json").read_text(encoding="utf-8"))
    kept = card["metrics"]["in_its_run"]["accuracy"]
    assert kept == saved["scores"][FIRST]["accuracy"]
    right = card["metrics"]["file"]["accuracy"]["value"]
    assert right == pytest.approx(saved["scores"][FIRST]["accuracy"]["value"], abs=0.005)
    runtimes = RUNTIMES.chosen(EmotionClassifierSection())
    network = TemporalTflite(out, SHIPPED_MODEL, runtimes)
    likely = network.likely(np.zeros((3, 7), np.float32), np.array([0.2, 0.1, 0], np.float32))
    assert likely.sum() == pytest.approx(1)
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "temporal.json",
        "temporal.tflite",
    ]


def test_the_command_compares_before_and_after_pruning_and_int8(
    studied: Studied, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, small = tmp_path / "whole.tflite", tmp_path / "small.tflite"
    export(studied.run, studied.data, whole, threads=1)
    export(studied.run, studied.data, small, prune=0.5, int8=True, threads=1)
    told = capsys.readouterr().out
    rows = ["float32", "50 % of units pruned", "float32, int8", "50 % of units pruned, int8"]
    assert all(f"\n| {row} | " in told for row in rows)
    assert small.stat().st_size < 0.3 * whole.stat().st_size
    card = json.loads(small.with_suffix(".json").read_text(encoding="utf-8"))
    assert (card["training"]["hidden"], card["training"]["int8_weights"]) == (16, True)
    export(studied.run, studied.data, small, prune=0.5, int8=True, threads=1)
    assert "pruned, epoch" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"network": "without attention"}, "with attention over all frames is needed"),
        ({"network": "key frames alone"}, "with attention over all frames is needed"),
        ({"network": "none"}, "--network 'none' is none of 'LSTM and attention', "),
        ({"out": Path("t.json")}, "does not end in .tflite"),
        ({"name": "A B"}, "--name 'A B' is not"),
        ({"version": ""}, "--version '' is not"),
        ({"run": Path("nowhere")}, "run `papers temporal study` to its end"),
    ],
)
def test_what_cannot_be_exported_is_refused_by_name(
    studied: Studied,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    named: str,
) -> None:
    given = {"run": studied.run, "data": studied.data, "out": tmp_path / "t.tflite", "threads": 1}
    with pytest.raises(typer.Exit):
        export(**{**given, **changes})
    assert named in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
