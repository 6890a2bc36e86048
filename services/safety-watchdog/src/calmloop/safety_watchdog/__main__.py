"""Runs the safety watchdog."""

import sys

from calmloop.runtime import run
from calmloop.safety_watchdog.service import SafetyWatchdog
from calmloop.safety_watchdog.settings import Settings
from calmloop.topics import Account

if __name__ == "__main__":
    sys.exit(run(Account.SAFETY_WATCHDOG, Settings, SafetyWatchdog))
