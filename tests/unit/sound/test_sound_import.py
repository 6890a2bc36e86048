"""A person's own track: decoded, looped, brought to the level of all, refused where it startles."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from calmloop.base.track_audio import load
from calmloop.base.tracks import RATE_HZ, TrackLibrary
from calmloop.sound.decoding import decoded
from calmloop.sound.looping import CROSSFADE_S, LoopMode, crossfaded, loop_end, looped
from calmloop.soundscapes.mastering import as_float
from calmloop.soundscapes.measures import largest_step, seam_step
from calmloop.soundscapes.weaving import Loom, band
from tests.unit.sound.conftest import Run

SECONDS = 15
Sound = NDArray[np.float64]


def hum(hz: float, rate_hz: int = RATE_HZ, seconds: float = SECONDS) -> Sound:
    """A tone at a tenth of full scale, with noise: so no two places are the same."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    rng = np.random.default_rng(7)
    mono = 0.1 * np.sin(2 * np.pi * hz * at) + rng.normal(0.0, 0.01, len(at))
    return np.stack((mono, mono), axis=1)


def saved(path: Path, samples: Sound, rate_hz: int = RATE_HZ, **more: Any) -> Path:
    with soundfile.SoundFile(path, "w", rate_hz, samples.shape[1], **more) as file:
        for start in range(0, len(samples), 4096):
            file.write(samples[start : start + 4096])
    return path


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return saved(tmp_path / "plain.wav", hum(220.0))


def take(calmloop: Run, path: Path, *more: str | Path, name: str = "own") -> tuple[int, str]:
    done = calmloop("import", path, "--name", name, "--licence", "CC0-1.0", *more)
    return done.exit_code, " ".join(done.output.split())


def test_a_file_becomes_a_track_that_plays_round(
    calmloop: Run, library: TrackLibrary, plain: Path
) -> None:
    code, told = take(calmloop, plain, "--title", "Our hum")
    assert code == 0, told
    assert "to -23.0 LUFS" in told
    track = load(library, "own")
    assert (track.sidecar.title, track.sidecar.licence) == ("Our hum", "CC0-1.0")
    assert track.sidecar.source == "imported from plain.wav"
    assert track.sidecar.loop
    assert not track.sidecar.forced
    samples = as_float(track.samples)
    assert seam_step(samples) <= largest_step(samples)
    assert "own" in calmloop("list", "--check").output


@pytest.mark.parametrize(
    ("suffix", "more"),
    [
        ("wav", {"subtype": "FLOAT"}),
        ("flac", {"subtype": "PCM_24"}),
        ("ogg", {"subtype": "VORBIS"}),
        ("opus", {"format": "OGG", "subtype": "OPUS"}),
        ("mp3", {"subtype": "MPEG_LAYER_III"}),
    ],
)
def test_each_kind_of_file_is_decoded(tmp_path: Path, suffix: str, more: dict[str, Any]) -> None:
    samples = decoded(saved(tmp_path / f"a.{suffix}", hum(220.0, seconds=3.0), **more))
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(3 * RATE_HZ, abs=3000)
    power = np.abs(np.fft.rfft(samples[RATE_HZ : 2 * RATE_HZ, 0]))
    assert int(np.argmax(power)) == 220
    assert power[220] * 2 / RATE_HZ == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 96_000])
def test_another_rate_is_resampled_whole_and_in_place(tmp_path: Path, rate_hz: int) -> None:
    samples = decoded(saved(tmp_path / "a.wav", hum(220.0, rate_hz, 3.0), rate_hz, subtype="FLOAT"))
    assert len(samples) == pytest.approx(3 * RATE_HZ, abs=2)
    tone = 0.1 * np.sin(2 * np.pi * 220.0 * np.arange(len(samples)) / RATE_HZ)
    apart = samples[4800:-4800, 0] - tone[4800:-4800]
    assert np.sqrt((apart**2).mean()) < 0.012, "the noise alone"


def test_silence_at_the_ends_is_no_part_of_the_loop() -> None:
    quiet = np.zeros((RATE_HZ, 2))
    samples = np.concatenate((quiet, hum(220.0), quiet)).astype(np.float32)
    made = looped(samples, LoopMode.CROSSFADE)
    assert np.abs(made).max(axis=1).min() >= 0.0
    assert len(made) <= (SECONDS - CROSSFADE_S) * RATE_HZ + 1
    energies = (made[: len(made) // 4800 * 4800] ** 2).reshape(-1, 4800 * 2).mean(axis=1)
    assert energies.min() > 0.8 * energies.max()


def test_what_recurs_is_cut_where_it_recurs() -> None:
    period = 3 * RATE_HZ
    once = np.random.default_rng(8).normal(0.0, 0.1, (period, 1)).astype(np.float32)
    samples = np.concatenate([once] * 6)[: 16 * RATE_HZ]
    end, likeness = loop_end(samples, round(CROSSFADE_S * RATE_HZ))
    assert end % period == 0
    assert likeness == pytest.approx(1.0, abs=1e-6)
    assert np.allclose(crossfaded(samples), samples[:end], atol=1e-6)


def test_noise_keeps_its_power_through_the_crossfade() -> None:
    noise = 0.1 * Loom(20, 9).noise(band(100, 2000))
    made = crossfaded(noise.astype(np.float32))
    fade = round(CROSSFADE_S * RATE_HZ)
    assert made[:fade].std() == pytest.approx(made[fade:].std(), rel=0.05)
    assert seam_step(made) <= largest_step(made)


def test_a_loop_is_taken_as_it_stands_if_it_is_one(
    calmloop: Run, library: TrackLibrary, tmp_path: Path
) -> None:
    loop = 0.05 * Loom(5, 9).noise(band(100, 2000))
    path = saved(tmp_path / "loop.flac", loop)
    assert take(calmloop, path, "--loop", "as-is")[0] == 0
    assert library.sidecar("own").frames == len(loop)
    rising = loop * 0.1 + np.linspace(-0.3, 0.3, len(loop))[:, None]
    code, told = take(calmloop, saved(path, rising), "--loop", "as-is", "--replace")
    assert code == 2
    assert "above its largest other one" in told
    assert "take --loop crossfade" in told


def test_what_does_not_loop_has_its_ends_faded(
    calmloop: Run, library: TrackLibrary, plain: Path
) -> None:
    assert take(calmloop, plain, "--loop", "none")[0] == 0
    track = load(library, "own")
    assert not track.sidecar.loop
    assert len(track.samples) == SECONDS * RATE_HZ
    assert np.abs(track.samples[[0, -1]]).max() <= 1


def bang() -> Sound:
    samples = hum(220.0) * 0.02
    samples[6 * RATE_HZ : 8 * RATE_HZ] *= 400.0
    return samples.clip(-1.0, 1.0)


def test_what_startles_is_refused_and_drawn(
    calmloop: Run, library: TrackLibrary, tmp_path: Path
) -> None:
    path, plot = saved(tmp_path / "bang.wav", bang()), tmp_path / "bang.png"
    code, told = take(calmloop, path)
    assert code == 2
    assert "within 100 ms at 6.0" in told
    assert "20 is the most, since what is sudden startles: --plot FILE draws it" in told
    code, told = take(calmloop, path, "--plot", plot)
    assert code == 2
    assert f"{plot} shows it" in told
    assert cv2.imread(str(plot)) is not None
    assert library.names() == ["mine"]


def test_a_person_can_force_it(calmloop: Run, library: TrackLibrary, tmp_path: Path) -> None:
    code, told = take(calmloop, saved(tmp_path / "bang.wav", bang()), "--force")
    assert code == 0
    assert "forced" in told
    assert library.sidecar("own").forced
    assert library.sidecar("own").onset_db > 20.0


def test_what_has_high_peaks_stays_quieter_and_says_so(
    calmloop: Run, library: TrackLibrary, tmp_path: Path
) -> None:
    samples = hum(220.0) * 0.05
    samples[RATE_HZ // 2 :: RATE_HZ] = 0.9
    code, told = take(calmloop, saved(tmp_path / "a.wav", samples), "--force")
    assert code == 0, told
    assert "its peaks allow no more, the others have -23" in told
    known = library.sidecar("own")
    assert known.loudness_lufs < -24.0
    assert known.true_peak_dbtp <= -3.0


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        (np.zeros((SECONDS * RATE_HZ, 2)), "is silent: nothing in it is louder than -70 LUFS"),
        (hum(220.0, seconds=0.5), "is 0.50 s long, and a track has 1 s at least"),
        (hum(220.0, seconds=4.0), "4.0 s of it can be heard, and a loop is made of 10 s or more"),
        (np.full((SECONDS * RATE_HZ, 2), np.nan), "holds values that are no numbers"),
        (np.zeros((RATE_HZ, 6)), "has 6 channels: mix it down to 1 or 2"),
    ],
)
def test_a_sound_that_is_no_track_is_refused(
    calmloop: Run, tmp_path: Path, samples: Sound, told: str
) -> None:
    path = saved(tmp_path / "a.wav", samples, subtype="FLOAT")
    code, output = take(calmloop, path)
    assert code == 2
    assert told in output
    assert str(path) in output.replace(" ", "")


def test_a_rate_that_is_none_and_a_sound_without_end_are_refused(
    calmloop: Run, tmp_path: Path, plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = saved(tmp_path / "a.wav", hum(220.0, 4000), 4000)
    assert "is sampled at 4000 Hz: between 8000 and 192000" in take(calmloop, slow)[1]
    monkeypatch.setattr("calmloop.sound.decoding.MAX_MINUTES", 0.2)
    assert "is longer than 0.2 min, as long as a session: cut it" in take(calmloop, plain)[1]


@pytest.mark.parametrize(("made", "told"), [(b"", "no sound"), (b"text", "no sound")])
def test_a_file_that_is_no_sound_is_refused(
    calmloop: Run, tmp_path: Path, made: bytes, told: str
) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(made)
    code, output = take(calmloop, path)
    assert code == 2
    assert told in output


def test_a_file_that_is_not_there_is_refused(calmloop: Run, tmp_path: Path) -> None:
    code, output = take(calmloop, tmp_path / "a.mp3")
    assert code == 2
    assert "cannot be read (No such file or directory)" in output


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../own", "a name has a-z, 0-9 and '-'"),
        ("surf", "is that of a soundscape that ships: take another"),
        ("mine", "has such a track: take another name, or --replace"),
    ],
)
def test_a_name_that_cannot_be_is_refused(calmloop: Run, plain: Path, name: str, told: str) -> None:
    code, output = take(calmloop, plain, name=name)
    assert code == 2
    assert told in output


def test_a_licence_is_never_empty(calmloop: Run, library: TrackLibrary, plain: Path) -> None:
    done = calmloop("import", plain, "--name", "own", "--licence", "")
    assert done.exit_code == 2
    assert "licence" in done.output
    assert library.names() == ["mine"]
