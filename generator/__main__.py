"""`python -m generator`, the same as `capline`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and exit with its code (docs/exit-codes.md).

    A command is one short process: the collector would only search what is kept to the end, and taking the interpreter
    apart piece by piece frees what the system frees at once. Together that is a sixth of a letter's time.
    """
    from generator.cli import run  # noqa: PLC0415 -- the entry point itself must load at once

    gc.disable()
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
