# The one image of all our processes. Its steps are scripts/install-app, which tests run in a clean folder without any engine.
FROM python:3.13.5-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml uv.lock README.md ./
COPY scripts/install-app scripts/
COPY journey journey
COPY rules rules
COPY ingest ingest
COPY storage storage
COPY api api
COPY cli cli
COPY dashboards dashboards
RUN ["scripts/install-app", "/opt/hanhtrinh"]

FROM python:3.13.5-slim-bookworm
# Nobody runs as root. Folders that become volumes belong to whoever writes there: we, Mosquitto (1883), RabbitMQ (999).
RUN groupadd --system --gid 10001 hanhtrinh \
    && useradd --system --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin hanhtrinh \
    && install -d -o 10001 -g 10001 /lists /keys /backup /work \
    && install -d -o 1883 -g 1883 /access/mqtt \
    && install -d -o 999 -g 999 /access/rabbitmq
COPY --from=build /opt/hanhtrinh /opt/hanhtrinh
COPY deploy/backup.sh /opt/hanhtrinh/bin/backup
ENV PATH=/opt/hanhtrinh/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 TZ=Asia/Ho_Chi_Minh
WORKDIR /work
USER 10001:10001
ENTRYPOINT ["hanhtrinh"]
CMD ["--help"]
