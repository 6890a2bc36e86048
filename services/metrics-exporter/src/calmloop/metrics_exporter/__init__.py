"""What happens on the bus, and how the board does, as metrics for Prometheus.

What tools may use of this service stands below, loaded when it is first used: settings are read
without what is asked of Prometheus.
"""

from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.metrics_exporter.board import THROTTLED, THROTTLED_BITS, BoardMetrics

__all__ = ["THROTTLED", "THROTTLED_BITS", "BoardMetrics"]

__getattr__ = lazy_names(__name__, {"board": tuple(__all__)})
