"""Write the boards as Grafana reads them, one JSON file each, into dashboards/grafana/."""

from __future__ import annotations

from dashboards.boards import every_board
from dashboards.parts import rendered

if __name__ == "__main__":
    for path, dashboard in every_board():
        path.write_text(rendered(dashboard), encoding="utf-8")
        print(path)
