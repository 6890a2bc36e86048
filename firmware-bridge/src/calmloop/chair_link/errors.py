"""What can go wrong on the link: a tree of its own, since the library needs nothing of Calmloop.

ChairLinkError
├── PortError            no port fits the address
├── WireFrameError       bytes that are no frame
├── WireMessageError     a whole frame whose content is not what its type promises
├── ImplausibleError     a measured value that no chair gives
└── EmulatorError        a simulated or emulated chair does not obey (calmloop.emulator)
"""


class ChairLinkError(Exception):
    """Base of all errors that the link and the emulator raise on purpose."""


class PortError(ChairLinkError):
    """No port fits the address; the text says what was looked for and what is there."""


class WireFrameError(ChairLinkError):
    """Bytes that are no frame: stuffing, length or checksum is wrong."""


class WireMessageError(ChairLinkError):
    """A whole frame whose content is not what its type promises."""


class ImplausibleError(ChairLinkError):
    """A measured value that no chair gives; the text names value, limit and what to do."""
