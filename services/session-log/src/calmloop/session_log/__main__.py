"""Runs the session log."""

import sys

from calmloop.contract.topics import Account
from calmloop.service.runtime import run
from calmloop.session_log.service import SessionLogService
from calmloop.session_log.settings import Settings

if __name__ == "__main__":
    sys.exit(run(Account.SESSION_LOG, Settings, SessionLogService))
