"""Logs of the processes: lines for people, or one JSON object a line where HANHTRINH_LOG_FORM says so.

No secret and nothing of a person stands in them: what is logged names connections, requests by number and routes. What
a database adds to its faults (DETAIL and the like, the rows that it was given) is left out: it may name anybody.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from types import TracebackType

from journey.settings import Settings

_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_ROWS = re.compile(r"^(?:DETAIL|CONTEXT|QUERY|HINT|LINE \d+):.*?(?=^\s*$|\Z)", re.MULTILINE | re.DOTALL)
type _Fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Lines(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return without_rows(super().formatMessage(record))

    def formatException(self, ei: _Fault) -> str:  # noqa: N802
        return without_rows(super().formatException(ei))


class _Json(_Lines):
    """Keys: time (RFC 3339, UTC), level, logger, message, and fault where there is a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_rows(record.getMessage()),
        }
        if record.exc_info:
            line["fault"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def begin_logging(settings: Settings) -> None:
    """Log to standard error as the settings say. Where something logs already, nothing is changed."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if settings.log_form == "json" else _Lines(_LINE))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])


def without_rows(text: str) -> str:
    """A fault as a database tells it, without the data that it quotes."""
    return _ROWS.sub("(data left out)", text)
