"""`python3 -m tools.service_list`, from the repository's root: write, check, locks."""

import argparse
import sys
from pathlib import Path

from tools.service_list import files
from tools.service_list.listing import LIST, ListError, Listing, read

EXIT_DIFFERENT = 1
EXIT_WRONG = 2


def main(arguments: list[str] | None = None, root: Path | None = None) -> int:
    """Runs one command; returns the exit code: 0, 1 something differs, 2 the list is wrong."""
    parser = argparse.ArgumentParser(prog="service_list", description=__doc__)
    parser.add_argument("command", choices=["write", "check", "locks"])
    chosen = parser.parse_args(arguments)
    root = root or Path.cwd()
    try:
        listing = read(root)
        if chosen.command == "locks":
            return _print_locks(listing)
        return _make(root, listing, write=chosen.command == "write")
    except ListError as error:
        print(error, file=sys.stderr)
        return EXIT_WRONG


def _make(root: Path, listing: Listing, *, write: bool) -> int:
    texts = files.made(root, listing)
    stale = files.differing(root, texts)
    for path in stale:
        if write:
            (root / path).write_text(texts[path], encoding="utf-8")
            print(f"made {path}")
        else:
            print(f"{path}: is not what {LIST} says: run `make services`", file=sys.stderr)
    return EXIT_DIFFERENT if stale and not write else 0


def _print_locks(listing: Listing) -> int:
    """A line for each lock of a service that has `dev.txt`'s versions, and what it is made of."""
    for service in listing.services:
        if service.name == service.locks[0] or len(service.locks) > 1:
            print(service.locks[0], *service.libraries, service.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
