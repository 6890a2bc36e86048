"""`calmloop schema`: the bus as an AsyncAPI document and JSON Schemas."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from calmloop.cli.failures import failures_reported, say
from calmloop.cli.outputs import folder_option, make_folder, write_text
from calmloop.schema.asyncapi import document, json_schemas


def schema(
    out: Annotated[
        Path | None, folder_option(help="Write asyncapi.json and schemas/*.json into this folder.")
    ] = None,
) -> None:
    """Prints the AsyncAPI 3.0 document of the bus; --out also writes a JSON Schema a message."""
    if out is None:
        typer.echo(_text(document()), nl=False)
        return
    files = {out / "asyncapi.json": document()}
    files |= {out / "schemas" / f"{name}.json": body for name, body in json_schemas().items()}
    with failures_reported():
        make_folder(out / "schemas")
        for path, body in files.items():
            write_text(path, _text(body))
    say(f"{len(files)} files in {out}")


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"
