"""What is said of a fleet's rollout, one at a time: by a person, and by how the chairs are."""

import fcntl
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from calmloop.base.errors import InputError
from calmloop.base.whole_files import explained
from calmloop.contract.fleet_rollout import ROLLOUT_FILE
from calmloop.fleet_page.health import ChairHealth
from calmloop.fleet_releases.judge import in_fleet, judge
from calmloop.fleet_releases.repository import FleetRepository
from calmloop.fleet_releases.rollout import RINGS_PCT, Rollout

NOTHING = "nothing is rolled out"


class RolloutDesk:
    """Reads what is rolled out, and says what is from now on: nobody else does meanwhile."""

    def __init__(
        self,
        folder: Path,
        keys: Path,
        chairs: Callable[[], Iterable[ChairHealth]],
        now: Callable[[], datetime],
    ) -> None:
        """Prepares it.

        Args:
            folder: Of the repository.
            keys: Folder with the centre's key.
            chairs: Reads how the chairs of the fleet are.
            now: The time, UTC.
        """
        self._repository = FleetRepository(folder, now, keys)
        self._folder, self._chairs, self._now = folder, chairs, now

    def start(self, version: str) -> str:
        """Begins with the first ring; what was rolled out before is in all chairs, or halted.

        Raises:
            InputError: it is not, or the release was not published; or the repository or the
                centre's key cannot be used.
        """
        with self._alone():
            fleet, old = self._fleet(), self._rollout()
            if version not in (there := self._repository.releases()):
                raise InputError(
                    f"{version} is not in {self._folder}: publish it first; there are {there}"
                )
            _refuse_under_way(old)
            names = [chair.name for chair in fleet]
            new = Rollout.begin(version, _most_have(fleet), names, self._now())
            if old:
                bad = tuple(one for one in old.bad if one != version)
                new = new.model_copy(update={"bad": bad})
            self._say(new)
        return _told(new, fleet)

    def advance(self) -> str:
        """Goes on to the next ring, because a person says so.

        Raises:
            InputError: nothing goes on; or as above.
        """
        with self._alone():
            old, fleet = self._going(), self._fleet()
            new = old.advanced((chair.name for chair in fleet), self._now())
            self._say(new)
        return _told(new, fleet)

    def halt(self, why: str) -> str:
        """Nobody takes it any more, and who has it goes back, because a person says so.

        Raises:
            InputError: as above.
        """
        with self._alone():
            new = self._going().halt(why)
            self._say(new)
        return f"{new.release} is halted: who has it goes back to the release before it"

    def judge(self) -> tuple[str, bool]:
        """Lets it go on, wait, or halts it, by how its ring's chairs are; signs what is newest.

        Returns:
            What was decided and why, in words; and whether that is new.

        Raises:
            InputError: the repository or the centre's key cannot be used.
        """
        with self._alone():
            self._repository.refresh()
            old = self._rollout()
            if old is None:
                return NOTHING, False
            new, why = judge(old, self._fleet(), self._now())
            if new != old:
                self._say(new)
        return f"{new.release}: {why}", new != old

    def show(self) -> str:
        """What is rolled out, and how far.

        Raises:
            InputError: the repository cannot be read.
        """
        rollout = self._rollout()
        if rollout is None:
            return NOTHING
        state = f"halted: {rollout.halted}" if rollout.halted else "goes on"
        return (
            f"{rollout.release} after {rollout.before or 'nothing'}: {rollout.ring_pct} % since"
            f" {rollout.since:%Y-%m-%d %H:%M} UTC, {state};"
            f" bad: {', '.join(rollout.bad) or 'none'}"
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While it is open, whoever else would change what is rolled out waits."""
        try:
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise InputError(explained(error, str(self._folder))) from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _fleet(self) -> Sequence[ChairHealth]:
        return in_fleet(list(self._chairs()))

    def _rollout(self) -> Rollout | None:
        text = self._repository.rollout()
        try:
            return Rollout.model_validate_json(text) if text else None
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise InputError(
                f"{ROLLOUT_FILE} of {self._folder} says no rollout that this program knows"
                f" ('{where}'): bring the centre up to date; nothing was done"
            ) from None

    def _going(self) -> Rollout:
        rollout = self._rollout()
        if rollout is None or rollout.halted:
            raise InputError(f"{NOTHING} that goes on: `start` begins; nothing was done")
        return rollout

    def _say(self, rollout: Rollout) -> None:
        self._repository.set_rollout((rollout.model_dump_json(indent=1) + "\n").encode())


def _refuse_under_way(rollout: Rollout | None) -> None:
    if rollout and not rollout.halted and rollout.ring_pct < RINGS_PCT[-1]:
        raise InputError(
            f"{rollout.release} is at {rollout.ring_pct} %: `halt` it, or wait; nothing was done"
        )


def _most_have(fleet: Sequence[ChairHealth]) -> str:
    """The version that most have; empty: none has said."""
    counted = Counter(chair.version for chair in fleet if chair.version)
    return counted.most_common(1)[0][0] if counted else ""


def _told(rollout: Rollout, fleet: Sequence[ChairHealth]) -> str:
    ring = sum(rollout.reaches(chair.name) for chair in fleet)
    return f"{rollout.release}: {rollout.ring_pct} %, {ring} of {len(fleet)} chairs"
