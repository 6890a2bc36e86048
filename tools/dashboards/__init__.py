"""Grafana's dashboards, as compose/monitoring has them: `make dashboards` writes them."""
