"""Serves the page of the fleet until it is told to end."""

import sys

import psycopg
import structlog
from pydantic import ValidationError

from calmloop.base import logs
from calmloop.base.clock import SystemClock
from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import LogSettings
from calmloop.fleet_centre.serving import WebServer, tls_of
from calmloop.fleet_page.app import FleetPages, page_app
from calmloop.fleet_page.reading import FleetReader
from calmloop.fleet_page.settings import PageSettings

EXIT_CONFIGURATION = 2


def main() -> int:
    """Returns the exit code: 0 stopped, 2 a setting is wrong."""
    logs.configure(LogSettings())
    try:
        settings = PageSettings()
        reader = FleetReader(settings.postgres())
        pages = FleetPages(reader, SystemClock(), settings.repository)
        address = str(settings.address)
        server = WebServer(page_app(pages), address, settings.port, tls_of(settings))
    except (ValidationError, ConfigurationError, psycopg.Error, OSError) as error:
        print(f"fleet-page: {error}", file=sys.stderr)
        return EXIT_CONFIGURATION
    structlog.get_logger("fleet-page").info("serves", port=server.port)
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
