"""What is known of the children's preferences, over the records: who chooses, and what is kept."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime

from calmloop.scenario_selector.learning.choice import Chooser
from calmloop.scenario_selector.learning.features import features_of
from calmloop.scenario_selector.learning.outcome import Remarks
from calmloop.scenario_selector.learning.population import PopulationPrior
from calmloop.scenario_selector.learning.trials import Learned
from calmloop.scenario_selector.levels import voided
from calmloop.scenario_selector.profiles import Profile, Sensory
from calmloop.scenario_selector.records import Records
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenario_selector.session import Session

SENSORY_SHIFT = 0.1
"""What a sensory profile adds to what is believed of a channel, or takes off: about what a child's
own taste of it amounts to, so that its sessions soon outweigh it."""


class Preferences:
    """Holds what was learned of the child in the chair, and what all children have in common."""

    def __init__(
        self, records: Records, library: Mapping[str, Scenario], rng: random.Random
    ) -> None:
        self._records = records
        self._rng = rng
        self._features = {name: features_of(scenario) for name, scenario in library.items()}
        self._population = PopulationPrior(self._features)
        for code, learned in records.all_learned().items():
            self._population.note(code, learned)
        self._population.settle()

    def turn(self) -> None:
        """Goes on with what the children have in common; while no session runs."""
        self._population.turn()

    def learned(self, code: str) -> Learned:
        """What is kept of a child.

        Raises:
            RecordError: its file cannot be read.
        """
        return self._records.learned(code)

    def chooser(self, learned: Learned, allowed: Sequence[Scenario], profile: Profile) -> Chooser:
        """Who chooses for a child among the scenarios that it may have."""
        shifts = {
            str(channel): SENSORY_SHIFT if sensory is Sensory.SEEKING else -SENSORY_SHIFT
            for channel, sensory in profile.sensory.items()
        }
        prior = self._population.prior.leaning(shifts)
        return Chooser(allowed, learned, self._rng, prior, self._features)

    def keep(self, session: Session, ended: datetime, remarks: Remarks) -> None:
        """Adds what a session brought to what is kept of its child.

        Args:
            session: It has ended.
            ended: When it did, with its zone.
            remarks: A caregiver's.

        Raises:
            RecordError: it cannot be written.
        """
        plan, learned = session.plan, session.plan.chooser.learned
        trials = session.outcome.trials(
            plan.session_id, ended, self._features, remarks, session.repertoire.name
        )
        for trial in trials:
            learned.add(trial)
        learned.norms = session.usual or learned.norms
        levels = session.intensity.channels.taught(plan.session_id, calm=bool(session.usual))
        if session.distress and remarks.void:
            levels = voided(levels, plan.session_id)
        if trials or session.usual or levels != learned.levels:
            learned.levels = levels
            self.save(plan.code, learned)

    @property
    def children(self) -> int:
        """How many children the prior rests on; 0 while it is the shipped one."""
        return self._population.prior.children

    def forget(self, code: str) -> None:
        """A child is erased: what all have in common does not rest on it any more."""
        self._population.note(code, Learned())

    def save(self, code: str, learned: Learned, *, flush: bool = True) -> None:
        """Keeps what was learned or corrected; with `flush` on the disk when this returns.

        Raises:
            RecordError: it cannot be written.
        """
        self._population.note(code, learned)
        self._records.save_learned(code, learned, flush=flush)
