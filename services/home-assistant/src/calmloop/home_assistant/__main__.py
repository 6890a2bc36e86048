"""Runs what shows Home Assistant the chair."""

import sys

from calmloop.contract.topics import Account
from calmloop.home_assistant.service import HomeAssistantService
from calmloop.home_assistant.settings import Settings
from calmloop.service.runtime import run

if __name__ == "__main__":
    sys.exit(run(Account.HOME_ASSISTANT, Settings, HomeAssistantService))
