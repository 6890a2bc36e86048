"""Renders into a folder what is not there yet of the soundscapes that ship; stops for everybody.

    python -m calmloop.soundscapes FOLDER

A line for each that is there: `3 16`, of how many. Ended in between it goes on where it was.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from calmloop.base.errors import CalmloopError
from calmloop.base.tracks import TrackLibrary
from calmloop.base.whole_files import make_folder
from calmloop.soundscapes.catalogue import SOUNDSCAPES
from calmloop.soundscapes.rendering import is_there, render

READABLE = 0o755
"""Who follows a track reads its sidecar, as another user."""


def main(folder: Path) -> None:
    """Renders them, one after another.

    Raises:
        OutputError: they cannot be written.
    """
    make_folder(folder)
    with suppress(PermissionError):
        folder.chmod(READABLE)
    library = TrackLibrary(folder)
    for there, scape in enumerate(SOUNDSCAPES):
        print(there, len(SOUNDSCAPES), flush=True)
        if not is_there(scape, library):
            render(scape, library)


def yield_to_all() -> None:
    """Takes what nobody else wants of the processor, and is the first to go for want of memory."""
    os.nice(19)
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


if __name__ == "__main__":
    yield_to_all()
    try:
        main(Path(sys.argv[1]))
    except CalmloopError as error:
        sys.exit(str(error))
