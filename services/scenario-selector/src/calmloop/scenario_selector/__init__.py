"""Closes the loop: from what is read in a child's face to what the chair does.

What tools may use of this stage stands below.
"""

from calmloop.scenario_selector.choice import Choice, History
from calmloop.scenario_selector.profiles import Profile
from calmloop.scenario_selector.scenario import load as load_scenarios
from calmloop.scenario_selector.session import Plan, Session, Tuning

__all__ = ["Choice", "History", "Plan", "Profile", "Session", "Tuning", "load_scenarios"]
