"""Yahoo's stream of news for a symbol, through yfinance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yfinance as yf

from generator.errors import EmptyAnswer
from generator.sources.yahoo_line import SOURCE, Line, ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.sources.http import Access

MOST = 20  # items asked for


def stream(symbol: str, access: Access) -> Sequence[Mapping[str, Any]]:
    """The newest items, advertisements left out. Raises FetchErrors; EmptyAnswer if Yahoo sends none."""

    def question(line: Line) -> Any:  # noqa: ANN401 -- yfinance has no types
        return yf.Ticker(symbol, session=line).get_news(count=MOST)

    found, _ = ask(symbol, access, question)
    items = [item for item in found if isinstance(item, dict)]
    if not items:
        raise EmptyAnswer(SOURCE, symbol)
    return items
