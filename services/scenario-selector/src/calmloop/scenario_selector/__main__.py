"""`python -m calmloop.scenario_selector`."""

import sys

from calmloop.runtime import run
from calmloop.scenario_selector.service import ScenarioSelector
from calmloop.scenario_selector.settings import Settings
from calmloop.topics import Account

if __name__ == "__main__":
    sys.exit(run(Account.SCENARIO_SELECTOR, Settings, ScenarioSelector))
