"""What a device must not lose, and where it is."""

import os
from collections.abc import Mapping
from pathlib import Path

from calmloop.base.errors import InputError
from calmloop.device.deployment import Deployment
from calmloop.device.machine import Machine

VOLUMES: Mapping[str, str] = {
    "vault": "passwords, and the certificate authority with its key",
    "profiles": "each child's profile, what was learned, the day's minutes",
    "console": "who may log in at the console, and what they did",
    "log": "what happened, and the children's keys to it",
    "camera": "how the camera's privacy switch was left",
    "voice": "how the microphone's privacy switch was left",
    "chair": "the simulated chair's store; a real chair keeps its calibration itself",
}
"""Of compose.yaml."""
LEFT_OUT = frozenset({"accounts", "soundscapes", "metrics", "grafana"})
"""The others of compose.yaml: made anew, or measurements and their pages."""
FOLDER = (".env", "calmloop.yaml", "compose.override.yaml", "scenarios", "tracks")
"""Of the deployment's folder: what people put or changed there."""
IN_VOLUMES, IN_FOLDER = "volumes", "folder"


def part_names() -> frozenset[str]:
    """Every part that a backup may have, by its name in it."""
    return frozenset(
        (*(f"{IN_VOLUMES}/{name}" for name in VOLUMES), *(f"{IN_FOLDER}/{name}" for name in FOLDER))
    )


def places(machine: Machine, deployment: Deployment, volumes: Path | None) -> dict[str, Path]:
    """Where each part is, or would be; volumes that Docker does not have are left out.

    Args:
        machine: With Docker on it.
        deployment: Whose parts.
        volumes: The folder that has Docker's volumes; else Docker is asked for each.

    Raises:
        InputError: no volume is there, or this user may not enter one.
    """
    found = {
        f"{IN_VOLUMES}/{name}": _volume(machine, deployment, volumes, name) for name in VOLUMES
    }
    there = {name: path for name, path in found.items() if path is not None}
    if not there:
        raise InputError(
            f"no volume of '{deployment.project}' is there: make them by `docker compose --profile"
            " '*' up --no-start`, or name the folder that has them by --volumes"
        )
    for path in there.values():
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise InputError(f"{path} may not be entered by this user: run it as root, with sudo")
    return there | {f"{IN_FOLDER}/{name}": deployment.folder / name for name in FOLDER}


def _volume(
    machine: Machine, deployment: Deployment, volumes: Path | None, name: str
) -> Path | None:
    full = f"{deployment.project}_{name}"
    if volumes is not None:
        path = volumes / full / "_data"
        return path if path.is_dir() else None
    told = machine.run(["docker", "volume", "inspect", "--format", "{{.Mountpoint}}", full])
    return Path(told.out) if told.status == 0 and told.out else None
