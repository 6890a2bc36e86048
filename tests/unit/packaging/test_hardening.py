"""What compose.yaml and the Dockerfiles promise: no container has more than it needs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from calmloop.compose_init.broker_files import PEOPLE_PORT, TLS_PORT
from calmloop.compose_init.owners import BROKER_UID, SERVICE_UIDS
from calmloop.contract.topics import SERVICES, Account
from tests.services import LISTING

REPOSITORY = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose/compose.yaml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
LASTING = {name: made for name, made in CONTAINERS.items() if name != "init"}
DOCKERFILES = {
    "services": REPOSITORY / "services/Dockerfile",
    "init": REPOSITORY / "compose/init/Dockerfile",
    "chair-sim": REPOSITORY / "firmware-bridge/Dockerfile",
}
BUILD_TOOLS = ("pip", "apt-get", "npm")
BUILDING = frozenset({"build", "lock", "packages", "pages", "reports-build"})
"""Stages of which nothing but what is copied out goes into an image."""
BESIDE = {
    "emotion-classifier-shadow": Account.EMOTION_CLASSIFIER,
    "camera-sim": Account.CAMERA,
    "actuator-bridge-sim": Account.ACTUATOR_BRIDGE,
    "heart-monitor-sim": Account.HEART_MONITOR,
    "voice-listener-sim": Account.VOICE_LISTENER,
    "sound-player-sim": Account.SOUND_PLAYER,
}
"""Containers that run a service in another way, for a profile."""

MONITORING = ("prometheus", "grafana")
"""Others' programs, which get metrics alone."""


def mounts(container: dict[str, Any]) -> list[str]:
    return [str(volume) for volume in container.get("volumes", [])]


def stages(dockerfile: Path) -> dict[str, str]:
    """The text of each stage by its name, of one without a name by its base."""
    parts = re.split(r"^FROM ", dockerfile.read_text(), flags=re.MULTILINE)[1:]
    return {part.splitlines()[0].split()[-1]: part for part in parts}


def shipped(dockerfile: Path) -> list[str]:
    """What follows the stages that build, and is made of none of them."""
    found = [stage for name, stage in stages(dockerfile).items() if name not in BUILDING]
    assert not any(stage.split()[0] in BUILDING for stage in found)
    return found


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_is_hardened(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["init"] is True
    assert container["pids_limit"] <= 64
    assert container["memswap_limit"] == container["mem_limit"], "a picture could be swapped out"
    assert container["ulimits"]["core"] == 0, "a picture could stand in a core dump"
    assert container["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert not {"privileged", "devices", "pid", "ipc"} & set(container)
    assert not any("docker.sock" in mount for mount in mounts(container))


def test_the_safety_chain_alone_may_run_in_real_time_at_the_lowest_priority() -> None:
    limits = {name: made["ulimits"].get("rtprio") for name, made in CONTAINERS.items()}
    assert {name: limit for name, limit in limits.items() if limit is not None} == dict.fromkeys(
        ["scenario-selector", "actuator-bridge", "actuator-bridge-sim", "safety-watchdog"],
        "${REALTIME_PRIORITY:-0}",
    )


def test_only_the_init_service_has_a_capability_and_no_network() -> None:
    capable = {name: made["cap_add"] for name, made in CONTAINERS.items() if "cap_add" in made}
    assert capable == {"init": ["CHOWN"]}
    assert CONTAINERS["init"]["network_mode"] == "none"


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_comes_back_after_a_crash_and_a_reboot_and_says_how_it_is(name: str) -> None:
    assert LASTING[name]["restart"] == "unless-stopped"
    assert LASTING[name]["healthcheck"]["test"]


def test_the_soundscapes_are_written_by_the_player_alone_and_read_by_the_engine() -> None:
    seen = {
        name: mount
        for name, made in CONTAINERS.items()
        for mount in mounts(made)
        if mount.startswith("soundscapes:")
    }
    written = "soundscapes:/var/lib/calmloop"
    assert seen == {
        "scenario-selector": "soundscapes:/etc/calmloop/soundscapes:ro",
        "sound-player": written,
        "sound-player-sim": written,
    }


def test_devices_are_seen_by_four_containers_alone() -> None:
    rules = {
        name: made["device_cgroup_rules"]
        for name, made in CONTAINERS.items()
        if any(mount.startswith("/dev") for mount in mounts(made))
    }
    assert rules == {
        "camera": ["c 81:* rw"],
        "actuator-bridge": ["c 166:* rw", "c 188:* rw", "c 204:* rw"],
        "voice-listener": ["c 116:* rw"],
        "sound-player": ["c 116:* rw"],
    }
    assert all("/dev:/dev:ro" in mounts(CONTAINERS[name]) for name in rules)


def test_the_host_s_own_bus_is_seen_by_the_heart_monitor_alone_and_only_where_it_is_asked_for() -> (
    None
):
    seen = [name for name, made in CONTAINERS.items() if "dbus" in str(mounts(made))]
    assert seen == ["heart-monitor"]
    assert "/run/dbus:/run/dbus:ro" in mounts(CONTAINERS["heart-monitor"])
    assert CONTAINERS["heart-monitor"]["profiles"] == ["heart"]
    assert CONTAINERS["heart-monitor-sim"]["profiles"] == ["heart-sim"]


def test_nothing_is_published_beyond_loopback_unless_a_person_says_so() -> None:
    ports = {name: made["ports"] for name, made in CONTAINERS.items() if "ports" in made}
    assert ports == {
        "broker": [
            f"127.0.0.1:${{BROKER_PORT:-1883}}:{PEOPLE_PORT}",
            f"${{BROKER_TLS_ADDRESS:-127.0.0.1}}:${{BROKER_TLS_PORT:-8883}}:{TLS_PORT}",
        ],
        "caregiver-console": ["${CONSOLE_ADDRESS:-127.0.0.1}:${CONSOLE_PORT:-8480}:8480"],
        "prometheus": ["127.0.0.1:${PROMETHEUS_PORT:-9090}:9090"],
        "grafana": ["127.0.0.1:${GRAFANA_PORT:-3000}:3000"],
    }
    assert COMPOSE["networks"]["bus"] == {"internal": True}
    reach_out = {n for n, made in CONTAINERS.items() if "outside" in made.get("networks", ())}
    assert reach_out == {"broker", "camera", "caregiver-console", "fleet-link", *MONITORING}


def test_what_watches_metrics_reaches_the_exporter_and_never_the_bus() -> None:
    assert COMPOSE["networks"]["metrics"] == {"internal": True}
    joined = {n for n, made in CONTAINERS.items() if "metrics" in made.get("networks", ())}
    assert joined == {"metrics-exporter", *MONITORING}
    for name in MONITORING:
        assert CONTAINERS[name]["networks"] == ["metrics", "outside"]
        assert CONTAINERS[name]["profiles"] == ["monitoring"]
        assert not any("accounts" in mount for mount in mounts(CONTAINERS[name]))


def test_a_second_network_is_asked_for_and_takes_no_crop_from_the_classifier() -> None:
    shadow = CONTAINERS["emotion-classifier-shadow"]
    assert shadow["profiles"] == ["shadow"]
    assert shadow["environment"]["CALMLOOP_EMOTION_CLASSIFIER__SHADOW"]
    assert shadow["environment"]["CALMLOOP_INSTANCE"] == "shadow"
    assert "CALMLOOP_EMOTION_CLASSIFIER__SHARE_GROUP_FILE" not in shadow["environment"]
    assert shadow["cpu_shares"] < 1024


def test_the_simulated_chair_is_reached_by_the_bridge_alone() -> None:
    assert COMPOSE["networks"]["chair"] == {"internal": True}
    joined = {n for n, made in CONTAINERS.items() if "chair" in made.get("networks", ())}
    assert joined == {"chair-sim", "actuator-bridge-sim"}
    assert CONTAINERS["chair-sim"]["networks"] == ["chair"]


def test_only_the_init_service_sees_the_vault_and_the_others_cannot_write_accounts() -> None:
    for name, container in LASTING.items():
        assert not any(mount.startswith("vault") for mount in mounts(container)), name
        accounts = [mount for mount in mounts(container) if mount.startswith("accounts")]
        assert set(accounts) <= {"accounts:/run/accounts:ro"}, name


@pytest.mark.parametrize("account", sorted(SERVICES))
def test_a_service_runs_as_the_user_that_its_password_belongs_to(account: Account) -> None:
    stage = stages(DOCKERFILES["services"])[f"service..{account}"]
    assert stage.startswith(f"run AS service..{account}\n")
    uid = str(SERVICE_UIDS[account])
    assert re.findall(r"^USER (\d+):(\d+)$", stage, re.MULTILINE) == [(uid, uid)]
    names = [account.value, *(other for other, real in BESIDE.items() if real is account)]
    for name in names:
        environment = CONTAINERS[name]["environment"]
        assert environment["CALMLOOP_MQTT__USERNAME"] == account
        assert environment["CALMLOOP_MQTT__PASSWORD_FILE"] == f"/run/accounts/{account}/password"
        assert "user" not in CONTAINERS[name]
        assert CONTAINERS[name]["build"]["args"]["SERVICE"] == account


def test_the_broker_runs_as_the_user_that_its_files_belong_to() -> None:
    assert CONTAINERS["broker"]["user"] == f"{BROKER_UID}:{BROKER_UID}"


@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_dockerfile_builds_on_any_engine_and_ships_no_build_tools(name: str) -> None:
    text = DOCKERFILES[name].read_text()
    assert set(stages(DOCKERFILES[name])) > {"build"}
    assert "# syntax" not in text
    assert "<<" not in text
    assert "--link" not in text
    assert "@sha256" not in text
    assert "://" not in text
    assert not any(tool in stage for stage in shipped(DOCKERFILES[name]) for tool in BUILD_TOOLS)
    if name == "chair-sim":
        assert re.search(r"^USER [1-9]", shipped(DOCKERFILES[name])[-1], re.MULTILINE)


def test_an_image_holds_only_its_own_service() -> None:
    text = DOCKERFILES["services"].read_text()
    copied = re.findall(r"^COPY (?:services|compose)/(\S+)", text, re.MULTILINE)
    assert "${SERVICE}" in copied
    assert {path.partition("/")[0] for path in copied} == {"${SERVICE}"}
    # Two dots: no image can have such a name, so that a mistyped SERVICE fetches nobody's.
    assert text.endswith("\nFROM service..${SERVICE}\n")


def test_whoever_may_write_has_a_folder_of_its_own_and_nobody_else_has_one() -> None:
    for service in LISTING.services:
        stage = stages(DOCKERFILES["services"])[f"service..{service.name}"]
        own = f"RUN install -d -o {service.uid} -g {service.uid} -m 0700 /var/lib/calmloop\n"
        runs = ["RUN ldconfig\n"] * bool(service.packages) + [own] * bool(service.writes)
        assert re.findall(r"^RUN .*\n", stage, re.MULTILINE) == runs
        volumes = [mount for mount in mounts(CONTAINERS[service.name]) if "/lib/" in mount]
        assert volumes == ([f"{service.writes}:/var/lib/calmloop"] if service.writes else [])


def test_init_holds_every_services_settings_and_nothing_that_a_service_needs_to_run() -> None:
    """It asks each of them what it would say of `calmloop.yaml`."""
    text = DOCKERFILES["init"].read_text()
    assert set(re.findall(r"^COPY ((?:services|compose)\S*)", text, re.MULTILINE)) == {
        "services",
        "compose/init",
    }
    assert re.findall(r"^COPY requirements/build.txt (\S+)", text, re.MULTILINE) == [
        "requirements/compose-init.txt"
    ]


def test_a_stage_that_must_be_alone_cannot_be_there_twice() -> None:
    """One container name, whatever the profile: the engine refuses a second one."""
    names = {name: made.get("container_name") for name, made in CONTAINERS.items()}
    assert names["camera"] == names["camera-sim"]
    assert names["actuator-bridge"] == names["actuator-bridge-sim"]
    alone = {names[name] for name in SERVICES - {Account.EMOTION_CLASSIFIER}}
    assert None not in alone
    assert len(alone) == len(SERVICES) - 1
    assert names["emotion-classifier"] is None


def test_the_device_is_the_default_and_needs_no_file() -> None:
    assert CONTAINERS["camera"]["profiles"] == ["", "device"]
    assert CONTAINERS["actuator-bridge"]["profiles"] == ["", "device"]
    shipped = {path.name for path in (REPOSITORY / "compose").iterdir()}
    ignored = (REPOSITORY / ".gitignore").read_text().splitlines()
    for live, example in ((".env", ".env.example"), ("calmloop.yaml", "calmloop.example.yaml")):
        assert example in shipped
        assert f"/compose/{live}" in ignored, "an upgrade would meet what the person has changed"


def test_every_image_of_compose_is_in_the_multi_arch_build() -> None:
    bake = (REPOSITORY / "compose/docker-bake.hcl").read_text()
    assert 'default = "linux/arm64,linux/amd64"' in bake
    built = {made["build"]["dockerfile"] for made in CONTAINERS.values() if "build" in made}
    for dockerfile in built:
        assert f'dockerfile = "{dockerfile}"' in bake
    for service in LISTING.services:
        for lock in service.locks:
            assert f'"{lock}"' in bake


def test_everything_that_can_be_set_is_explained_in_the_env_file() -> None:
    text = (REPOSITORY / "compose/compose.yaml").read_text()
    explained = (REPOSITORY / "compose/.env.example").read_text()
    for name, default in set(re.findall(r"\$\{(\w+):-([^}]*)\}", text)):
        assert re.search(rf"^#?{name}={re.escape(default)}", explained, re.MULTILINE), name
    assert not re.search(r"\$\{\w+\}", text), "a setting without a default"


def test_the_childs_time_zone_reaches_the_service_that_counts_days() -> None:
    assert CONTAINERS["scenario-selector"]["environment"]["TZ"] == "${TZ:-UTC}"
    assert "zoneinfo.ZoneInfo(" in stages(DOCKERFILES["services"])["run"]
