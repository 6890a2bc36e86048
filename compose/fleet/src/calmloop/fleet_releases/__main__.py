"""Decides on a fleet's rollout: by itself all quarters of an hour, and by a person's word.

run             lets it go on, wait, or halts it, by how the chairs are, until it is told to end
start VERSION   begins with the first ring
advance         goes on to the next ring
halt WHY        nobody takes it any more, and who has it goes back
show            what is rolled out, and how far
"""

import argparse
import signal
import sys
import threading
from collections.abc import Callable

import psycopg
import structlog
from pydantic import ValidationError

from calmloop.base import logs
from calmloop.base.clock import SystemClock
from calmloop.base.errors import CalmloopError
from calmloop.base.settings import LogSettings
from calmloop.fleet_page.reading import FleetReader
from calmloop.fleet_releases.desk import RolloutDesk
from calmloop.fleet_releases.settings import ReleasesSettings

EVERY_S = 900.0
EXIT_NOT_DONE = 1
EXIT_CONFIGURATION = 2

ONCE: dict[str, Callable[[RolloutDesk], str]] = {
    "advance": RolloutDesk.advance,
    "show": RolloutDesk.show,
}
NAMED: dict[str, Callable[[RolloutDesk, str], str]] = {
    "start": RolloutDesk.start,
    "halt": RolloutDesk.halt,
}


def run(desk: RolloutDesk, settings: ReleasesSettings, ended: threading.Event) -> None:
    """Judges at once and all quarters of an hour."""
    log = structlog.get_logger("fleet-releases")
    while not ended.is_set():
        said, new = desk.judge()
        settings.judged_file.write_text(said + "\n", encoding="utf-8")
        (log.warning if new else log.info)("judged", said=said)
        ended.wait(EVERY_S)


def main() -> int:
    """Returns the exit code: 0 done, 1 something failed, 2 a setting or a word is wrong."""
    command, word = _asked()
    logs.configure(LogSettings())
    try:
        settings = ReleasesSettings()
        reader, now = FleetReader(settings.postgres()), SystemClock().utc_now
    except (ValidationError, OSError) as error:
        print(f"fleet-releases: {error}", file=sys.stderr)
        return EXIT_CONFIGURATION
    desk = RolloutDesk(
        settings.repository,
        settings.keys,
        lambda: (chair.health() for chair in reader.every_chair()),
        now,
    )
    try:
        if command == "run":
            ended = threading.Event()
            signal.signal(signal.SIGTERM, lambda *_: ended.set())
            run(desk, settings, ended)
        else:
            print(NAMED[command](desk, word) if word else ONCE[command](desk))
    except (CalmloopError, psycopg.Error, OSError) as error:
        # Its supervisor starts it again; chairs keep what they have meanwhile.
        print(f"fleet-releases: {error}", file=sys.stderr)
        return EXIT_NOT_DONE
    return 0


def _asked() -> tuple[str, str]:
    parser = argparse.ArgumentParser(
        prog="fleet-releases",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=("run", *NAMED, *ONCE))
    parser.add_argument("word", nargs="?", default="", metavar="VERSION|WHY")
    given = parser.parse_args()
    if (given.command in NAMED) != bool(given.word):
        parser.error(f"{given.command}: {'a word is needed' if not given.word else 'takes none'}")
    return given.command, given.word


if __name__ == "__main__":
    sys.exit(main())
