"""What can go wrong, as one small tree.

CalmloopError
├── ConfigurationError      a setting is wrong: exit code 2
│   └── InputError          what a command was given cannot be used: exit code 2 as well
├── BusError                the broker cannot be used
│   ├── NotConnectedError   a command was not sent since the broker is away
│   └── PayloadError        a payload that is not what its topic promises
└── DeviceError             a camera, model or serial port cannot be used
"""


class CalmloopError(Exception):
    """Base of all errors that Calmloop raises on purpose."""


class ConfigurationError(CalmloopError):
    """A setting is wrong; the text says file, key, value, bound and what to do."""


class InputError(ConfigurationError):
    """A file, a folder or an option that a command was given cannot be used."""


class BusError(CalmloopError):
    """The broker cannot be used."""


class NotConnectedError(BusError):
    """A command was refused because the broker is away: it must not arrive later."""


class PayloadError(BusError):
    """A payload that is not what its topic promises."""


class DeviceError(CalmloopError):
    """A camera, a model or a serial port cannot be used."""
