"""The systemd unit that starts the deployment with the device, and ends what was cut short."""

from pathlib import Path

from calmloop.base.whole_files import write_text
from calmloop.device.machine import Machine

NAME = "calmloop.service"
PLACE = f"/etc/systemd/system/{NAME}"
UNIT = """\
# Written by `calmloop device install`.
[Unit]
Description=Calmloop: the services of the chair
Requires=docker.service
After=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart="{program}" device start --home "{home}"
TimeoutStartSec=20min

[Install]
WantedBy=multi-user.target
"""


def enable_unit(machine: Machine, program: Path, home: Path) -> str:
    """Has systemd start the deployment from now on; returns why it does not, or nothing.

    Args:
        machine: With systemd on it.
        program: `calmloop`.
        home: The folder that the device has for Calmloop.

    Raises:
        OutputError: the unit cannot be written.
    """
    write_text(machine.below(PLACE), UNIT.format(program=program, home=home))
    for words in (["systemctl", "daemon-reload"], ["systemctl", "enable", "--quiet", NAME]):
        done = machine.run(words)
        if done.status != 0:
            return f"{' '.join(words)}: {done.said[-300:]}"
    return ""
