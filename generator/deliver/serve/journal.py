"""The journal: one line of JSON for each request and event, without an address, a token or a network in clear."""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """A record as a line of JSON; of an exception only kind and places, since its words may name a reader."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"at": at, "level": record.levelname.lower()}
        if record.exc_info and record.exc_info[1]:
            kind = type(record.exc_info[1]).__name__
            places = [f"{one.filename}:{one.lineno}" for one in traceback.extract_tb(record.exc_info[2])]
            line |= {"event": "exception", "kind": kind, "places": places[-6:]}
        else:
            line["event"] = record.getMessage()
        return json.dumps(line | getattr(record, "fields", {}), ensure_ascii=False)


def open_journal() -> None:
    """Send what Capline and uvicorn have to say to standard error, as lines of JSON."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(JsonLines())
    for name, level in (("capline.serve", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [out], False
        logger.setLevel(level)
    threading.excepthook = _thread_ended


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    """A thread that ends by an error is told as all else, without the error's words; /health says it from then on."""
    if ended.exc_value:
        found = (ended.exc_type, ended.exc_value, ended.exc_traceback)
        logging.getLogger("capline.serve").critical("thread ended", exc_info=found)
