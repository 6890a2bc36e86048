"""The curve of what is called crying: how it is counted, chosen, drawn, and what ships."""

import wave
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from calmloop.cli.main import app
from calmloop.voice import soundscapes
from calmloop.voice.clips import CLIP_S, SoundClip, read_folder, read_wav
from calmloop.voice.curve import (
    CRYING,
    MAX_FALSE,
    Scores,
    Share,
    chosen_threshold,
    mixed,
    score,
    thinned,
)
from calmloop.voice.drawing import draw
from calmloop.voice_listener.crying import Yamnet
from calmloop.voice_listener.settings import NetworkSection
from calmloop.voice_listener.spectrum import RATE_HZ, Samples

SHIPPED = NetworkSection().threshold


class LoudIsCrying:
    """Stands for the network: the score is how loud the last second was."""

    name = "loud"

    def score(self, log_mel: NDArray[np.float32]) -> float:
        return float(np.clip(0.1 * (log_mel.mean() + 7.0), 0.0, 1.0))


def noisy(rms: float, seconds: float = 3.0) -> Samples:
    rng = np.random.default_rng(1)
    return (rms * rng.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def wav(path: Path, samples: Samples, rate_hz: int = RATE_HZ, width: int = 2) -> Path:
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, width, rate_hz, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def test_a_share_comes_with_how_far_it_is_known() -> None:
    """Wilson's interval, from tables: 7 of 8 is 53 to 98 %, 0 of 72 is 0 to 5 %."""
    assert Share(7, 8).interval == pytest.approx((0.529, 0.978), abs=0.001)
    assert Share(0, 72).interval == pytest.approx((0.0, 0.051), abs=0.001)
    assert Share(4, 4).interval == pytest.approx((0.510, 1.0), abs=0.001)


def test_a_clip_counts_once_by_its_loudest_second() -> None:
    mostly_quiet = np.concatenate([noisy(0.001), noisy(0.3, 1.0), noisy(0.001)])
    assert score(mostly_quiet, LoudIsCrying()) == pytest.approx(
        score(noisy(0.3), LoudIsCrying()), abs=0.05
    )
    assert score(noisy(0.3, 0.4), LoudIsCrying()) == 0.0, "too short to be heard"


def test_the_threshold_is_chosen_on_every_second_clip_and_lies_in_the_middle() -> None:
    scores = Scores.of({"laughter": [0.3, 0.9, 0.1, 0.9], CRYING: [0.7, 0.2, 0.9, 0.2]})
    assert scores.kinds == [CRYING, "laughter"]
    assert chosen_threshold(scores.half(chosen_on=True)) == pytest.approx(0.5, abs=0.011)
    assert chosen_threshold(scores.half(chosen_on=False)) is None
    assert scores.called("laughter", 0.9) == Share(2, 4)
    assert scores.others_called(0.2) == Share(3, 4)


def test_crying_is_mixed_with_another_sound_so_far_below() -> None:
    clip = SoundClip(CRYING, "a", noisy(0.1))
    (louder,) = mixed([clip], np.ones(100, np.float32), snr_db=6.0)
    assert louder.kind == CRYING
    added = louder.samples - clip.samples
    assert np.sqrt(np.mean(added**2)) == pytest.approx(0.1 * 10 ** (-6 / 20), rel=0.02)


def test_of_each_kind_some_are_taken_from_its_whole_length() -> None:
    clips = [SoundClip(kind, str(n), noisy(0.1)) for kind in ("a", "b") for n in range(40)]
    some = thinned([*clips, SoundClip("c", "0", noisy(0.1))], 16)
    assert [clip.kind for clip in some] == 14 * ["a"] + 14 * ["b"] + ["c"]
    assert [clip.name for clip in some][:14] == [str(n) for n in range(0, 40, 3)]


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 44100])
def test_a_recording_of_any_rate_keeps_its_length(tmp_path: Path, rate_hz: int) -> None:
    path = wav(tmp_path / "a.wav", noisy(0.1, 1.25 * rate_hz / RATE_HZ), rate_hz)
    assert len(read_wav(path.read_bytes(), "a")) == pytest.approx(1.25 * RATE_HZ, abs=2)
    long = wav(tmp_path / "b.wav", noisy(0.1, 9.0 * rate_hz / RATE_HZ), rate_hz)
    assert len(read_wav(long.read_bytes(), "b")) == pytest.approx(CLIP_S * RATE_HZ, abs=2)


def test_made_up_sound_is_the_same_each_time_and_as_loud_as_the_rest() -> None:
    clips, again = list(soundscapes.made(seeds=1)), list(soundscapes.made(seeds=1))
    assert len(clips) == 11
    assert len({clip.name for clip in clips}) == len(clips)
    for clip, same in zip(clips, again, strict=True):
        assert np.array_equal(clip.samples, same.samples)
        assert len(clip.samples) == soundscapes.LENGTH
        assert np.isfinite(clip.samples).all()
        assert np.sqrt(np.mean(clip.samples**2)) == pytest.approx(soundscapes.RMS, rel=0.25)


def test_the_curve_is_drawn(tmp_path: Path) -> None:
    scores = Scores.of({CRYING: [0.9, 0.6], "music": [0.1, 0.2]})
    draw(scores, SHIPPED, tmp_path / "curve.png")
    picture = cv2.imread(str(tmp_path / "curve.png"))
    assert picture is not None
    assert picture.shape[1] > 1000
    assert int(picture.max()) - int(picture.min()) > 200


@pytest.fixture(scope="module")
def network(shared_dir: Path) -> Yamnet:
    path = shared_dir / "data/models/yamnet_spectra_in.tflite"
    if not path.is_file() or not (shared_dir / "data/audio").is_dir():
        pytest.skip("neither the network nor crying is here")
    return Yamnet(path)


def test_what_ships_calls_crying_and_hardly_anything_else(
    network: Yamnet, shared_dir: Path
) -> None:
    """Every made-up sound once; `calmloop voice curve` has all, with speech."""
    cries = read_folder(shared_dir / "data/audio", CRYING)
    scores = Scores([*cries, *soundscapes.made(seeds=1)], network)
    assert scores.called(CRYING, SHIPPED).share >= 0.8
    assert scores.others_called(SHIPPED).share <= MAX_FALSE


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--model", "missing.tflite", "--crying", "."], "missing.tflite' is not there"),
        (["--model", "MODEL", "--crying", "."], "holds no WAV files"),
        (["--model", "MODEL", "--crying", "wavs"], "is of 16 bit at 11025 Hz: save it"),
        (["--model", "MODEL", "--crying", "texts"], "is no WAV file"),
        (["--model", "MODEL", "--crying", "good", "--other", "crying"], "another name"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    tmp_path: Path,
    network: Yamnet,
    shared_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "wavs/a.wav", noisy(0.1), 11025)
    for folder in ("good", "crying"):
        wav(tmp_path / folder / "a.wav", noisy(0.1))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/a.wav").write_text("la la la")
    model = str(shared_dir / "data/models/yamnet_spectra_in.tflite")
    filled = [model if option == "MODEL" else option for option in options]
    told = CliRunner().invoke(app, ["voice", "curve", *filled, "--picture", "curve.png"])
    assert told.exit_code == 2
    assert why in told.output.replace("\n", " ")
    assert not (tmp_path / "curve.png").exists()
