"""Closes the loop: from what is read in a child's face to what the chair does.

What tools may use of this stage stands below.
"""

from calmloop.scenario_selector.choice import Choice, History, choose
from calmloop.scenario_selector.engine import Engine
from calmloop.scenario_selector.ledger import Ledger
from calmloop.scenario_selector.profiles import Profile
from calmloop.scenario_selector.scenario import Scenario
from calmloop.scenario_selector.scenario import load as load_scenarios
from calmloop.scenario_selector.session import Plan, Session, Tuning

__all__ = [
    "Choice",
    "Engine",
    "History",
    "Ledger",
    "Plan",
    "Profile",
    "Scenario",
    "Session",
    "Tuning",
    "choose",
    "load_scenarios",
]
