"""What plays in one session: the scenario, the next one, and what each brought this child."""

import math
from collections.abc import Callable, Sequence

from calmloop.scenario_selector.learning.choice import Choice, Chooser
from calmloop.scenario_selector.limits import ANNOUNCED_S
from calmloop.scenario_selector.player import ScenarioPlayer
from calmloop.scenario_selector.scenario import Scenario

TROUBLED_CYCLES = 2
"""Negative cycles of a scenario after which another one follows it."""


class Repertoire:
    """Plays scenarios one after another among those allowed.

    Only a person changes the scenario in its midst. At its end another one may follow, which is
    announced for ANNOUNCED_S: until then the last phase goes on.

    Attributes:
        player: Where in the present scenario the session is.
        choice: Why it is this one, and how all of them scored last.
        arrival: Distress when the child arrived, 0 to 1, once it is known.
        fixed: A caregiver wants the present scenario: the engine does not change it.
    """

    def __init__(
        self,
        allowed: Sequence[Scenario],
        choice: Choice,
        chooser: Chooser,
        min_dwell_s: float,
        time_s: Callable[[], float] = lambda: math.inf,
    ) -> None:
        """Begins with `choice`.

        Args:
            allowed: What may play.
            choice: What plays first.
            chooser: Chooses what follows.
            min_dwell_s: A scenario plays at least so long.
            time_s: What is left of the session until it closes.
        """
        self._time_s = time_s
        self.player = ScenarioPlayer(choice.scenario, time_s())
        self.choice = choice
        self.arrival = 0.0
        self.fixed = False
        self._allowed = allowed
        self._chooser = chooser
        self._min_dwell_s = min_dwell_s
        self._played_s = 0.0
        self._negative_cycles = 0
        self._next: Choice | None = None
        self._announced_s = 0.0

    @property
    def name(self) -> str:
        """The present scenario's."""
        return self.player.scenario.name

    @property
    def announced(self) -> str:
        """The name of another scenario that begins soon; empty when none does."""
        name = self._next.scenario.name if self._next and not self.fixed else ""
        return name if name != self.name else ""

    def advance(self, elapsed_s: float) -> bool:
        """Lets the scenario go on; True when another one has begun."""
        self._played_s += elapsed_s
        self._announced_s = self._announced_s + elapsed_s if self.announced else 0.0
        over = not self.player.advance(elapsed_s)
        if self._is_last:
            self._next = None
            return False
        if self._next is None and self.player.left_s <= ANNOUNCED_S:
            self._next = self._following()
        is_known = not self.announced or self._announced_s >= ANNOUNCED_S
        return over and is_known and self._follow()

    def skip(self) -> bool:
        """Goes to the next phase, after the last to a scenario; True when it is another one."""
        return not self.player.skip() and self._follow()

    def play(self, choice: Choice) -> bool:
        """Begins the scenario of `choice`; True when it is another one than before."""
        changed = choice.scenario.name != self.name
        self.choice, self._next = choice, None
        self.player.play(choice.scenario, self._time_s())
        self._played_s, self._announced_s, self._negative_cycles = 0.0, 0.0, 0
        return changed

    def reassess(self, *, upset: bool) -> None:
        """Counts a cycle in which the child was upset, and weighs the scenarios."""
        self._negative_cycles += upset
        if self._is_troubled and not self.announced:
            self._next = None
        scores = self._chooser.scores(self.arrival)
        self.choice = Choice(self.choice.scenario, self.choice.reason, scores)

    @property
    def _is_last(self) -> bool:
        """Whether nothing follows: too little time is left after it, and its last phase goes on."""
        return self._time_s() - max(0.0, self.player.left_s) < self._min_dwell_s

    def _follow(self) -> bool:
        return self.play(self._again() if self.fixed else self._next or self._following())

    def _following(self) -> Choice:
        if len(self._allowed) == 1 or self._played_s + self.player.left_s < self._min_dwell_s:
            return self._again()
        if self._is_troubled:
            return self._another() if self._others else self._again()
        return self._chooser.choose(self.arrival)

    def _again(self) -> Choice:
        reason = f"'{self.name}' begins again"
        return Choice(self.player.scenario, reason, self.choice.scores)

    def _another(self) -> Choice:
        """What takes the place of a scenario that does not calm."""
        return self._chooser.choose(self.arrival, distressed=True, without={self.name})

    @property
    def _others(self) -> list[Scenario]:
        """What may take the place of a scenario that does not calm."""
        not_now = {self.name, self._chooser.left_out, *self._chooser.learned.excluded}
        return [scenario for scenario in self._allowed if scenario.name not in not_now]

    @property
    def _is_troubled(self) -> bool:
        return self._negative_cycles >= TROUBLED_CYCLES
