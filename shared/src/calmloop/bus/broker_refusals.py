"""What a broker's reason code says, and the next step: it is seldom the password."""

from paho.mqtt.reasoncodes import ReasonCode

CREDENTIALS = "check the user and the password"
NO_MQTT_5 = "it speaks no MQTT 5: use Mosquitto 1.6 or newer, or another broker with MQTT 5"
TOO_OFTEN = "wait, or raise the broker's limit"
UNREADABLE = "a message cannot be read here; if this goes on, clear the retained ones"
NEXT_STEP = {
    0x81: UNREADABLE,
    0x82: UNREADABLE,
    0x84: NO_MQTT_5,
    0x85: "the broker does not take this client's id: let it take ids that the client chooses",
    0x86: CREDENTIALS,
    0x87: f"{CREDENTIALS}, and that the broker lets this account connect",
    0x88: "check that it is not starting or overloaded",
    0x89: "it has too many connections: close some, or raise its limit",
    0x8A: "this client is banned there: have it unbanned",
    0x8C: f"it wants another kind of login: {CREDENTIALS}",
    0x8E: "another client has the same id: give this one an instance name of its own",
    0x95: "a message is larger than the broker takes: raise its packet size",
    0x97: TOO_OFTEN,
    0x9A: "the broker takes no retained messages: turn them on there (Mosquitto: retain_available)",
    0x9B: "the broker does not take QoS 1: let it (Mosquitto: max_qos)",
    0x9C: "it names another server: set mqtt.host to that",
    0x9D: "it names another server: set mqtt.host to that",
    0x9F: TOO_OFTEN,
}
"""By MQTT 5's reason code (section 2.4)."""
UNSPECIFIED = 0x80
OTHERWISE = "check that it runs"
SUDDENLY = "check that it runs and, if this goes on, that no other client has the same id"
"""For a connection that the broker ended without a reason."""


def next_step(reason: ReasonCode) -> str:
    """What a person can do about it."""
    return NEXT_STEP.get(reason.value, SUDDENLY if reason.value == UNSPECIFIED else OTHERWISE)
