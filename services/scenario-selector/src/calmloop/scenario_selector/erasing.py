"""Erases what is kept here of a child: its profile, what was learned of it, its dose.

The minutes of today stay until tomorrow: they bound what may still be given today, and a code that
is written anew must not get a second dose.
"""

from collections.abc import Callable
from datetime import date

from calmloop.contract.messages.profiles import ErasedPart, ProfileCommand, ProfilesState
from calmloop.contract.messages.session import Phase
from calmloop.scenario_selector.admission import RefusedError, refuse_if
from calmloop.scenario_selector.engine import Engine
from calmloop.scenario_selector.profile_desk import ProfileDesk
from calmloop.scenario_selector.profiles import RecordError
from calmloop.scenario_selector.records import Folder


class Eraser:
    """Reaches all that the selector has of a child, in memory and on the disk."""

    def __init__(
        self, engine: Engine, records: Folder, desk: ProfileDesk, today: Callable[[], date]
    ) -> None:
        """Args: who plays, what is kept, the profiles, and the local date."""
        self._engine, self._records, self._desk = engine, records, desk
        self._today = today
        self._swept: date | None = None

    def obey(self, command: ProfileCommand) -> ProfilesState:
        """Erases, and says what is gone and what is left; a refusal is in the answer."""
        erased: list[ErasedPart] = []
        left: list[ErasedPart] = []
        refusal = ""
        try:
            if self._engine.state.phase is not Phase.IDLE:
                raise RefusedError("a session runs: erase once it is over")
            refuse_if(self._engine.tokens.use(command.token))
            self._engine.forget_child(command.profile)
            if self._records.erase_learned(command.profile):
                erased.append(ErasedPart.LEARNED)
            is_erased, is_left = self._records.erase_dose(command.profile, self._today())
            erased += [ErasedPart.DOSE] * is_erased
            left += [ErasedPart.DOSE] * is_left
            if self._desk.erase(command.profile):
                erased.append(ErasedPart.PROFILE)
        except (RefusedError, RecordError) as error:
            refusal = str(error)[:400]
        return ProfilesState(
            codes=self._desk.codes(),
            profile=command.profile,
            request=command.request,
            erased=tuple(erased),
            left=tuple(left),
            refusal=refusal,
        )

    def sweep(self) -> None:
        """Deletes, once a day, what an erasure has left for its day; while no session runs."""
        today = self._today()
        if self._swept != today:
            self._swept = today
            self._records.drop_spent(today)
