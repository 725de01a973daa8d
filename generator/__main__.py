"""`python -m generator`, the same as `capline`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code (docs/exit-codes.md)."""
    from generator.cli import run  # noqa: PLC0415 -- the entry point itself must load at once

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
