"""Runs the link to the centre of a fleet."""

import sys

from calmloop.contract.topics import Account
from calmloop.fleet_link.service import FleetLinkService
from calmloop.fleet_link.settings import Settings
from calmloop.service.runtime import run

if __name__ == "__main__":
    sys.exit(run(Account.FLEET_LINK, Settings, FleetLinkService))
