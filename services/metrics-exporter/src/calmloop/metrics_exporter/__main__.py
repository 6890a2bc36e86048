"""Runs the metrics exporter."""

import sys

from calmloop.contract.topics import Account
from calmloop.metrics_exporter.service import MetricsExporterService
from calmloop.metrics_exporter.settings import Settings
from calmloop.service.runtime import run

if __name__ == "__main__":
    sys.exit(run(Account.METRICS_EXPORTER, Settings, MetricsExporterService))
