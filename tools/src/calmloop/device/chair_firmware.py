"""Whether the chair has the firmware that a release was made with: else nothing is updated.

A chair says its firmware's version and the hash of its safety envelope, and no hash of its code:
two builds of one version look alike.
"""

from calmloop.contract.messages.chair import ChairState
from calmloop.device.bundle import ReleaseAbout
from calmloop.device.deployment import Deployment


def why_other_firmware(
    deployment: Deployment,
    wanted: ReleaseAbout,
    installed: ReleaseAbout,
    chair: ChairState | None,
    flashed: bool,
) -> str:
    """Why the chair has to be flashed first; nothing: it has not, or it is simulated.

    Args:
        deployment: As it is.
        wanted: What is to be put there.
        installed: What is there.
        chair: What the chair says of itself; None: nothing.
        flashed: A technician says that it was done; where the chair speaks, its own word counts.
    """
    if not deployment.has_devices:
        return ""
    firmware = wanted.firmware
    step = (
        "a technician flashes it, `docker compose stop` and then `calmloop chair flash"
        f" {firmware.file}` of the release's folder, and `docker compose start`"
    )
    if chair is None or not chair.firmware:
        if flashed or firmware.sha256 == installed.firmware.sha256:
            return ""
        return (
            "nobody says which firmware the chair has, and the release was made with another"
            f" ({firmware.version}, SHA-256 {firmware.sha256[:16]}…) than {installed}"
            f" ({installed.firmware.version}, {installed.firmware.sha256[:16]}…): plug the chair in"
            f" and start the services; or {step}, then pass --flashed"
        )
    if chair.firmware != firmware.version:
        return (
            f"the chair's firmware is {chair.firmware}, and the release was made with"
            f" {firmware.version}: {step}"
        )
    if chair.cap_hash and firmware.cap_hash not in ("", chair.cap_hash):
        return (
            f"the chair's firmware has the caps {chair.cap_hash}, and that of the release"
            f" {firmware.cap_hash}: {step}"
        )
    return ""
