"""The bridge's settings: which port, and which chair is expected there."""

from typing import Annotated

from pydantic import Field

from calmloop.base.settings import Section, ServiceSettings
from calmloop.chair_usb import KNOWN_USB_IDS

UsbId = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$")]


class ActuatorBridgeSection(Section):
    """Where the chair is."""

    port: str = Field(
        "auto",
        pattern=r"^(auto|serial:.+|socket://.+:\d+|/.+)$",
        description="A path, socket://host:port, serial:USB-SERIAL-NUMBER, or auto: the one port"
        " among usb_ids.",
    )
    usb_ids: tuple[UsbId, ...] = Field(
        tuple(sorted(f"{vendor:04x}:{product:04x}" for vendor, product in KNOWN_USB_IDS)),
        description="vendor:product pairs, in hex, that auto takes for a chair.",
    )
    calibration_hash: str | None = Field(
        None,
        pattern=r"^[0-9a-f]{8}$",
        description="The chair's calibration must have this hash (8 hex digits); any when unset.",
    )


class Settings(ServiceSettings):
    """Settings of the actuator bridge."""

    actuator_bridge: ActuatorBridgeSection = ActuatorBridgeSection()
