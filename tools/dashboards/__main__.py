"""`python -m tools.dashboards`, from the repository's root: writes the dashboard that ships."""

from pathlib import Path

from tools.dashboards.chair import rendered

SHIPPED = Path("compose/monitoring/grafana/dashboards/calmloop.json")

if __name__ == "__main__":
    SHIPPED.write_text(rendered(), encoding="utf-8")
