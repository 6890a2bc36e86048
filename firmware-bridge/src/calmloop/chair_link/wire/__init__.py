"""The serial protocol as `protocol.toml` declares it.

Written by `make protocol` from firmware-bridge/protocol.toml: change that, not this.
"""
