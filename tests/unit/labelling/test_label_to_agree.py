"""From a clip to the table: `calmloop label`, `calmloop predict` and `calmloop agree` together."""

import csv
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from calmloop.cli.main import app
from tests.unit.labelling.counted import write_clip

RUNNER = CliRunner()
EVERY = ("--every", "0.5")


@pytest.fixture
def face(shared_dir: Path) -> Path:
    clip = shared_dir / "data" / "video" / "single_face.mp4"
    if not clip.is_file():
        pytest.skip(f"{clip} is not here")
    return clip


@contextmanager
def labelling(clip: Path, out: Path, end: signal.Signals = signal.SIGINT) -> Iterator[str]:
    """Runs the command as a person does, up to Ctrl-C or worse; gives the page's address."""
    # As in a terminal: a shell's background jobs ignore SIGINT, and hand that on.
    line = ["env", "--default-signal=INT"]
    line += [sys.executable, "-c", "from calmloop.cli.main import app; app()"]
    line += ["label", str(clip), "--out", str(out), *EVERY]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline(), process.stdout.readline()]
        assert str(out) in told[0], told
        try:
            yield told[1].split()[1]
        finally:
            process.send_signal(end)
            rest = process.stdout.read()
            ended = process.wait(timeout=30)
    if end is signal.SIGINT:
        assert ended == 0
        assert "segments answered" in rest


def answer(url: str, segment: int, given: str) -> None:
    body = json.dumps({"segment": segment, "answer": given}).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}answer", body, headers)) as reply:
        assert reply.status == 200


def test_an_expert_and_the_network_on_one_clip(face: Path, tmp_path: Path) -> None:
    labels, predictions = tmp_path / "anna.csv", tmp_path / "calm.csv"
    with labelling(face, labels) as url:
        answer(url, 0, "neutral")
        answer(url, 1, "unsure")
    with labelling(face, labels) as url:
        state = json.load(urllib.request.urlopen(f"{url}state"))
        assert [one["answer"] for one in state["segments"]][:3] == ["neutral", "unsure", None]
        for segment in (2, 3, 4):
            answer(url, segment, "positive")
    told = RUNNER.invoke(app, ["predict", str(face), "--out", str(predictions), *EVERY])
    assert told.exit_code == 0, told.output
    smiling = list(csv.DictReader(predictions.open()))[2:]
    assert all(float(row["valence"]) > 0.5 for row in smiling)
    result = RUNNER.invoke(app, ["agree", str(labels), str(predictions), "--json"])
    assert result.exit_code == 0, result.output
    metrics = json.loads(result.output)
    assert (metrics["items"], metrics["unsure"]) == (4, 1)
    assert metrics["shown"] == {"negative": 0, "neutral": 1, "positive": 3}
    (system,) = metrics["systems"]
    hits = sum(row["prediction"] == "positive" for row in smiling)
    assert system["groups"]["positive"]["hits"] == hits
    assert system["groups"]["neutral"]["hits"] == 1
    assert system["name"] == "calm"


def test_a_killed_program_has_lost_no_answer(tmp_path: Path) -> None:
    clip, out = write_clip(tmp_path / "bars.mp4", frames=60, fps=30.0), tmp_path / "anna.csv"
    said = ["negative", "neutral", "positive", "unsure"]
    for segment, given in enumerate(said):
        with labelling(clip, out, signal.SIGKILL) as url:
            answer(url, segment, given)
        rows = out.read_text().splitlines()[1:]
        assert [row.partition(",")[2] for row in rows] == said[: segment + 1]
    assert [entry.name for entry in tmp_path.iterdir() if entry != clip] == ["anna.csv"]


def test_a_clip_without_a_face_is_unknown_and_says_why(tmp_path: Path) -> None:
    clip, out = write_clip(tmp_path / "bars.mp4", frames=45, fps=30.0), tmp_path / "new" / "p.csv"
    told = RUNNER.invoke(app, ["predict", str(clip), "--out", str(out), *EVERY])
    assert told.exit_code == 0, told.output
    rows = list(csv.DictReader(out.open()))
    assert [row["item"] for row in rows] == [
        "bars.mp4@0.00-0.50",
        "bars.mp4@0.50-1.00",
        "bars.mp4@1.00-1.50",
    ]
    assert {(row["prediction"], row["frames"], row["read"]) for row in rows} == {
        ("unknown", "8", "0")
    }
    assert all(row["reason"] for row in rows)
    again = RUNNER.invoke(app, ["predict", str(clip), "--out", str(out), "--every", "1.5"])
    assert again.exit_code == 0
    assert len(out.read_text().splitlines()) == 2


def test_predictions_do_not_replace_an_experts_labels(tmp_path: Path) -> None:
    clip, out = write_clip(tmp_path / "bars.mp4", frames=15, fps=30.0), tmp_path / "anna.csv"
    out.write_text("item,label\nbars.mp4@0.00-0.50,positive\n")
    told = RUNNER.invoke(app, ["predict", str(clip), "--out", str(out)])
    assert told.exit_code == 2
    assert "holds no predictions and is kept: name another file" in told.output
    assert "positive" in out.read_text()


@pytest.mark.parametrize("command", ["label", "predict"])
@pytest.mark.parametrize(
    ("clip", "out", "every", "complaint"),
    [
        ("none.mp4", "new.csv", "1", "is not there or is no file: name one video file"),
        ("text.mp4", "new.csv", "1", "cannot be opened: check that it is a video"),
        ("bars.mp4", "text.mp4/new.csv", "1", "cannot be written"),
        ("bars.mp4", ".", "1", "name a"),
        ("bars.mp4", "new.csv", "0.01", "choose 0.20 or more"),
    ],
)
def test_bad_input_ends_with_what_to_do(
    command: str, clip: str, out: str, every: str, complaint: str, tmp_path: Path
) -> None:
    write_clip(tmp_path / "bars.mp4", frames=30, fps=30.0)
    (tmp_path / "text.mp4").write_text("no video")
    arguments = [command, str(tmp_path / clip), "--out", str(tmp_path / out), "--every", every]
    told = RUNNER.invoke(app, arguments)
    assert told.exit_code == 2, told.output
    assert complaint in told.output
