"""Cross-validation of the recurrent network by faces."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import typer

from calmloop.base.errors import InputError
from calmloop.papers.temporal import features, folds
from calmloop.papers.temporal.commands import cross_validated
from calmloop.papers.temporal.compose import NO_GROUP, ComposedStream
from calmloop.papers.temporal.folds import folds_table, over_folds
from calmloop.papers.temporal.measure import measure_said
from calmloop.papers.temporal.study import FIRST
from calmloop.training.data.faces import Faces, Usage
from tests.papers.drawn_faces import drawn_faces

FRAME = "frame network, likeliest"


def write(folder: Path, faces: Faces) -> Path:
    np.savez(folder / "fer2013.npz", images=faces.images, emotion=faces.emotion, usage=faces.usage)
    return folder


def test_every_unseen_face_is_reported_on_once_and_never_where_it_was_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = drawn_faces(700, 4)
    seen: list[set[bytes]] = []
    real = features.answered

    def watched(some: Faces, kept_in: Path) -> object:
        seen.append({image.tobytes() for image in some.images})
        return real(some, kept_in)

    monkeypatch.setattr(folds, "answered", watched)
    data, out = write(tmp_path, faces), tmp_path / "run"
    cross_validated(data, out, folds=2, streams=20, test_streams=3, epochs=1, threads=1)
    learned, reported = seen[::2], seen[1::2]
    unseen = {image.tobytes() for image in faces.part(Usage.PUBLIC_TEST).images}
    assert [len(one & other) for one, other in zip(learned, reported, strict=True)] == [0, 0]
    assert set.union(*reported) == unseen
    assert not set.intersection(*reported)
    kept = json.loads((out / "folds.json").read_text(encoding="utf-8"))
    right = [fold[FIRST]["accuracy"]["value"] for fold in kept["folds"]]
    mean, deviation = 100 * np.mean(right), 100 * np.std(right, ddof=1)
    assert f"| {FIRST} | {mean:.1f} ± {deviation:.1f} % |" in capsys.readouterr().out
    cross_validated(data, out, folds=2, streams=20, test_streams=3, epochs=1, threads=1)
    assert "epoch" not in capsys.readouterr().out
    with pytest.raises(typer.Exit):
        cross_validated(data, out, folds=2, streams=21, test_streams=3, epochs=1, threads=1)
    assert "another recipe" in capsys.readouterr().err


def test_a_mean_has_a_deviation_over_two_folds_or_more() -> None:
    of = over_folds([1.0, 2.0, 3.0])
    assert (of.mean, of.deviation) == (2.0, 1.0)
    assert math.isinf(over_folds([1.0, math.inf]).mean)
    with pytest.raises(InputError, match="1 fold has no deviation"):
        over_folds([1.0])


def test_what_is_gained_is_told_fold_by_fold() -> None:
    at_s = np.arange(120, dtype=np.float32) / np.float32(10)
    group = np.repeat([0, 2], 60)
    stream = ComposedStream(at_s, group, group, 6.0, np.zeros(30, np.int64))
    right, late = group.copy(), np.repeat([0, NO_GROUP, 2], [60, 30, 30])
    scores = [
        {FRAME: measure_said([stream], [late]), FIRST: measure_said([stream], [right])},
        {FRAME: measure_said([stream], [right]), FIRST: measure_said([stream], [right])},
    ]
    last = folds_table(scores).splitlines()[-1]
    missed = 100 * 30 / 70
    assert f"| {FIRST} | 100.0 ± 0.0 % | {missed / 2:.1f} ± {missed / 2**0.5:.1f} points" in last
