"""What a release asks Docker for: its images, and the services' health."""

import os
from pathlib import Path

from calmloop.base.errors import CalmloopError, InputError
from calmloop.device.board_checks import MB
from calmloop.device.deployment_checks import check_docker
from calmloop.device.finding import Grade
from calmloop.device.machine import Machine

HEALTH_S = 60.0
"""Within so long every service has to be healthy."""
START_S = 240.0
"""Stopping and making containers comes before."""
LOAD_S = 3600.0
UNPACKED = 3
"""Room for images, in sizes of their packed archive."""
DOCKER_DATA = "/var/lib/docker"
UP = ("docker", "compose", "up", "--detach", "--wait", "--no-build", "--pull", "never")
NEEDED = (
    "a release does not bring Docker itself. With a network install Docker Engine and Compose as"
    " docs.docker.com/engine/install/debian says; without one bring the packages docker-ce,"
    " docker-ce-cli, containerd.io and docker-compose-plugin for this system and processor along,"
    " and `sudo apt-get install ./*.deb`"
)


class EngineError(CalmloopError):
    """Docker did not do what it was asked for."""


def check_engine(machine: Machine) -> None:
    """Is it there, does it run, is its Compose new enough?

    Raises:
        InputError: it is not, with what is needed.
    """
    for finding in check_docker(machine):
        if finding.grade is Grade.WRONG:
            needed = f" ({NEEDED})" if finding.todo.startswith("install") else ""
            raise InputError(f"Docker: {finding.text}: {finding.todo}{needed}; nothing was done")


def load(machine: Machine, archive: Path, home: Path) -> None:
    """Has Docker take the images of an archive, beside those that it has.

    Raises:
        InputError: there is no room for them.
        EngineError: it does not take them.
    """
    data = machine.below(DOCKER_DATA)
    folder = data if data.is_dir() else home
    room = os.statvfs(folder)
    free, needed = room.f_bavail * room.f_frsize, archive.stat().st_size * UNPACKED
    if free < needed:
        raise InputError(
            f"{free // MB} MB are free at {folder}, and the images need {needed // MB}:"
            " `docker system prune` frees what old ones take; nothing was done"
        )
    loaded = machine.run(["docker", "load", "--quiet", "--input", str(archive)], None, LOAD_S)
    if loaded.status != 0:
        raise EngineError(
            f"{archive}: Docker does not take it ({loaded.said[-300:]}): `journalctl -u docker`"
            " says why; no service was touched"
        )


def check_images(machine: Machine, folder: Path) -> None:
    """Is every image there that the services in a folder run on, for this processor?

    Raises:
        InputError: one is not.
        EngineError: Docker does not answer.
    """
    listed = machine.run(["docker", "compose", "config", "--images"], folder)
    if listed.status != 0:
        raise EngineError(f"{folder}: Compose does not read it ({listed.said[-300:]})")
    names = sorted(set(listed.out.split()))
    ours = machine.run(["docker", "version", "--format", "{{.Server.Arch}}"]).out
    for name in names:
        asked = ["docker", "image", "inspect", "--format", "{{.Architecture}}", name]
        found = machine.run(asked)
        if found.status != 0:
            raise InputError(
                f"the image {name} is not here, and the release does not bring it: take one that"
                " was made with --images and the profiles of .env, or `docker load` it; no service"
                " was touched"
            )
        if found.out != ours:
            raise InputError(
                f"the image {name} is for {found.out}, and this engine for {ours}: take the release"
                f" for {ours}; no service was touched"
            )


def why_not_healthy(machine: Machine, folder: Path) -> str:
    """Starts the services in a folder and waits for their health; nothing: all have it."""
    words = [*UP, "--remove-orphans", "--wait-timeout", f"{HEALTH_S:.0f}"]
    started = machine.run(words, folder, START_S + HEALTH_S)
    if started.status == 0:
        return ""
    return (started.said or "Docker does not say why")[-500:].replace("\n", "; ")
