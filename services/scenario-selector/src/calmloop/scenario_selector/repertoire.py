"""What plays in one session: the scenario, the next one, and what each brought this child."""

import random
from collections import defaultdict
from collections.abc import Sequence

from calmloop.contract.messages.emotion import Label
from calmloop.scenario_selector.choice import Calm, Choice, History, choose, score
from calmloop.scenario_selector.player import ScenarioPlayer
from calmloop.scenario_selector.scenario import Scenario

SWITCH_AFTER_NEGATIVE = 2
"""Negative cycles of a scenario after which another one is tried."""


class Repertoire:
    """Plays scenarios one after another among those allowed.

    Attributes:
        player: Where in the present scenario the session is.
        choice: Why it is this one, and how all of them scored last.
        calm: What each scenario brought, by name.
        fixed: A caregiver wants the present scenario: the engine does not change it.
    """

    def __init__(
        self,
        allowed: Sequence[Scenario],
        choice: Choice,
        history: History,
        rng: random.Random,
        min_dwell_s: float,
    ) -> None:
        self.player = ScenarioPlayer(choice.scenario)
        self.choice = choice
        self.calm: defaultdict[str, Calm] = defaultdict(Calm)
        self.fixed = False
        self._allowed = allowed
        self._history = history
        self._rng = rng
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
        self.calm[self.name].count(label)
        self._negative_cycles += label is Label.NEGATIVE
        if self._is_troubled and self._may_switch and self._others:
            return self.play(choose(self._others, self._history, self._rng, distressed=True))
        scores = score(self._allowed, self._history, self._rng, distressed=self._is_wary)
        self.choice = Choice(self.choice.scenario, self.choice.reason, scores)
        return False

    def _follow(self, may_switch: bool) -> bool:
        if may_switch and len(self._allowed) > 1:
            pool = self._others if self._is_troubled and self._others else self._allowed
            choice = choose(pool, self._history, self._rng, distressed=self._is_wary)
        else:
            reason = f"'{self.name}' begins again"
            choice = Choice(self.player.scenario, reason, self.choice.scores)
        return self.play(choice)

    @property
    def _others(self) -> list[Scenario]:
        """What may take the place of a scenario that does not calm."""
        not_now = {self.name, self._history.left_out}
        return [scenario for scenario in self._allowed if scenario.name not in not_now]

    @property
    def _may_switch(self) -> bool:
        return not self.fixed and self._played_s >= self._min_dwell_s

    @property
    def _is_troubled(self) -> bool:
        return self._negative_cycles >= SWITCH_AFTER_NEGATIVE

    @property
    def _is_wary(self) -> bool:
        return self._history.after_distress or self._is_troubled
