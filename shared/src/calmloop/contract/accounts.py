"""Who has an account at the broker. Made from services/services.toml by `make services`."""

from enum import StrEnum


class Account(StrEnum):
    """Who has an account at the broker: each service, and people."""

    CAMERA = "camera"
    FACE_DETECTOR = "face-detector"
    EMOTION_CLASSIFIER = "emotion-classifier"
    SCENARIO_SELECTOR = "scenario-selector"
    ACTUATOR_BRIDGE = "actuator-bridge"
    SAFETY_WATCHDOG = "safety-watchdog"
    HEART_MONITOR = "heart-monitor"
    VOICE_LISTENER = "voice-listener"
    SOUND_PLAYER = "sound-player"
    CAREGIVER_CONSOLE = "caregiver-console"
    SESSION_LOG = "session-log"
    METRICS_EXPORTER = "metrics-exporter"
    HOME_ASSISTANT = "home-assistant"
    FLEET_LINK = "fleet-link"
    CAREGIVER = "caregiver"
    MONITOR = "monitor"
    HOUSE = "house"


PEOPLE = frozenset(
    {
        Account.CAREGIVER,
        Account.MONITOR,
        Account.HOUSE,
    }
)
SERVICE_UIDS: dict[Account, int] = {
    Account.CAMERA: 10001,
    Account.FACE_DETECTOR: 10002,
    Account.EMOTION_CLASSIFIER: 10003,
    Account.SCENARIO_SELECTOR: 10004,
    Account.ACTUATOR_BRIDGE: 10005,
    Account.SAFETY_WATCHDOG: 10006,
    Account.HEART_MONITOR: 10007,
    Account.VOICE_LISTENER: 10008,
    Account.SOUND_PLAYER: 10009,
    Account.CAREGIVER_CONSOLE: 10010,
    Account.SESSION_LOG: 10011,
    Account.METRICS_EXPORTER: 10012,
    Account.HOME_ASSISTANT: 10013,
    Account.FLEET_LINK: 10014,
}
"""One user a service, so that none can read another's password from the common volume."""
SHARING = frozenset(
    {
        Account.EMOTION_CLASSIFIER,
    }
)
"""Services of which a chair may have several instances, which share the load."""
REAL_TIME = frozenset(
    {
        Account.SCENARIO_SELECTOR,
        Account.ACTUATOR_BRIDGE,
        Account.SAFETY_WATCHDOG,
    }
)
"""Services that run before everything else: without them no lease is given."""
