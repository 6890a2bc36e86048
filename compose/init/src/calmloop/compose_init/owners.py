"""Which user each container runs as: the same numbers stand in the Dockerfiles' USER lines."""

from calmloop.topics import Account

BROKER_UID = 1883
"""The user of the official Mosquitto image."""

SERVICE_UIDS: dict[Account, int] = {
    Account.CAMERA: 10001,
    Account.FACE_DETECTOR: 10002,
    Account.EMOTION_CLASSIFIER: 10003,
    Account.SCENARIO_SELECTOR: 10004,
    Account.ACTUATOR_BRIDGE: 10005,
    Account.SAFETY_WATCHDOG: 10006,
}
"""One user a service, so that none can read another's password from the common volume."""
