"""Renders the soundscapes that ship into a library of tracks."""

from calmloop.base.track_audio import Pcm, check
from calmloop.base.tracks import TrackError, TrackLibrary, TrackSidecar
from calmloop.soundscapes.catalogue import LICENCE, Soundscape
from calmloop.soundscapes.mastering import gain_db, quantised
from calmloop.soundscapes.storing import described, store
from calmloop.soundscapes.weaving import Loom


def rendered(scape: Soundscape) -> Pcm:
    """The sound of a soundscape as every track is: int16, shape (frames, 2), the same each time.

    The same on one machine with one numpy; elsewhere a sample may differ by one step of 16 bits.
    """
    sound = scape.make(Loom(scape.duration_s, scape.seed))
    return quantised(sound, gain_db(sound, loop=True))


def render(scape: Soundscape, library: TrackLibrary) -> TrackSidecar:
    """Renders one into the library, over what is there.

    Raises:
        OutputError: it cannot be written.
    """
    pcm = rendered(scape)
    sidecar = described(
        pcm,
        name=scape.name,
        loop=True,
        title=scape.title,
        licence=LICENCE,
        source=scape.source,
    )
    store(library, pcm, sidecar)
    return sidecar


def is_there(scape: Soundscape, library: TrackLibrary) -> bool:
    """Whether the library has this soundscape, of this version, undamaged and all measured."""
    try:
        known = check(library, scape.name)
    except TrackError:
        return False
    return known.source == scape.source and known.tone_hz is not None


def is_someone_elses(scape: Soundscape, library: TrackLibrary) -> bool:
    """Whether a track that a person took in has the soundscape's name."""
    try:
        return not library.sidecar(scape.name).source.startswith(scape.source.partition(" ")[0])
    except TrackError:
        return False
