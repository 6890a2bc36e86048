"""Runs the caregiver's console."""

import sys

from calmloop.caregiver_console.service import CaregiverConsoleService
from calmloop.caregiver_console.settings import Settings
from calmloop.contract.topics import Account
from calmloop.service.runtime import run

if __name__ == "__main__":
    sys.exit(run(Account.CAREGIVER_CONSOLE, Settings, CaregiverConsoleService))
