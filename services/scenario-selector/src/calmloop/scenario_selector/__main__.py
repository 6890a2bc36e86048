"""`python -m calmloop.scenario_selector`."""

import sys

from calmloop.contract.topics import Account
from calmloop.scenario_selector.service import ScenarioSelectorService
from calmloop.scenario_selector.settings import Settings
from calmloop.service.runtime import run

if __name__ == "__main__":
    sys.exit(run(Account.SCENARIO_SELECTOR, Settings, ScenarioSelectorService))
