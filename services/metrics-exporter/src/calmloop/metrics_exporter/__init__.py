"""What happens on the bus, and how the board does, as metrics for Prometheus."""
