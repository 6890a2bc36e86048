"""The library of tracks: what is good is read, whatever is wrong is named with the next step."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from calmloop.base import track_audio
from calmloop.base.track_audio import Pcm, load
from calmloop.base.tracks import RATE_HZ, TrackError, TrackLibrary, TrackSidecar

FRAMES = RATE_HZ + 100
"""One envelope value more than a second has."""


def pcm(frames: int = FRAMES) -> Pcm:
    return np.random.default_rng(3).integers(-3000, 3000, (frames, 2)).astype(np.int16)


def known(samples: Pcm, **other: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "name": "surf",
        "title": "Surf",
        "licence": "Apache-2.0",
        "source": "a test",
        "sample_rate_hz": RATE_HZ,
        "channels": 2,
        "frames": len(samples),
        "loop": True,
        "loudness_lufs": -23.0,
        "true_peak_dbtp": -12.0,
        "onset_db": 3.0,
        "sha256": hashlib.sha256(samples.tobytes()).hexdigest(),
        "envelope": [0.0, 1.0, *[0.5] * 19],
    } | other


def written(folder: Path, samples: Pcm, **other: Any) -> TrackLibrary:
    soundfile.write(folder / "surf.flac", samples, RATE_HZ, subtype="PCM_16")
    (folder / "surf.json").write_text(json.dumps(known(samples, **other)))
    return TrackLibrary(folder)


def test_a_track_is_listed_found_and_loaded_as_it_was_written(tmp_path: Path) -> None:
    samples = pcm()
    library = written(tmp_path, samples)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "Not a name.json").touch()
    track = load(library, "surf")
    assert library.names() == ["surf"]
    assert np.array_equal(track.samples, samples)
    assert not track.samples.flags.writeable
    assert track_audio.check(library, "surf") == track.sidecar == library.sidecar("surf")


def test_a_folder_that_is_not_there_has_no_tracks(tmp_path: Path) -> None:
    library = TrackLibrary(tmp_path / "nowhere")
    assert library.names() == []
    with pytest.raises(TrackError, match=r"no track 'surf' \(it has none\).*calmloop sound render"):
        library.sidecar("surf")


def test_a_track_of_one_s_own_goes_before_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    for place, title in (("own", "Mine"), ("shipped", "Surf")):
        (tmp_path / place).mkdir()
        written(tmp_path / place, pcm(), title=title)
    (tmp_path / "shipped" / "rain.json").touch()
    library = TrackLibrary(tmp_path / "own", tmp_path / "shipped")
    assert library.names() == ["rain", "surf"]
    assert load(library, "surf").sidecar.title == "Mine"
    library.sidecar_path("surf").unlink()
    assert load(library, "surf").sidecar.title == "Surf"
    assert library.sidecar_path("new").parent == tmp_path / "own"


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TrackError, match=r"tracks_dir: .*file cannot be read .*: name a folder"):
        TrackLibrary(tmp_path / "file").names()
    with pytest.raises(TrackError, match=r"soundscapes_dir: .*file cannot be read"):
        TrackLibrary(tmp_path, tmp_path / "file").names()


@pytest.mark.parametrize("name", ["", "../surf", "Surf", "a b", "-x", "x" * 65, "surf\n", "a/b"])
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrackError, match="a name has a-z, 0-9 and '-', at most 64"):
        TrackLibrary(tmp_path).sidecar(name)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"version": 2}, "version: Input should be 1"),
        ({"sample_rate_hz": 44_100}, "sample_rate_hz: Input should be 48000"),
        ({"loudness_lufs": -18.0}, "loudness_lufs: .*less than or equal to -22.5"),
        ({"true_peak_dbtp": -1.0}, "true_peak_dbtp: .*less than or equal to -3"),
        ({"onset_db": 26.0}, "onset_db is 26, above 20, and nobody forced it"),
        ({"sha256": "short"}, "sha256: String should match"),
        ({"envelope": [0.5] * 20}, "envelope has 20 values, and 48100 frames need 21"),
        ({"tone_hz": [40.0] * 20}, "tone_hz has 20 values, and 48100 frames need 21"),
        ({"tone_hz": [40.0] * 20 + [80.1]}, "tone_hz.20: .*less than or equal to 80"),
        ({"tone_hz": [29.9] + [40.0] * 20}, "tone_hz.0: .*greater than or equal to 30"),
        ({"envelope": [0.5] * 20 + [1.5]}, "envelope.20: .*less than or equal to 1"),
        ({"frames": RATE_HZ * 60 * 60}, "frames: .*less than or equal to 86400000"),
        ({"nonsense": 1}, "nonsense: Extra inputs are not permitted"),
        ({"name": "rain"}, "name is 'rain', and the file's is 'surf'"),
    ],
)
def test_a_sidecar_that_is_wrong_is_refused(
    tmp_path: Path, other: dict[str, Any], told: str
) -> None:
    library = written(tmp_path, pcm(), **other)
    with pytest.raises(TrackError, match=told) as caught:
        library.sidecar("surf")
    assert str(tmp_path / "surf.json") in str(caught.value)


def test_an_onset_that_a_person_forced_is_taken(tmp_path: Path) -> None:
    assert written(tmp_path, pcm(), onset_db=26.0, forced=True).sidecar("surf").forced


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]", b" " * 2_000_001])
def test_a_file_that_is_no_sidecar_is_refused(tmp_path: Path, data: bytes) -> None:
    library = written(tmp_path, pcm())
    (tmp_path / "surf.json").write_bytes(data)
    with pytest.raises(TrackError, match=r"surf\.json: .*anew"):
        library.sidecar("surf")


def test_a_sound_without_its_sidecar_is_to_be_imported(tmp_path: Path) -> None:
    library = written(tmp_path, pcm())
    (tmp_path / "surf.json").unlink()
    with pytest.raises(TrackError, match=r"is not there, though surf\.flac is: .*sound import"):
        load(library, "surf")


def test_a_sidecar_without_its_sound_is_named(tmp_path: Path) -> None:
    library = written(tmp_path, pcm())
    (tmp_path / "surf.flac").unlink()
    with pytest.raises(TrackError, match=r"surf\.flac: cannot be read \(No such file"):
        load(library, "surf")


@pytest.mark.parametrize("cut", [0, 40, 5_000])
def test_a_file_that_was_cut_is_damaged(tmp_path: Path, cut: int) -> None:
    library = written(tmp_path, pcm())
    path = tmp_path / "surf.flac"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(TrackError, match=r"surf\.flac: .*anew"):
        track_audio.check(library, "surf")


def test_bits_that_were_lost_in_it_are_found(tmp_path: Path) -> None:
    library = written(tmp_path, pcm())
    path = tmp_path / "surf.flac"
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 2, len(data) // 2 + 64):
        data[place] ^= 0x55
    path.write_bytes(bytes(data))
    with pytest.raises(TrackError, match=r"surf\.flac: .*anew"):
        load(library, "surf")


def test_another_sound_under_its_name_has_another_hash(tmp_path: Path) -> None:
    library = written(tmp_path, pcm())
    soundfile.write(tmp_path / "surf.flac", pcm()[::-1], RATE_HZ, subtype="PCM_16")
    with pytest.raises(TrackError, match=r"have the SHA-256 .*, and the sidecar says"):
        load(library, "surf")


@pytest.mark.parametrize(
    ("frames", "rate_hz", "subtype", "told"),
    [
        (FRAMES - 1, RATE_HZ, "PCM_16", "frames is 48099, the sidecar needs 48100"),
        (FRAMES, 44_100, "PCM_16", "samplerate is 44100, the sidecar needs 48000"),
        (FRAMES, RATE_HZ, "PCM_24", "subtype is PCM_24, the sidecar needs PCM_16"),
    ],
)
def test_a_header_that_says_otherwise_is_told(
    tmp_path: Path, frames: int, rate_hz: int, subtype: str, told: str
) -> None:
    library = written(tmp_path, pcm())
    soundfile.write(tmp_path / "surf.flac", pcm(frames), rate_hz, subtype=subtype)
    with pytest.raises(TrackError, match=told):
        load(library, "surf")


def test_blocks_begin_where_they_are_asked_to(tmp_path: Path) -> None:
    samples = pcm()
    library = written(tmp_path, samples)
    read = track_audio.blocks(library.audio_path("surf"), library.sidecar("surf"), start=47_000)
    assert np.array_equal(np.concatenate(list(read)), samples[47_000:])


def sidecar(**other: Any) -> TrackSidecar:
    values = [0.0, 1.0, *[0.5] * 18]
    return TrackSidecar.model_validate(known(pcm(RATE_HZ), envelope=values, **other))


def test_the_envelope_is_interpolated_and_goes_round() -> None:
    loop = sidecar()
    assert loop.duration_s == 1.0
    assert loop.envelope_at(0.025) == pytest.approx(0.5)
    assert loop.envelope_at(0.05) == pytest.approx(1.0)
    assert loop.envelope_at(0.975) == pytest.approx(0.25)
    assert [loop.envelope_at(7.05), loop.envelope_at(-0.95)] == pytest.approx([1.0, 1.0])


def test_a_track_that_does_not_loop_is_silent_outside_itself() -> None:
    once = sidecar(loop=False)
    assert once.envelope_at(-0.1) == once.envelope_at(1.0) == 0.0
    assert once.envelope_at(0.99) == pytest.approx(0.5)


def test_the_tone_is_interpolated_and_none_where_there_is_none() -> None:
    tones = [30.0, 40.0, *[50.0] * 18]
    loop = sidecar(tone_hz=tones)
    assert [loop.tone_at(0.025), loop.tone_at(7.05)] == pytest.approx([35.0, 40.0])
    once = sidecar(tone_hz=tones, loop=False)
    assert once.tone_at(-0.1) is once.tone_at(1.0) is None
    assert sidecar(tone_hz=[]).tone_at(0.5) is sidecar().tone_at(0.5) is None
    assert sidecar(tone_hz=[]).tone_hz == (), "looked for, and none found"
    assert sidecar().tone_hz is None, "as in a sidecar from before"
