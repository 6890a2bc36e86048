"""Keeps what happened: sessions, changes, alarms, notes; read over HTTP.

What tools may use of this service stands below, loaded when it is first used: settings are read
without the libraries that encrypt and answer.
"""

from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.session_log.api import openapi_document
    from calmloop.session_log.checking import Findings, examine, open_store
    from calmloop.session_log.erasing import erase, finish_erasures
    from calmloop.session_log.errors import LogError, UnknownRecordError, UnwritableLogError
    from calmloop.session_log.keys import ERASED, ChildKey, KeyRing, parsed_key
    from calmloop.session_log.lock import FolderLock
    from calmloop.session_log.mark import LogMark, MarkFile
    from calmloop.session_log.outbox import begin_epoch
    from calmloop.session_log.reading import LogReader
    from calmloop.session_log.records import LogEvent, LogSample, SessionSummary
    from calmloop.session_log.schema import connect
    from calmloop.session_log.settings import Settings
    from calmloop.session_log.store import DATABASE, KEYS, MARK
    from calmloop.session_log.tokens import access_tokens

MODULES = {
    "api": ("openapi_document",),
    "checking": ("Findings", "examine", "open_store"),
    "erasing": ("erase", "finish_erasures"),
    "errors": ("LogError", "UnknownRecordError", "UnwritableLogError"),
    "keys": ("ERASED", "ChildKey", "KeyRing", "parsed_key"),
    "lock": ("FolderLock",),
    "mark": ("LogMark", "MarkFile"),
    "outbox": ("begin_epoch",),
    "reading": ("LogReader",),
    "records": ("LogEvent", "LogSample", "SessionSummary"),
    "schema": ("connect",),
    "settings": ("Settings",),
    "store": ("DATABASE", "KEYS", "MARK"),
    "tokens": ("access_tokens",),
}

__all__ = [
    "DATABASE",
    "ERASED",
    "KEYS",
    "MARK",
    "ChildKey",
    "Findings",
    "FolderLock",
    "KeyRing",
    "LogError",
    "LogEvent",
    "LogMark",
    "LogReader",
    "LogSample",
    "MarkFile",
    "SessionSummary",
    "Settings",
    "UnknownRecordError",
    "UnwritableLogError",
    "access_tokens",
    "begin_epoch",
    "connect",
    "erase",
    "examine",
    "finish_erasures",
    "open_store",
    "openapi_document",
    "parsed_key",
]

__getattr__ = lazy_names(__name__, MODULES)
