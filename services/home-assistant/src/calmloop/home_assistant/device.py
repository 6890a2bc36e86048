"""The chair as one device of Home Assistant, with all that it shows: its MQTT discovery.

Source of the keys: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from calmloop.contract import house_topics, topics
from calmloop.contract.messages.camera import CameraCondition
from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.house import HouseAction, HouseCondition, HouseDevice
from calmloop.contract.messages.safety import AlarmKind
from calmloop.contract.messages.service import Presence
from calmloop.contract.messages.session import Phase
from calmloop.contract.topics import SERVICES, Account
from calmloop.home_assistant.settings import HomeAssistantSection
from calmloop.home_assistant.words import WORDS

ORIGIN = "Calmloop"
EXPIRES_S = 30
"""What was not told again for so long is not known any more: it is told each 10 s."""

Component = dict[str, Any]

ICONS = {
    "condition": "mdi:seat",
    "phase": "mdi:timeline-clock",
    "emotion": "mdi:emoticon-outline",
    "intensity": "mdi:sine-wave",
    "camera": "mdi:camera",
    "stop": "mdi:stop-circle",
    "less": "mdi:minus-circle",
    "pause": "mdi:pause-circle",
    "finish": "mdi:weather-sunset-down",
    "camera_off": "mdi:camera-off",
}


class HouseCatalogue:
    """What is shown of one chair."""

    def __init__(
        self, chair_id: str, instance: str, version: str, section: HomeAssistantSection
    ) -> None:
        self._chair_id, self._instance, self._version = chair_id, instance, version
        self._section, self._words = section, WORDS[section.language]

    def device(self) -> HouseDevice:
        """All of it, in one message."""
        section = self._section
        about = {
            "identifiers": [f"calmloop-{self._chair_id}"],
            "name": section.name or f"Calmloop {self._chair_id}",
            "manufacturer": ORIGIN,
            "model": "Relaxation chair",
            "sw_version": self._version,
        }
        if section.area:
            about["suggested_area"] = section.area
        return HouseDevice(
            device=about,
            origin={"name": ORIGIN, "sw_version": self._version},
            availability=[self._availability()],
            components=dict(self._components()),
        )

    def _availability(self) -> dict[str, str]:
        topic = topics.SERVICE_STATUS.name(
            self._chair_id, service=Account.HOME_ASSISTANT.value, instance=self._instance
        )
        online = Presence.ONLINE.value
        return {
            "topic": topic,
            "value_template": f"{{{{ '{online}' if value_json.presence == '{online}'"
            f" else '{Presence.OFFLINE.value}' }}}}",
        }

    def _components(self) -> Mapping[str, Component]:
        return {
            **self._sensors(),
            **self._alarms(),
            **{f"service_{name}": self._service(name) for name in _others()},
            **self._buttons(),
        }

    def _sensors(self) -> dict[str, Component]:
        enums = {"condition": HouseCondition, "phase": Phase, "emotion": Label}
        shown = {key: self._enum(key, kind) for key, kind in enums.items()}
        shown["intensity"] = self._number("intensity", "intensity_pct", "%")
        shown["minutes_left"] = self._number("minutes_left", "minutes_left", "min") | {
            "device_class": "duration"
        }
        shown["confidence"] = self._diagnostic(
            self._number("confidence", "confidence", "%")
            | {"value_template": "{{ (100 * value_json.confidence) | round }}"}
        )
        shown["camera"] = self._diagnostic(self._enum("camera", CameraCondition))
        return shown

    def _alarms(self) -> dict[str, Component]:
        shown = {
            "alarm": self._binary("alarm", "value_json.alarm")
            | {
                "device_class": "problem",
                "json_attributes_topic": self._state,
                "json_attributes_template": "{{ {'kinds': value_json.alarms,"
                " 'critical': value_json.critical, 'text': value_json.alarm_text} | tojson }}",
            },
            "link": self._diagnostic(
                self._binary("link", "value_json.link") | {"device_class": "connectivity"}
            ),
            "alarm_began": self._part("event", "alarm_began")
            | {
                "state_topic": house_topics.HOUSE_EVENT.name(self._chair_id),
                "event_types": [kind.value for kind in AlarmKind],
            },
        }
        for kind in AlarmKind:
            key = f"alarm_{kind.value}"
            said = self._binary(key, f"'{kind.value}' in value_json.alarms")
            shown[key] = self._diagnostic(said) | {"device_class": "problem"}
        return shown

    def _buttons(self) -> dict[str, Component]:
        stop = self._part("button", "stop") | {
            "command_topic": topics.STOP.name(self._chair_id),
            "payload_press": "the house",
            "qos": topics.STOP.qos,
        }
        return {"stop": stop, **{action.value: self._button(action) for action in HouseAction}}

    def _button(self, action: HouseAction) -> Component:
        return self._part("button", action.value) | {
            "command_topic": house_topics.HOUSE_SET.name(self._chair_id),
            "payload_press": json.dumps({"action": action.value}),
            "qos": house_topics.HOUSE_SET.qos,
        }

    def _service(self, name: str) -> Component:
        told = f"value_json.services.get('{name}')"
        part = self._diagnostic(self._binary("service", told))
        part["value_template"] = f"{{{{ {{true: 'ON', false: 'OFF'}}.get({told}, 'None') }}}}"
        return part | {
            "name": f"{self._words['service']} {name}",
            "unique_id": self._id(f"service_{name}"),
            "device_class": "running",
        }

    def _enum(self, key: str, kind: type[StrEnum]) -> Component:
        return self._told("sensor", key, f"{{{{ value_json.{key} }}}}") | {
            "device_class": "enum",
            "options": [value.value for value in kind],
        }

    def _number(self, key: str, field: str, unit: str) -> Component:
        return self._told("sensor", key, f"{{{{ value_json.{field} | round }}}}") | {
            "unit_of_measurement": unit,
            "state_class": "measurement",
        }

    def _binary(self, key: str, said: str) -> Component:
        return self._told("binary_sensor", key, f"{{{{ 'ON' if {said} else 'OFF' }}}}")

    def _told(self, platform: str, key: str, template: str) -> Component:
        return self._part(platform, key) | {
            "state_topic": self._state,
            "value_template": template,
            "expire_after": EXPIRES_S,
        }

    def _part(self, platform: str, key: str) -> Component:
        part = {"platform": platform, "unique_id": self._id(key), "name": self._words[key]}
        return part | ({"icon": ICONS[key]} if key in ICONS else {})

    @staticmethod
    def _diagnostic(part: Component) -> Component:
        return part | {"entity_category": "diagnostic"}

    def _id(self, key: str) -> str:
        return f"calmloop_{self._chair_id}_{key}"

    @property
    def _state(self) -> str:
        return house_topics.HOUSE_STATE.name(self._chair_id)


def _others() -> list[str]:
    """The services whose health is shown: whether this one is there, is told of itself."""
    return sorted(service.value for service in SERVICES - {Account.HOME_ASSISTANT})
