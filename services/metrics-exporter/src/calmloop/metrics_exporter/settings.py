"""Settings of the metrics exporter."""

from pathlib import Path

from pydantic import Field

from calmloop.base.settings import Section, ServiceSettings


class MetricsExporterSection(Section):
    """Section `metrics_exporter`."""

    http_host: str = Field(
        "127.0.0.1",
        pattern=r"^[0-9a-fA-F.:]+$",
        description="Address that it answers on: loopback, or that of an internal network alone.",
    )
    http_port: int = Field(8490, ge=1, le=65535, description="Where Prometheus asks, by HTTP.")
    disk_path: Path = Field(Path("/"), description="The disk whose room is told is that of this.")


class Settings(ServiceSettings):
    """All settings of the service."""

    metrics_exporter: MetricsExporterSection = MetricsExporterSection()
