"""How a sending run is told while it lasts: a bar on a terminal, a line every so often elsewhere. No addresses."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.deliver.sending import Progress

EVERY = 10.0  # seconds between two lines where there is no terminal
WIDTH = 30  # signs of the bar


class Bar:
    """Writes to standard error."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._next = EVERY
        self._shown = False

    def show(self, progress: Progress) -> None:
        """Tell how far the run has come, if it is time to."""
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{bar(progress)} {line(progress)}")
            self._shown = True
        elif progress.seconds >= self._next:
            sys.stderr.write(f"capline: {line(progress)}\n")
            self._next = progress.seconds + EVERY
        sys.stderr.flush()

    def close(self) -> None:
        """Leave the bar's line."""
        if self._shown:
            sys.stderr.write("\n")


def bar(progress: Progress) -> str:
    """The bar alone."""
    full = WIDTH * progress.done // max(progress.total, 1)
    return f"[{'#' * full}{'.' * (WIDTH - full)}]"


def line(progress: Progress) -> str:
    """Count, rate, time left, and what did not go well."""
    rate = progress.done / progress.seconds
    left = f", {_span((progress.total - progress.done) / rate)} left" if rate and progress.done < progress.total else ""
    odd = "".join(f", {count:,} {state}" for state, count in sorted(progress.outcomes.items()) if state != "accepted")
    return f"{progress.done:,} of {progress.total:,}, {rate:,.0f} a second{left}{odd}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
