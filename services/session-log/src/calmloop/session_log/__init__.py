"""Keeps what happened: sessions, changes, alarms, notes; read over HTTP."""
