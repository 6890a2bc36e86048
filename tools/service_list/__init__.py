"""The one list of services, `services/services.toml`, and all that is made from it.

Needs nothing but Python: `requirements/lock.sh` runs it, too.
"""
