"""Runs one worker until it is told to end, or its broker or database is gone."""

import signal
import sys

import pika.exceptions
import psycopg
import structlog
from pydantic import ValidationError

from calmloop.base import logs
from calmloop.base.clock import SystemClock
from calmloop.base.settings import LogSettings
from calmloop.fleet_ingest.settings import IngestSettings
from calmloop.fleet_ingest.sharing import FairShares
from calmloop.fleet_ingest.storing import FleetStore
from calmloop.fleet_ingest.worker import IngestWorker

EXIT_GONE = 1
EXIT_CONFIGURATION = 2


def main() -> int:
    """Returns the exit code: 0 stopped, 1 broker or database is gone, 2 a setting is wrong."""
    logs.configure(LogSettings())
    log = structlog.get_logger("fleet-ingest")
    try:
        settings = IngestSettings()
        amqp, postgres = settings.amqp(), settings.postgres()
    except (ValidationError, OSError, ValueError) as error:
        print(f"fleet-ingest: {error}", file=sys.stderr)
        return EXIT_CONFIGURATION
    try:
        store = FleetStore(postgres)
        worker = IngestWorker(amqp, store, FairShares(SystemClock()), log)
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        log.info("stores what comes")
        worker.run()
        worker.close()
        store.close()
    except (pika.exceptions.AMQPError, psycopg.Error, OSError) as error:
        # Its supervisor starts it again; the queue and the chairs keep what it has not told.
        log.error("the broker or the database is gone", reason=repr(error)[:300])
        return EXIT_GONE
    return 0


if __name__ == "__main__":
    sys.exit(main())
