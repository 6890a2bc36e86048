"""Runs the safety watchdog."""

import sys

from calmloop.contract.topics import Account
from calmloop.safety_watchdog.service import SafetyWatchdogService
from calmloop.safety_watchdog.settings import Settings
from calmloop.service.runtime import run

if __name__ == "__main__":
    sys.exit(run(Account.SAFETY_WATCHDOG, Settings, SafetyWatchdogService))
