"""An errand: a child process that asks the edges of yfinance and fredapi, one line of JSON a question.

The libraries keep what they like between questions, as they do in a fetch. The child logs everything at DEBUG, and
after an error writes its traceback with the local variables of each frame and of all that hangs on it, so that a test
can look for what must not be there.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from market.loopback import Loopback

    from generator.sources.feeds import Batch

ROOT = Path(__file__).parents[1]
KEY = "0123456789abcdef0123456789abcdef"
KEYS = {"good": KEY, "unregistered": "0" * 32, "empty": "", "none": None}  # by name, so that no local holds one


class Errand:
    """The child, seen from the test: ask it, and read at the end what it wrote."""

    def __init__(self, loopback: Loopback, folder: Path, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.loopback, self.folder, self.cache = loopback, folder, folder / "cache"
        self.log = folder / "log.txt"
        self._written = self.log.open("w", encoding="utf-8")
        self._child = subprocess.Popen(
            [sys.executable, "-W", "error", __file__, str(self.cache)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._written,
            text=True,
            cwd=folder,
            env=loopback.environment(PYTHONPATH=str(ROOT), PYTHONDONTWRITEBYTECODE="1") | environment,
        )

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the child end, as a process that has done its work."""
        self._child.communicate(timeout=30)
        self._written.close()

    def ask(self, source: str, *codes: str, since: date | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Ask for codes: "rows" by code (day, value, known_at), or "error" with its "message" and fields.

        `more`: seconds (1) a request may take, budget (60) of all, key (a name of KEYS), series_id (the code); together
        (False): in eight threads, where the "errors" of some, by label, do not cost the others.
        """
        question = {
            "source": source,
            "codes": codes,
            "since": since and since.isoformat(),
            "now": self.loopback.now.isoformat(),
            "key": "good",
            "seconds": 1.0,
            "budget": 60.0,
            "series_id": None,
            "together": False,
        } | more
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(question) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        assert line, self.log.read_text(encoding="utf-8")[-4000:]
        told: dict[str, Any] = json.loads(line)
        return told


# --- in the child -----------------------------------------------------------------------------------------------


def main() -> None:
    """Answer until the questions end."""
    from generator.errors import FetchError  # noqa: PLC0415 -- in the child only
    from generator.sources.http import Fetcher  # noqa: PLC0415

    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, force=True)
    with Fetcher.open() as fetcher:
        for line in sys.stdin:
            try:
                told = _fetched(json.loads(line), fetcher)
            except FetchError as failure:
                _tell_all(failure)
                told = {"error": type(failure).__name__, "message": str(failure), "hint": failure.hint}
                told |= {
                    name: value for name, value in vars(failure).items() if isinstance(value, str | int | float | None)
                }
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()


def _fetched(question: dict[str, Any], fetcher: Any) -> dict[str, Any]:  # noqa: ANN401
    from pydantic import SecretStr  # noqa: PLC0415

    from generator.config import FEEDS  # noqa: PLC0415
    from generator.errors import FetchError  # noqa: PLC0415
    from generator.sources import news  # noqa: PLC0415
    from generator.sources.feeds import Wanted, edge  # noqa: PLC0415
    from generator.sources.http import Access  # noqa: PLC0415
    from generator.sources.limits import Deadline  # noqa: PLC0415

    access = Access(
        http=fetcher,
        fred_key=None if KEYS[question["key"]] is None else SecretStr(KEYS[question["key"]] or ""),
        bls_key=None,
        cache=Path(sys.argv[1]),
        now=datetime.fromisoformat(question["now"]),
        timeout=question["seconds"],
        deadline=Deadline.after(question["budget"]),
    )
    if question["source"] == "gather":
        gathered = news.gather([news.Feed(**one.model_dump()) for one in FEEDS], access)
        told = [(item.published.isoformat(), item.title, item.link, item.feed) for item in gathered.headlines]
        return {"rows": {"news": told}, "errors": {one.code: type(one).__name__ for one in gathered.failures}}
    if question["source"] == "news":
        found = news.read(news.Feed(name="feed", address=question["codes"][0], tags=("stocks",)), access)
        return {"rows": {"news": [(item.published.isoformat(), item.title, item.link) for item in found]}}
    since = question["since"] and date.fromisoformat(question["since"])
    wanted = [Wanted(series_id=question["series_id"] or code, code=code, since=since) for code in question["codes"]]
    source = edge(question["source"])
    rows: dict[str, list[tuple[str, float, str | None]]] = {one.series_id: [] for one in wanted}
    errors: dict[str, str] = {}

    def fetched(batch: Batch) -> list[tuple[str, str, float, str | None]]:
        try:
            return list(_rows(source.fetch(batch, access)))
        except FetchError as failure:
            if not question["together"]:
                raise
            errors[batch.label] = type(failure).__name__
            return []

    with ThreadPoolExecutor(8 if question["together"] else 1) as pool:
        for batch in pool.map(fetched, source.batches(wanted, today=access.now.date())):
            for series_id, *row in batch:
                rows[series_id].append(tuple(row))
    return {"rows": rows} | ({"errors": errors} if question["together"] else {})


def _rows(frame: pd.DataFrame) -> Iterator[tuple[str, str, float, str | None]]:
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["date"] == "datetime64[us]", kinds
    assert kinds["value"] == "float64", kinds
    assert kinds["known_at"] == "datetime64[us, UTC]", kinds
    moments = [None if missing else moment.isoformat() for moment, missing in _moments(frame["known_at"])]
    columns = frame["series_id"], frame["date"], frame["value"], moments
    for series_id, when, value, known in zip(*columns, strict=True):
        yield series_id, f"{when:%Y-%m-%d}", value, known


def _moments(known: pd.Series) -> Iterator[tuple[pd.Timestamp, bool]]:
    return zip(known, known.isna(), strict=True)


def _tell_all(failure: BaseException) -> None:
    """Write whatever a tool that collects errors could find: each traceback with its locals, and what hangs on it."""
    queue, seen = [failure], set()
    while queue:
        one = queue.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        told = traceback.TracebackException.from_exception(one, capture_locals=True)
        sys.stderr.write("".join(told.format()) + f"\n{one!r} {vars(one)!r} {one.args!r}\n")
        walk = one.__traceback__
        while walk is not None:
            for name, value in walk.tb_frame.f_locals.items():
                sys.stderr.write(f"{name}={value!r} {getattr(value, '__dict__', None)!r}\n")
            walk = walk.tb_next
        queue += [other for other in (one.__cause__, one.__context__) if other is not None]
    sys.stderr.flush()


if __name__ == "__main__":
    main()
