"""Runs the link to the centre of a fleet; `enrol` makes this device one of its chairs."""

import sys

from calmloop.contract.topics import Account
from calmloop.fleet_link import enrolling
from calmloop.fleet_link.service import FleetLinkService
from calmloop.fleet_link.settings import Settings
from calmloop.service.runtime import run

if __name__ == "__main__":
    if sys.argv[1:2] == ["enrol"]:
        sys.exit(enrolling.main(sys.argv[2:]))
    sys.exit(run(Account.FLEET_LINK, Settings, FleetLinkService))
