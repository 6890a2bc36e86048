"""Absolute outputs of the three channels, as a setpoint carries them."""

from dataclasses import dataclass, field

from calmloop.contract.messages.stimulus import Light, Sound, Vibration


@dataclass(frozen=True)
class Stimulus:
    """Absolute outputs, as a setpoint carries them."""

    vibration: Vibration = field(default_factory=Vibration)
    sound: Sound = field(default_factory=Sound)
    light: Light = field(default_factory=Light)
