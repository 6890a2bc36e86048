"""Closes the loop: from what is read in a child's face to what the chair does.

What tools may use of this stage stands below.
"""

from calmloop.scenario_selector.distress.signals import Cue
from calmloop.scenario_selector.engine import Engine
from calmloop.scenario_selector.evidence import EvidenceObserver
from calmloop.scenario_selector.learning.choice import Choice, Chooser
from calmloop.scenario_selector.learning.features import NAMES as FEATURE_NAMES
from calmloop.scenario_selector.learning.features import features_of, strength_of
from calmloop.scenario_selector.learning.trials import Learned, Trial
from calmloop.scenario_selector.ledger import Ledger
from calmloop.scenario_selector.movement import Heard
from calmloop.scenario_selector.plan import Plan, Tuning
from calmloop.scenario_selector.player import Drive, ScenarioPlayer
from calmloop.scenario_selector.profiles import (
    DemonstrationProfile,
    Profile,
    RecordError,
    read_profile,
)
from calmloop.scenario_selector.records import read_learned
from calmloop.scenario_selector.scenario import Scenario, ScenarioPhase
from calmloop.scenario_selector.scenario import icon as scenario_icon
from calmloop.scenario_selector.scenario import load as load_scenarios
from calmloop.scenario_selector.session import Session
from calmloop.scenario_selector.settings import Settings

__all__ = [
    "FEATURE_NAMES",
    "Choice",
    "Chooser",
    "Cue",
    "DemonstrationProfile",
    "Drive",
    "Engine",
    "EvidenceObserver",
    "Heard",
    "Learned",
    "Ledger",
    "Plan",
    "Profile",
    "RecordError",
    "Scenario",
    "ScenarioPhase",
    "ScenarioPlayer",
    "Session",
    "Settings",
    "Trial",
    "Tuning",
    "features_of",
    "load_scenarios",
    "read_learned",
    "read_profile",
    "scenario_icon",
    "strength_of",
]
