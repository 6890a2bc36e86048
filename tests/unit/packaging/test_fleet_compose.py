"""What the centre's compose.yaml promises: hardened as the chair's, each secret for one reader."""

import re
from typing import Any

import pytest
import yaml

from tests.unit.packaging.test_hardening import BUILD_TOOLS, REPOSITORY, mounts, stages

FOLDER = REPOSITORY / "compose/fleet"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = {"ingest": "10021", "enrolment": "10022", "page": "10023", "releases": "10024"}
SECRETS = {"broker": "broker", "postgres": "postgres", "ingest": "ingest", "page": "page"}
SECRETS |= {"enrolment": "centre", "releases": "releases"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_of_the_centre_is_hardened(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["memswap_limit"] == container["mem_limit"]
    assert container["ulimits"]["core"] == 0
    assert container["pids_limit"] <= 512
    assert container["restart"] == "unless-stopped"
    assert container["healthcheck"]["test"]
    assert container["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert container["user"] == f"{OWN.get(name, '999')}:{OWN.get(name, '999')}"
    assert not {"privileged", "devices", "pid", "ipc"} & set(container)
    assert not any("docker.sock" in mount for mount in mounts(container))


def test_database_and_amqp_are_reached_from_inside_alone() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    outside = {name for name, made in CONTAINERS.items() if "outside" in made["networks"]}
    assert outside == {"broker", "enrolment", "page"}
    ports = {name: made["ports"] for name, made in CONTAINERS.items() if "ports" in made}
    assert ports == {
        "broker": ["${FLEET_ADDRESS:-127.0.0.1}:${FLEET_MQTT_PORT:-8883}:8883"],
        "enrolment": ["${FLEET_ADDRESS:-127.0.0.1}:${FLEET_ENROLMENT_PORT:-8471}:8471"],
        "page": ["${FLEET_PAGE_ADDRESS:-127.0.0.1}:${FLEET_PAGE_PORT:-8472}:8472"],
    }


def test_each_container_sees_its_own_secrets_alone_and_cannot_write_them() -> None:
    for name, container in CONTAINERS.items():
        seen = [mount for mount in mounts(container) if "SECRETS" in mount]
        own = f"${{FLEET_SECRETS:-./secrets}}/{SECRETS[name]}"
        assert seen
        assert all(mount.startswith((f"{own}:", f"{own}/")) for mount in seen)
        assert all(mount.endswith(":ro") for mount in seen)


def test_the_authority_s_key_goes_to_enrolment_alone() -> None:
    text = (FOLDER / "prepare.sh").read_text()
    (copied,) = [line for line in text.splitlines() if "authority.key" in line and "cp " in line]
    assert copied.endswith('"$new/centre/"')
    holders = [name for name, made in CONTAINERS.items() if "authority.key" in str(made)]
    assert holders == ["enrolment"]


def test_what_is_prepared_belongs_to_who_reads_it() -> None:
    text = (FOLDER / "prepare.sh").read_text()
    owners = dict(re.findall(r'^chown -R \d+:(\d+) "\$new/(\w+)"$', text, re.MULTILINE))
    assert owners == {uid: SECRETS[name] for name, uid in OWN.items()}
    assert 'chown -R 999:999 "$new/broker" "$new/postgres"' in text


def test_the_image_ships_no_build_tools_and_is_built_for_every_architecture() -> None:
    built, shipped = stages(FOLDER / "Dockerfile").values()
    assert "AS build" in built
    assert not any(tool in shipped for tool in BUILD_TOOLS)
    assert re.search(r"^USER 10021:10021$", shipped, re.MULTILINE)
    bake = (REPOSITORY / "compose/docker-bake.hcl").read_text()
    assert 'dockerfile = "compose/fleet/Dockerfile"' in bake


def test_the_broker_takes_chairs_by_their_certificates_alone() -> None:
    lines = (FOLDER / "rabbitmq.conf").read_text().splitlines()
    settings = dict(line.split(" = ") for line in lines if " = " in line)
    assert settings["mqtt.listeners.tcp"] == "none"
    assert settings["ssl_options.verify"] == "verify_peer"
    assert settings["ssl_options.fail_if_no_peer_cert"] == "true"
    assert settings["mqtt.ssl_cert_login"] == "true"
    assert settings["anonymous_login_user"] == "none"


def test_releases_are_written_by_who_decides_on_them_alone() -> None:
    writers = {
        name
        for name, made in CONTAINERS.items()
        if any("REPOSITORY" in mount and not mount.endswith(":ro") for mount in mounts(made))
    }
    assert writers == {"releases"}
    assert CONTAINERS["releases"]["networks"] == ["inside"]
    assert "online.pem" not in (FOLDER / "prepare.sh").read_text(), "it comes from the stick"
