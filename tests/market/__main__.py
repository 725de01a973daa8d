"""`python -m tests.market`: serve the market until Ctrl-C; the first lines are the environment to export."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' folder: our modules are `market.…` there

from market.calendars import END, START
from market.faults import KINDS
from market.loopback import NOW, Loopback
from market.truth import market


def main() -> int:
    """Serve; 0 when stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.market", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--now", default=NOW.isoformat(), help="the market's clock: a moment (ISO, UTC), or `wall`")
    parser.add_argument("--delay", type=float, default=0.0, help="milliseconds before each answer")
    parser.add_argument("--folder", type=Path, help="where the certificate and caches go (else a temporary folder)")
    parser.add_argument("--faults", action="store_true", help="list the faults and end")
    wish = parser.parse_args()
    if wish.faults:
        sys.stdout.write("".join(f"{kind:14}{words}\n" for kind, words in KINDS.items()))
        return 0
    moment = None if wish.now == "wall" else datetime.fromisoformat(wish.now)
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if not START <= (moment or datetime.now(UTC)).date() <= END:
        parser.error(f"the market has days from {START} to {END} only; set the clock with --now")
    done = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: done.set())
    market()
    with Loopback(now=moment or NOW, delay=wish.delay / 1000, port=wish.port, folder=wish.folder) as loopback:
        if moment is None:
            loopback.state.clock = lambda: datetime.now(UTC)
        lines = [f"export {name}={value}" for name, value in loopback.settings().items()]
        lines += ["unset http_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY SSL_CERT_DIR"]
        sys.stdout.write("\n".join([*lines, f"# control: {loopback.url}/__control/ (log fault clear now delay)", ""]))
        sys.stdout.flush()
        done.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
