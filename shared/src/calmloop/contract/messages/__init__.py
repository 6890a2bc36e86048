"""Every message on the bus, one module per domain, one class per message.

Messages between services derive from `ServiceMessage`, whose envelope the bus fills in;
commands typed by people derive from `Command` and need no envelope at all.
"""
