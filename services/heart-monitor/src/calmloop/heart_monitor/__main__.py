"""Runs the heart monitor."""

import sys

from calmloop.contract.topics import Account
from calmloop.heart_monitor.service import HeartMonitorService
from calmloop.heart_monitor.settings import Settings
from calmloop.service.runtime import run

if __name__ == "__main__":
    sys.exit(run(Account.HEART_MONITOR, Settings, HeartMonitorService))
