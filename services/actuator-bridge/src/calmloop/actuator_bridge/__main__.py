"""Runs the actuator bridge."""

import sys

from calmloop.actuator_bridge.service import ActuatorBridge
from calmloop.actuator_bridge.settings import Settings
from calmloop.runtime import run
from calmloop.topics import Account

if __name__ == "__main__":
    sys.exit(run(Account.ACTUATOR_BRIDGE, Settings, ActuatorBridge))
