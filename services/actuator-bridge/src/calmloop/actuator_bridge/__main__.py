"""Runs the actuator bridge."""

import sys

from calmloop.actuator_bridge.service import ActuatorBridgeService
from calmloop.actuator_bridge.settings import Settings
from calmloop.contract.topics import Account
from calmloop.service.runtime import run

if __name__ == "__main__":
    sys.exit(run(Account.ACTUATOR_BRIDGE, Settings, ActuatorBridgeService))
