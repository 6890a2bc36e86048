"""The tracks of a demo: what ships is rendered before the first one, and kept."""

from pathlib import Path

from rich.console import Console

from calmloop.base.tracks import TrackError, TrackLibrary
from calmloop.soundscapes.catalogue import SOUNDSCAPES, Soundscape
from calmloop.soundscapes.rendering import render


def render_missing_tracks(folder: Path, console: Console) -> None:
    """Has all soundscapes that ship in the folder; what is missing takes seconds each.

    A track that is there by the name of a soundscape is taken as it is.

    Raises:
        OutputError: they cannot be written.
    """
    library = TrackLibrary(folder)
    missing = [scape for scape in SOUNDSCAPES if not _is_there(scape, library)]
    if missing:
        console.print(
            f"rendering {len(missing)} soundscapes into {folder}, once; --no-sound goes without"
        )
    for scape in missing:
        render(scape, library)
        console.print(f"  {scape.name}")


def _is_there(scape: Soundscape, library: TrackLibrary) -> bool:
    """By its sidecar alone: the player reads the sound through."""
    try:
        library.sidecar(scape.name)
    except TrackError:
        return False
    return library.audio_path(scape.name).exists()
