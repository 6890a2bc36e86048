"""Docker, ports, and the deployment's own folder."""

import errno
import re
from collections.abc import Iterator

from calmloop.base.errors import InputError
from calmloop.base.settings_check import all_faults
from calmloop.contract.fleet_rollout import RELEASE_FILE
from calmloop.device.bundle import ReleaseAbout
from calmloop.device.containers import containers_of
from calmloop.device.deployment import ENV_FILE, OWN, Deployment
from calmloop.device.finding import DeviceFinding
from calmloop.device.machine import Machine, why_not_bound
from calmloop.device.restoring import JOURNAL
from calmloop.device.way_back import DeviceHome

COMPOSE_NEEDED = (2, 24)
SETTINGS_FILE = "calmloop.yaml"
OPEN_TO_OTHERS = 0o005
LOOPBACK = "127.0.0.1"
LISTENERS = (
    ("the broker", LOOPBACK, "BROKER_PORT", ()),
    ("the broker's TLS", "BROKER_TLS_ADDRESS", "BROKER_TLS_PORT", ()),
    ("the console", "CONSOLE_ADDRESS", "CONSOLE_PORT", ()),
    ("Prometheus", LOOPBACK, "PROMETHEUS_PORT", ("monitoring",)),
    ("Grafana", LOOPBACK, "GRAFANA_PORT", ("monitoring",)),
)
"""What is published: by whom, at which address or variable with one, the port's variable, where."""


def check_docker(machine: Machine) -> Iterator[DeviceFinding]:
    """Is the engine there and running, and its Compose new enough?"""
    engine = machine.run(["docker", "version", "--format", "{{.Server.Version}}"])
    if engine.status is None:
        yield DeviceFinding.wrong(
            "docker", f"it is not there ({engine.said})", "install Docker Engine and its Compose"
        )
        return
    if engine.status != 0:
        yield DeviceFinding.wrong(
            "docker", engine.said or "it does not answer", _engine_todo(engine.said)
        )
        return
    compose = machine.run(["docker", "compose", "version", "--short"])
    version = re.match(r"v?(\d+)\.(\d+)", compose.out)
    wanted = ".".join(map(str, COMPOSE_NEEDED))
    if compose.status != 0 or version is None:
        yield DeviceFinding.wrong(
            "docker", "it has no Compose", f"install Compose {wanted} or newer"
        )
    elif (int(version[1]), int(version[2])) < COMPOSE_NEEDED:
        yield DeviceFinding.wrong(
            "docker", f"its Compose is {compose.out}", f"install Compose {wanted} or newer"
        )
    else:
        yield DeviceFinding.good("docker", f"engine {engine.out}, Compose {compose.out}")


def _engine_todo(said: str) -> str:
    if "permission denied" in said.lower():
        return "add this user to the group 'docker' (sudo usermod -aG docker USER), log in again"
    return "`sudo systemctl enable --now docker`; `journalctl -u docker` says why it ended"


def check_ports(machine: Machine, deployment: Deployment) -> Iterator[DeviceFinding]:
    """Is each port free, or the deployment's own already?"""
    published = _published(machine, deployment)
    for who, address, variable, profiles in LISTENERS:
        if profiles and not deployment.has(*profiles):
            continue
        host, port = deployment.values.get(address, address), deployment.number(variable)
        if port is None or not 0 < port < 1 << 16:
            yield DeviceFinding.wrong(
                "ports", f"{variable} is no port", f"correct it in {ENV_FILE}"
            )
            continue
        if port in published:
            yield DeviceFinding.good("ports", f"{port}: {who} has it")
            continue
        error = why_not_bound(host, port)
        if error is None:
            yield DeviceFinding.good("ports", f"{host}:{port} is free for {who}")
        else:
            yield _taken(who, host, port, variable, error)


def _taken(who: str, host: str, port: int, variable: str, error: OSError) -> DeviceFinding:
    todo = {
        errno.EADDRINUSE: f"`sudo ss -ltnp 'sport = :{port}'` says by what: end it, or give"
        f" {who} another, {variable}={port + 1} in {ENV_FILE}",
        errno.EADDRNOTAVAIL: f"name an address of this machine in {ENV_FILE}, or 0.0.0.0",
        errno.EACCES: f"name a port from 1024 on, {variable} in {ENV_FILE}",
    }
    text = f"{who} cannot have {host}:{port} ({error.strerror})"
    return DeviceFinding.wrong("ports", text, todo.get(error.errno or 0, f"see {variable}"))


def _published(machine: Machine, deployment: Deployment) -> set[int]:
    """The ports on this machine that the deployment's running containers have."""
    told = (str(container.get("Ports", "")) for container in containers_of(machine, deployment))
    return {int(number) for ports in told for number in re.findall(r":(\d+)->", ports)}


def check_services(machine: Machine, deployment: Deployment) -> Iterator[DeviceFinding]:
    """Do the deployment's containers run, and do their loops turn?"""
    containers = [c for c in containers_of(machine, deployment) if c.get("State") != "exited"]
    ill = sorted(
        str(container.get("Names"))
        for container in containers
        if container.get("State") == "restarting" or "(unhealthy)" in str(container.get("Status"))
    )
    for name in ill:
        yield DeviceFinding.wrong(
            "services", f"{name} does not keep running", f"`docker logs {name}` says why"
        )
    if not containers:
        yield DeviceFinding.warning("services", "none runs", "`docker compose up -d`")
    elif not ill:
        yield DeviceFinding.good("services", f"{len(containers)} containers run")


def check_release(deployment: Deployment) -> Iterator[DeviceFinding]:
    """Which release is installed, and was it put there whole?"""
    home = DeviceHome(deployment.folder.absolute().parent)
    try:
        yield _release(deployment, home, ReleaseAbout.read(deployment.folder / RELEASE_FILE))
    except FileNotFoundError:
        yield DeviceFinding.unused("release", "none: no `calmloop device install` made this folder")
    except InputError as error:
        yield DeviceFinding.wrong("release", str(error), "`calmloop device update` puts one there")


def _release(deployment: Deployment, home: DeviceHome, about: ReleaseAbout) -> DeviceFinding:
    under_way, before = home.under_way(), home.way_back()
    if under_way is not None:
        return DeviceFinding.wrong(
            "release",
            f"putting {under_way.to} in the place of {under_way.before or 'nothing'} was cut short",
            f"`sudo calmloop device start --home {home.folder}` ends it",
        )
    back = f"; `calmloop device rollback` goes back to {before.before}" if before else ""
    told = f"{about}, made with the chair's firmware {about.firmware.version}{back}"
    tag = deployment.values.get("IMAGE_TAG", "")
    if tag == about.tag:
        return DeviceFinding.good("release", told)
    return DeviceFinding.warning(
        "release",
        f"{told}; but its services run on images '{tag}'",
        f"write IMAGE_TAG={about.tag} into {ENV_FILE}, then `docker compose up -d`",
    )


def check_folder(deployment: Deployment) -> Iterator[DeviceFinding]:
    """Is the deployment's folder as Compose and the services take it?"""
    if (deployment.folder / JOURNAL).exists():
        yield DeviceFinding.wrong(
            "folder",
            "a restore was cut short: some of what is here is of before",
            "`docker compose stop`, then the same `calmloop device restore` again",
        )
    strange = sorted(
        name for name in deployment.named - deployment.known if not name.startswith(OWN)
    )
    if strange:
        yield DeviceFinding.warning(
            "folder",
            f"{ENV_FILE} sets {', '.join(strange)}, which compose.yaml does not read",
            f"check the spelling in {ENV_FILE}.example; finer settings belong into {SETTINGS_FILE}",
        )
    if not _may_be_entered(deployment):
        yield DeviceFinding.wrong(
            "folder",
            f"{deployment.folder}: the init container may not enter it",
            f"`chmod o+rx {deployment.folder}`",
        )
        return
    settings = deployment.folder / SETTINGS_FILE
    faults = all_faults(settings) if settings.exists() else []
    for fault in faults:
        yield DeviceFinding.wrong("settings", fault, "correct it, then `docker compose up -d`")
    if not faults:
        told = "every service accepts it" if settings.exists() else "the defaults: there is none"
        yield DeviceFinding.good("settings", f"{SETTINGS_FILE}: {told}")


def _may_be_entered(deployment: Deployment) -> bool:
    """By `init`, which is root without the right to enter what is closed to others."""
    found = deployment.folder.stat()
    return found.st_mode & OPEN_TO_OTHERS == OPEN_TO_OTHERS or found.st_uid == 0
