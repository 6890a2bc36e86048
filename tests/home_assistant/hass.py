"""A real Home Assistant on loopback, out of the root that `tools/home_assistant.sh` makes."""

import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import requests
import yaml
from playwright.sync_api import Page
from websockets.sync.client import connect

from calmloop.demo.children import start_child
from calmloop.home_assistant.device import ORIGIN
from tests.broker import free_port

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
ROOT = CACHE / "calmloop/home-assistant"
PROGRAM = "opt/hass/bin/hass"
ASK_S = 20.0
END_S = 60.0
LANGUAGE = "en"
UNTOLD = ("unavailable", "unknown")

CONFIGURATION = """\
homeassistant:
  name: Test
  country: LV
automation: !include automations.yaml
history:
lovelace:
  dashboards:
    calmloop-view:
      mode: yaml
      title: Calmloop
      filename: dashboard.yaml
"""
HTTP = {
    "cors_allowed_origins": [],
    "login_attempts_threshold": -1,
    "ip_ban_enabled": False,
    "ssl_profile": "intermediate_v6",
    "use_x_frame_options": True,
    "created_at": "2026-01-01T00:00:00+00:00",
    "error": None,
    "error_message": None,
}
"""As Home Assistant keeps an address that somebody has confirmed: one in its YAML is on trial."""

State = dict[str, Any]


class HomeAssistant:
    """Runs while the context is open; its first user is made, and MQTT is set up by its own API.

    Attributes:
        log: What it says.
    """

    def __init__(self, log: Path, automations: str, view: str) -> None:
        self._port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="calmloop-", dir=ROOT / "tmp"))
        self.log = log
        self._signed_in: dict[str, Any] = {}
        (self._folder / "configuration.yaml").write_text(CONFIGURATION)
        (self._folder / "automations.yaml").write_text(automations)
        views = yaml.safe_dump({"views": [yaml.safe_load(view)]})
        (self._folder / "dashboard.yaml").write_text(views)
        stable = HTTP | {"server_host": ["127.0.0.1"], "server_port": self._port}
        data = {"stable": stable, "pending": None, "yaml_migration_done": True}
        (self._folder / ".storage").mkdir()
        self._keep("http", 3, data)
        # Its other steps would ask the internet for weather and more.
        self._keep("onboarding", 4, {"done": ["core_config", "analytics", "integration"]})

    def __enter__(self) -> "HomeAssistant":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Starts it; `running` tells when it is there."""
        inside = Path("/") / self._folder.relative_to(ROOT)
        command = ["chroot", f"{ROOT}", f"/{PROGRAM}", "--skip-pip", "--config", f"{inside}"]
        self._child = start_child(command, log=self.log)

    def stop(self) -> None:
        """Ends it, once it has kept what it knows."""
        self._child.terminate()
        self._child.wait(END_S)

    def running(self) -> bool:
        """Whether it has started; its first user is made as soon as it answers."""
        if self._child.poll() is not None:
            raise AssertionError(f"Home Assistant ended: {self.log.read_text()[-3000:]}")
        try:
            if not self._signed_in:
                self._make_user()
            return bool(self._get("config")["state"] == "RUNNING")
        except requests.RequestException:
            return False

    def add_broker(self, port: int, username: str, password: str) -> None:
        """Settings -> Devices & services -> Add integration -> MQTT."""
        flow = self._post("config/config_entries/flow", {"handler": "mqtt"})
        done = self._post(
            f"config/config_entries/flow/{flow['flow_id']}",
            {
                "broker": "127.0.0.1",
                "port": port,
                "username": username,
                "password": password,
                "protocol": "5",
                "other_settings": {"set_client_cert": False, "set_ca_cert": "off"},
            },
        )
        assert done["type"] == "create_entry", done

    def states(self) -> dict[str, State]:
        """Each entity's state and attributes."""
        return {state["entity_id"]: state for state in self._get("states")}

    def state(self, entity: str) -> str:
        """One entity's state; empty where there is none."""
        return str(self.states().get(entity, {"state": ""})["state"])

    def press(self, button: str) -> None:
        """What a tap on a button does."""
        self._post("services/button/press", {"entity_id": button})

    def entities(self) -> list[State]:
        """What it keeps of the entities that came by MQTT."""
        kept: list[State] = self._ask("config/entity_registry/list")
        return [row for row in kept if row["platform"] == "mqtt"]

    def devices(self) -> list[State]:
        """What it keeps of the chairs."""
        kept: list[State] = self._ask("config/device_registry/list")
        return [row for row in kept if row["manufacturer"] == ORIGIN]

    def notifications(self) -> list[State]:
        """What was laid before whoever opens its pages, the oldest first."""
        kept: list[State] = self._ask("persistent_notification/get")
        return sorted(kept, key=lambda row: str(row["created_at"]))

    def open_view(self, page: Page) -> None:
        """Opens the view that ships as its first user would see it, signed in."""
        kept = {**self._signed_in, "expires": (time.time() + 1800) * 1000}
        script = f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(kept))})"
        page.add_init_script(script)
        page.goto(f"http://127.0.0.1:{self._port}/calmloop-view/calmloop")

    def _keep(self, name: str, version: int, data: dict[str, Any]) -> None:
        """Something that it finds in its storage."""
        kept = {"version": version, "minor_version": 1, "key": name, "data": data}
        (self._folder / ".storage" / name).write_text(json.dumps(kept))

    def _ask(self, command: str) -> Any:
        """What its WebSocket answers."""
        with connect(f"ws://127.0.0.1:{self._port}/api/websocket", max_size=None) as socket:
            socket.recv(ASK_S)
            socket.send(json.dumps({"type": "auth", "access_token": self._token}))
            socket.recv(ASK_S)
            socket.send(json.dumps({"id": 1, "type": command}))
            answer = json.loads(socket.recv(ASK_S))
        assert answer["success"], answer
        return answer["result"]

    def _make_user(self) -> None:
        client = f"http://127.0.0.1:{self._port}/"
        person = {"name": "a", "username": "a", "password": "a-password", "language": LANGUAGE}
        code = self._post("onboarding/users", person | {"client_id": client})["auth_code"]
        asked = {"grant_type": "authorization_code", "code": code, "client_id": client}
        answer = requests.post(f"{client}auth/token", data=asked, timeout=ASK_S)
        self._signed_in = {**answer.json(), "hassUrl": client.rstrip("/"), "clientId": client}

    def _get(self, path: str) -> Any:
        return self._answer(requests.get(self._address(path), headers=self._who, timeout=ASK_S))

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        asked = requests.post(self._address(path), json=body, headers=self._who, timeout=ASK_S)
        return self._answer(asked)

    @staticmethod
    def _answer(answer: requests.Response) -> Any:
        answer.raise_for_status()
        return answer.json()

    def _address(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/api/{path}"

    @property
    def _who(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._signed_in else {}

    @property
    def _token(self) -> str:
        return str(self._signed_in["access_token"])
