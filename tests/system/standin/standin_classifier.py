"""A classifier by someone who knows no more than the service's README and the message schemas.

It calls a bright face positive, a dark one negative and any other neutral.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

R = f"calmloop/{os.environ['CALMLOOP_CHAIR_ID']}"
DARK, BRIGHT = 40, 220


def read(crop: bytes) -> dict[str, Any]:
    """Label, confidence and valence of one crop; unknown without one."""
    if not crop:
        return {"label": "unknown", "confidence": 0.0, "valence": 0.0}
    gray = sum(crop) / len(crop)
    if DARK <= gray <= BRIGHT:
        return {"label": "neutral", "confidence": 0.8, "valence": 0.0}
    bright = gray > BRIGHT
    label, valence = ("positive", 0.8) if bright else ("negative", -0.8)
    return {"label": label, "confidence": 0.8, "valence": valence}


def on_crop(client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
    header = json.loads(dict(message.properties.UserProperty)["header"])  # type: ignore[union-attr]
    frame = {key: header[key] for key in ("frame_seq", "captured_ns")}
    state = {**frame, **read(bytes(message.payload)), "model": "stand-in"}
    client.publish(f"{R}/emotion/state", json.dumps(state))


client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
password = Path(os.environ["CALMLOOP_MQTT__PASSWORD_FILE"]).read_text()
client.username_pw_set("emotion-classifier", password)
client.on_connect = lambda client, *_: client.subscribe(f"{R}/face/crop")
client.on_message = on_crop
client.connect(os.environ["CALMLOOP_MQTT__HOST"])
beat, due_s = {"service": "emotion-classifier", "instance": "stand-in", "healthy": True}, 0.0
while client.loop(0.1) == MQTTErrorCode.MQTT_ERR_SUCCESS:
    if time.monotonic() >= due_s:
        due_s = time.monotonic() + 0.5
        client.publish(f"{R}/service/emotion-classifier/stand-in/heartbeat", json.dumps(beat))
