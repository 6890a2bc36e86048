"""`calmloop log`: copies of the session log, what it holds, and its erasure."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from calmloop.base import settings
from calmloop.base.errors import InputError
from calmloop.cli.failures import EXIT_NOT_DONE, say
from calmloop.cli.outputs import file_argument, file_option, folder_option, make_folder
from calmloop.logbook.backup import back_up, bring_keys, restore, write_keys
from calmloop.logbook.exporting import ExportFormat, export, sessions
from calmloop.session_log import (
    DATABASE,
    KEYS,
    MARK,
    KeyRing,
    LogError,
    LogReader,
    MarkFile,
    Settings,
    UnwritableLogError,
    access_tokens,
    connect,
    erase,
    examine,
    finish_erasures,
    open_store,
)

ANSWER_S = 130.0
MAX_LISTED = 1000

app = typer.Typer(
    help="The session log: backup, restore, list, export, erase, verify.", no_args_is_help=True
)


@app.command()
def backup(
    file: Annotated[Path, file_argument(help="The copy; it cannot be read without the keys.")],
    keys: Annotated[
        Path | None, file_option(help="Copies the keys, too: keep them apart from the copy.")
    ] = None,
) -> None:
    """Copies the log with a check of every byte, also while it is written."""
    folder = _folder()
    size = back_up(folder, file)
    say(f"the log is in {file}: {size} bytes, encrypted")
    if keys is not None:
        count = write_keys(KeyRing(folder / KEYS).all(), keys)
        say(f"{count} keys are in {keys}: to erase a child later, erase it from that file too")


@app.command(name="restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="Of `calmloop log backup`.")],
    keys: Annotated[Path | None, typer.Option(help="A copy of the keys, to bring back.")] = None,
    replace: Annotated[bool, typer.Option(help="Moves a log that is there aside.")] = False,
) -> None:
    """Puts a backup in the place of the log; children that were erased since stay erased."""
    folder = _folder()
    aside = restore(file, folder, replace=replace)
    if aside:
        say(f"the log before is in {aside}")
    ring = KeyRing(folder / KEYS)
    if keys is not None:
        brought, erased = bring_keys(keys, ring)
        say(f"{brought} keys were brought; {erased} are of children that were erased, and were not")
    store, findings = open_store(folder, ring, lambda: datetime.now(UTC))
    with closing(store):
        finish_erasures(store)
        say(f"{store.sessions} sessions and {store.events} events are there")
    _tell(findings.texts)


@app.command(name="list")
def list_sessions(
    child: Annotated[str | None, typer.Option(help="Of one child, by its code.")] = None,
) -> None:
    """Lists sessions, the newest first."""
    reader = _reader()
    table = Table("session", "child", "began", "minutes", "scenario", "ended", "alarms", "rating")
    for number, one in enumerate(sessions(reader, child)):
        if number == MAX_LISTED:
            break
        minutes = "" if one.minutes is None else f"{one.minutes:.1f}"
        rated = "/".join(
            "-" if v is None else str(v) for v in (one.rating_before, one.rating_after)
        )
        ended = one.end_reason or "not seen"
        cells = (one.id, one.child, one.began, minutes, one.scenario, ended, str(one.alarms), rated)
        table.add_row(*cells)
    Console(soft_wrap=False).print(table)


@app.command(name="export")
def export_command(
    out: Annotated[Path, folder_option(help="Folder for sessions, events and samples.")],
    format: Annotated[ExportFormat, typer.Option(help="Of the files.")] = ExportFormat.CSV,
    child: Annotated[str | None, typer.Option(help="Of one child, by its code.")] = None,
) -> None:
    """Writes sessions, events and samples in plain: whoever has the files can read them."""
    reader = _reader()
    make_folder(out)
    counts = export(reader, child, format, out)
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    say(f"{said} are in {out}, readable by anybody who has them")


@app.command(name="erase")
def erase_command(
    code: Annotated[str, typer.Argument(help="The child's code.")],
    confirm: Annotated[str | None, typer.Option(help="The code again, to do it.")] = None,
) -> None:
    """Erases all that is kept of a child for good: no copy of the log can be read any more."""
    if confirm != code:
        raise InputError(f"--confirm {code} is needed: it cannot be undone")
    section = settings.load(Settings).session_log
    folder = section.data_dir
    try:
        store, _ = open_store(folder, KeyRing(folder / KEYS), lambda: datetime.now(UTC))
    except UnwritableLogError as error:
        erased = _ask_service(code, error)
    else:
        with closing(store):
            store.outbox.allow(section.outbox_rules)
            erased = erase(store, code).model_dump()
    what = ", ".join(f"{count} {name}" for name, count in erased.items())
    say(
        f"erased of '{code}': {what} (rows), and its key. Copies of the keys elsewhere: erase there"
    )


@app.command()
def verify() -> None:
    """Looks at every page and row, and changes nothing. Exit code 1: something is not whole."""
    folder = _folder()
    mark, ring = MarkFile(folder / MARK).read(), KeyRing(folder / KEYS)
    try:
        with closing(connect(folder / DATABASE)) as db:
            findings = examine(db, ring, mark)
            (events,) = db.execute("SELECT count(*) FROM event").fetchone()
    except sqlite3.Error as error:
        raise LogError(f"{folder / DATABASE}: {error}: start the log, which mends it") from None
    _tell([*findings.texts, *ring.trouble])
    if findings.texts or ring.trouble:
        raise typer.Exit(EXIT_NOT_DONE)
    say(f"good: {events} events, every row as it was written")


def _folder() -> Path:
    return settings.load(Settings).session_log.data_dir


def _reader() -> LogReader:
    section = settings.load(Settings).session_log
    path = section.data_dir / DATABASE
    if not path.is_file():
        raise InputError(f"{path}: there is no log: check session_log.data_dir")
    return LogReader(path, KeyRing(section.data_dir / KEYS), section.keep_days)


def _tell(texts: list[str]) -> None:
    for text in texts:
        say(text, failed=True)


def _ask_service(code: str, error: UnwritableLogError) -> dict[str, Any]:
    """Has the service erase: it is the one that writes.

    Raises:
        LogError: it refused.
        UnwritableLogError: it does not answer.
    """
    section = settings.load(Settings).session_log
    _, token = access_tokens(section)
    connection = HTTPConnection(section.http_host, section.http_port, timeout=ANSWER_S)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        connection.request("DELETE", f"/v1/children/{code}?confirm={code}", headers=headers)
        answer = connection.getresponse()
        said: dict[str, Any] = json.loads(answer.read())
    except (OSError, HTTPException, ValueError):
        raise error from None
    finally:
        connection.close()
    if answer.status != 200:
        raise LogError(str(said.get("detail")))
    return said
