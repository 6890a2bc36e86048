"""Takes in a person's own track: decoded, looped, brought to the level of all, looked at."""

from dataclasses import dataclass
from pathlib import Path

from calmloop.base.errors import InputError
from calmloop.base.track_audio import Pcm
from calmloop.base.tracks import MAX_ONSET_DB, TrackError, TrackLibrary, TrackSidecar, checked_name
from calmloop.sound.decoding import decoded
from calmloop.sound.drawing import DrawnTrack
from calmloop.sound.looping import LoopMode, looped
from calmloop.soundscapes.catalogue import BY_NAME
from calmloop.soundscapes.low_band import envelope_of, low_band
from calmloop.soundscapes.mastering import as_float, gain_db, quantised
from calmloop.soundscapes.measures import integrated, k_energies, largest_onset
from calmloop.soundscapes.storing import described, store


@dataclass(frozen=True)
class PreparedTrack:
    """A file as it is to be stored, before anybody decides on it.

    Attributes:
        pcm: int16, shape (frames, channels), 48 kHz.
        loop: It goes round.
        gain_db: What it was raised by, or lowered where it is below 0.
        onset_db: Its largest rise in 100 ms.
        onset_at_s: Where that ends.
    """

    pcm: Pcm
    loop: bool
    gain_db: float
    onset_db: float
    onset_at_s: float

    @property
    def is_sudden(self) -> bool:
        """Whether it rises faster than a track may."""
        return self.onset_db > MAX_ONSET_DB

    def drawn(self, title: str) -> DrawnTrack:
        """For a picture."""
        samples = as_float(self.pcm)
        low = low_band(samples, loop=self.loop)
        return DrawnTrack(title, samples, self.loop, envelope_of(low, loop=self.loop))


def prepare(path: Path, mode: LoopMode) -> PreparedTrack:
    """Decodes a file, makes its loop and brings it to the level.

    Raises:
        InputError: it cannot be read, is silent, or no loop can be made of it.
    """
    loop = mode is not LoopMode.NONE
    try:
        samples = looped(decoded(path), mode)
        by_db = gain_db(samples, loop=loop)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
    pcm = quantised(samples, by_db)
    energies = k_energies(as_float(pcm), loop=loop)
    # In whole tenths, as the sidecar says it.
    onset_db, at_s = largest_onset(energies, integrated(energies), loop=loop)
    return PreparedTrack(pcm, loop, by_db, round(onset_db, 1), at_s)


def check_name(name: str, library: TrackLibrary, *, replace: bool) -> None:
    """Refuses a name that is none, a soundscape's, or taken.

    Raises:
        TrackError: see above.
    """
    checked_name(name)
    if name in BY_NAME:
        raise TrackError(f"--name {name}: is that of a soundscape that ships: take another")
    if not replace and (library.audio_path(name).exists() or library.sidecar_path(name).exists()):
        raise TrackError(
            f"--name {name}: {library.folder} has such a track: take another name, or --replace"
        )


def take_in(
    prepared: PreparedTrack,
    library: TrackLibrary,
    *,
    name: str,
    title: str,
    licence: str,
    source: str,
) -> TrackSidecar:
    """Stores it under a name; a sudden one as forced.

    Raises:
        InputError: a text is empty or too long.
        OutputError: it cannot be written.
    """
    try:
        sidecar = described(
            prepared.pcm,
            name=name,
            loop=prepared.loop,
            title=title,
            licence=licence,
            source=source,
            forced=prepared.is_sudden,
        )
    except ValueError as error:
        raise InputError(f"the track's title or licence: {error}") from error
    store(library, prepared.pcm, sidecar)
    return sidecar
