"""Writes a track and its sidecar, each whole or not at all, the sidecar last."""

from typing import Any

import soundfile

from calmloop.base.track_audio import BLOCK_FRAMES, Pcm, sha256_of
from calmloop.base.tracks import RATE_HZ, TrackLibrary, TrackSidecar
from calmloop.base.whole_files import make_folder, whole_file, write_text
from calmloop.soundscapes.mastering import as_float
from calmloop.soundscapes.measures import measure


def described(pcm: Pcm, *, name: str, loop: bool, **said: Any) -> TrackSidecar:
    """The sidecar of samples as they are to be written: everything measured on them.

    Args:
        pcm: int16, shape (frames, 1 or 2), 48 kHz.
        name: Of the track.
        loop: It goes round.
        said: What cannot be measured: title, licence, source, forced.

    Raises:
        ValueError: a value is out of its bound (as pydantic's ValidationError).
    """
    found = measure(as_float(pcm), loop=loop)
    return TrackSidecar(
        name=name,
        loop=loop,
        channels=pcm.shape[1],
        frames=len(pcm),
        loudness_lufs=round(found.loudness_lufs, 2),
        true_peak_dbtp=round(found.true_peak_dbtp, 2),
        onset_db=round(found.onset_db, 1),
        sha256=sha256_of(iter([pcm])),
        envelope=found.envelope,
        tone_hz=found.tone_hz,
        **said,
    )


def store(library: TrackLibrary, pcm: Pcm, sidecar: TrackSidecar) -> None:
    """Writes both files; the folder is made where it is missing.

    Raises:
        OutputError: one cannot be written; what was there before is whole, or its sound is the
            new one beside the old sidecar, which whoever loads it then refuses.
    """
    make_folder(library.folder)
    with (
        whole_file(library.audio_path(sidecar.name)) as file,
        soundfile.SoundFile(
            file, "w", RATE_HZ, pcm.shape[1], subtype="PCM_16", format="FLAC"
        ) as audio,
    ):
        for start in range(0, len(pcm), BLOCK_FRAMES):
            audio.write(pcm[start : start + BLOCK_FRAMES])
    write_text(library.sidecar_path(sidecar.name), sidecar.model_dump_json() + "\n")
