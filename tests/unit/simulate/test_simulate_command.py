"""`calmloop simulate` and `measure-answers`, and what they say to wrong options."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from calmloop.cli.main import app
from calmloop.simulate.answers import load

PNG = b"\x89PNG\r\n"


def calmloop(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "160"})


def test_a_study_leaves_tables_a_report_and_pictures(tmp_path: Path) -> None:
    words = (
        "--engine",
        "paper",
        "--children",
        "2",
        "--stream",
        "one",
        "--jobs",
        "1",
        "--rate",
        "2",
    )
    result = calmloop("simulate", *words, "--caregiver", "never", "--out", tmp_path / "new")
    assert result.exit_code == 0, result.output
    for told in ("false halts an hour", "missed in 60 s", "sessions/s", "never answers"):
        assert told in result.output
    report = json.loads((tmp_path / "new" / "report.json").read_text())
    assert (report["engine"], report["children"]) == ("paper", 2)
    assert report["caregiver_answers_after_s"] is None
    assert {row["stream"] for row in report["figures"]} == {"one"}
    pictures = sorted(tmp_path.glob("new/*.png"))
    assert [path.name for path in pictures] == ["crying.png", "figures.png", "levels.png"]
    assert all(path.read_bytes().startswith(PNG) for path in pictures)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--stream", "six-3s"), "six-3s"),
        (("--engine", "best"), "best"),
        (("--only", "sighs"), "--only sighs: no experiment; there are calm, crying"),
        (("--children", "0"), "children"),
        (("--caregiver", "later"), "seconds, above 0 and at most 600, or 'never'"),
        (("--caregiver", "-1"), "seconds, above 0 and at most 600, or 'never'"),
        (("--rate", "0"), "rate"),
        (("--jobs", "5000"), "5000"),
        (("--answers", "no-such-file.npz"), "no-such-file.npz is no file of answers"),
    ],
)
def test_a_wrong_option_is_named(words: tuple[str, str], says: str, tmp_path: Path) -> None:
    result = calmloop("simulate", "--out", tmp_path / "new", *words)
    assert result.exit_code == 2
    assert says in " ".join(result.output.replace("│", " ").split())
    assert not (tmp_path / "new").exists()


def test_answers_are_measured_on_faces_of_ones_own(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (8, 48, 48), np.uint8)
    emotion = np.array([0, 1, 2, 3, 4, 5, 6, 6])
    usage = np.array(["PublicTest"] * 8)
    np.savez(tmp_path / "fer2013.npz", images=images, emotion=emotion, usage=usage)
    out = tmp_path / "own.npz"
    result = calmloop("measure-answers", "--data", tmp_path, "--out", out)
    assert result.exit_code == 0, result.output
    assert out.stat().st_size < 10_000
    own = load(out)
    assert own.emotion.tolist() == emotion.tolist()
    assert own.provenance["faces"] == 8
    assert own.provenance["part"] == "PublicTest"


def test_some_experiments_alone_are_run() -> None:
    words = ("--engine", "paper", "--children", "2", "--stream", "one", "--jobs", "1")
    result = calmloop("simulate", *words, "--only", "faint", "--only", "leaver")
    assert result.exit_code == 0, result.output
    assert "paused by a faint smile" in result.output
    assert "leaver: halted" in result.output
    assert "calm child" not in result.output
