"""Boards for Grafana, alerts for Prometheus. `python -m dashboards` writes the JSON that Grafana reads."""
