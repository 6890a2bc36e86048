"""Where a simulated child's records are kept: on no disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from calmloop.scenario_selector import DemonstrationProfile, Learned, Ledger, Profile

CHILD = DemonstrationProfile(minutes_per_session=30.0, minutes_per_day=120.0)
"""The default profile, with the minutes that a simulation may need."""


@dataclass
class MemoryRecords:
    """One child's records, on no disk; each session begins with an unused day."""

    kept: Learned = field(default_factory=Learned)
    dose: Ledger = field(default_factory=Ledger)
    trouble: str = ""

    def profile(self, code: str) -> Profile:
        """See Records."""
        return CHILD

    def learned(self, code: str) -> Learned:
        """See Records."""
        return self.kept

    def all_learned(self) -> Mapping[str, Learned]:
        """See Records: there is no other child."""
        return {}

    def ledger(self, code: str) -> Ledger:
        """See Records."""
        return self.dose

    def save_learned(self, code: str, learned: Learned, *, flush: bool = True) -> None:
        """See Records."""
        self.kept = learned

    def drop_copies(self, code: str) -> None:
        """See Records: there are none."""

    def save_ledger(self, code: str, ledger: Ledger, *, flush: bool) -> None:
        """See Records."""
        self.dose = ledger

    def queue_ledger(self, code: str, ledger: Ledger) -> None:
        """See Records."""
        self.dose = ledger
