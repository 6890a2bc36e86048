"""The numbers that both ends know; units stand in their names.

Written by `make protocol` from firmware-bridge/protocol.toml: change that, not this.
"""

FRAME_VERSION = 1
"""The version of this protocol, first byte of each frame."""
FRAME_PAYLOAD_MAX = 48
"""The longest payload: STATUS fills it."""
BAUD = 250000
"""No error at 16 MHz; 115200 would be 2.1 % off (ATmega328P datasheet, table 19-12)."""
FIRMWARE_MAJOR = 1
"""The firmware's version as IDENTITY gives it; a host and a chair of two majors do not arm."""
FIRMWARE_MINOR = 2
FIRMWARE_PATCH = 0
SERIAL_SIZE = 16
"""Of the chair's serial number, filled with zeros."""
FULL_PERMILLE = 1000
"""Full scale of every level on the wire."""
STATUS_PERIOD_MS = 100
"""STATUS: 10 Hz, and a fresh nonce with each."""
LEASE_NONCES = 8
"""How many nonces the chair remembers, with their times."""
ORDER_REPEAT_MS = 50
"""ARM, CALIBRATE and STOP are repeated this often until they are answered."""
IDENTIFY_REPEAT_MS = 250
"""So is IDENTIFY."""
CALIBRATE_PATIENCE_MS = 2000
"""A host gives a CALIBRATE up after this: storing a table takes the chair about 0.1 s."""
LIGHT_SLEW_PPM_PER_MS = 200
"""At most 20 %/s per channel keeps it to one general flash a second (WCAG 2.3.1 allows three)."""
RED_RATIO_PERCENT = 43
"""green + blue >= 0.43 red keeps R/(R+G+B) <= 0.70, below the 0.8 of a saturated red (WCAG 2.3.1).
"""
VIBRATION_DHZ_MIN = 300
"""The band of vibroacoustic practice (30 to 120 Hz) that the transducer can follow."""
VIBRATION_DHZ_MAX = 800
VIBRATION_LIMIT_MM_S2 = 1000
"""Raw acceleration (ISO 2631-1 comfort; 2002/44/EC for adult workers)."""
VIBRATION_LIMIT_30HZ_MM_S2 = 730
"""Below 40 Hz the body feels more: scaled by the weighting Wk of ISO 2631-1 (0.314 / 0.427)."""
SOUND_LIMIT_DDBA = 750
"""At the ear (WHO-ITU H.870, sensitive listeners)."""
RISE_MS = 5000
"""Vibration and sound, from zero to the ceiling."""
FALL_MS = 200
"""From full scale to zero, inside the 300 ms allowed."""
UNCALIBRATED_CEILING_PERMILLE = 100
"""A chair that was never measured may not give more than this."""
SESSION_LIMIT_S = 1800
"""30 min ACTIVE per ARM, and in any SESSION_WINDOW_MIN (our choice; a clinician sets it)."""
SESSION_WINDOW_MIN = 60
LEASE_MS = 500
"""Klipper's max_duration, panda's heartbeat: what is not renewed ends. A nonce that is older than a
lease is of no use to an ARM either.
"""
SETPOINT_TTL_MAX_MS = 500
"""A longer one counts as this."""
OVER_CURRENT_MA = 4000
"""What the drivers may draw for 10 ms."""
CALIBRATION_POINTS_MIN = 2
CALIBRATION_POINTS_MAX = 14
"""What fits a frame, with a byte to spare."""
CALIBRATION_RECORD_SIZE = 46
CALIBRATION_LEVEL_HZ = 40
"""From here up the limit of acceleration is the same."""
ACCELERATION_MIN_MM_S2 = 50
"""At full drive of a transducer."""
ACCELERATION_MAX_MM_S2 = 20000
SOUND_MIN_DDBA = 400
"""At full drive of a loudspeaker."""
SOUND_MAX_DDBA = 1200
FRAME_HEADER = "<BBHI"
"""Of what stands before a frame's payload: version, type, sequence, boot id."""
CAP_HASH = 0xBF7501D5
"""CRC-32C of the caps of the safety envelope (PROTOCOL.md, section 6)."""
