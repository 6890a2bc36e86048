"""What plays in one session: the scenario, the next one, and what each brought this child."""

from collections.abc import Sequence

from calmloop.contract.messages.emotion import Label
from calmloop.scenario_selector.learning.choice import Choice, Chooser
from calmloop.scenario_selector.player import ScenarioPlayer
from calmloop.scenario_selector.scenario import Scenario

SWITCH_AFTER_NEGATIVE = 2
"""Negative cycles of a scenario after which another one is tried."""


class Repertoire:
    """Plays scenarios one after another among those allowed.

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
    ) -> None:
        self.player = ScenarioPlayer(choice.scenario)
        self.choice = choice
        self.arrival = 0.0
        self.fixed = False
        self._allowed = allowed
        self._chooser = chooser
        self._min_dwell_s = min_dwell_s
        self._played_s = 0.0
        self._negative_cycles = 0

    @property
    def name(self) -> str:
        """The present scenario's."""
        return self.player.scenario.name

    def advance(self, elapsed_s: float) -> bool:
        """Lets the scenario go on; True when another one has begun."""
        self._played_s += elapsed_s
        return not self.player.advance(elapsed_s) and self._follow(self._may_switch)

    def skip(self) -> bool:
        """Goes to the next phase, after the last to a scenario; True when it is another one."""
        return not self.player.skip() and self._follow(not self.fixed)

    def play(self, choice: Choice) -> bool:
        """Begins the scenario of `choice`; True when it is another one than before."""
        changed = choice.scenario.name != self.name
        self.choice = choice
        self.player.play(choice.scenario)
        self._played_s, self._negative_cycles = 0.0, 0
        return changed

    def reassess(self, label: Label) -> bool:
        """Counts the verdict of a cycle and weighs the scenarios; True when another one begins."""
        self._negative_cycles += label is Label.NEGATIVE
        if self._is_troubled and self._may_switch and self._others:
            return self.play(self._another())
        scores = self._chooser.scores(self.arrival)
        self.choice = Choice(self.choice.scenario, self.choice.reason, scores)
        return False

    def _follow(self, may_switch: bool) -> bool:
        if may_switch and len(self._allowed) > 1:
            choice = self._another() if self._is_troubled else self._chooser.choose(self.arrival)
        else:
            reason = f"'{self.name}' begins again"
            choice = Choice(self.player.scenario, reason, self.choice.scores)
        return self.play(choice)

    def _another(self) -> Choice:
        """What takes the place of a scenario that does not calm."""
        return self._chooser.choose(self.arrival, distressed=True, without={self.name})

    @property
    def _others(self) -> list[Scenario]:
        """What may take the place of a scenario that does not calm."""
        not_now = {self.name, self._chooser.left_out, *self._chooser.learned.excluded}
        return [scenario for scenario in self._allowed if scenario.name not in not_now]

    @property
    def _may_switch(self) -> bool:
        return not self.fixed and self._played_s >= self._min_dwell_s

    @property
    def _is_troubled(self) -> bool:
        return self._negative_cycles >= SWITCH_AFTER_NEGATIVE
