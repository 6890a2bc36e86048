"""How a chair's board is known on USB: apart, so that settings are read without pyserial."""

KNOWN_USB_IDS: frozenset[tuple[int, int]] = frozenset(
    {
        (0x2341, 0x0043),  # Arduino Uno R3
        (0x2341, 0x0001),  # Arduino Uno
        (0x2341, 0x0243),  # Arduino Uno R3, newer
        (0x2341, 0x006A),  # Arduino Uno Mini
        (0x2A03, 0x0043),  # Arduino.org Uno
        (0x1A86, 0x7523),  # CH340
        (0x1A86, 0x55D4),  # CH9102
        (0x1A86, 0x55D3),  # CH343
        (0x0403, 0x6001),  # FTDI FT232R
        (0x10C4, 0xEA60),  # CP2102
    }
)
"""USB vendor and product ids that `auto` takes for a chair; an Uno R4 is another chip."""
