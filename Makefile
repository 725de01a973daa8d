# `make letter` and `make test` do all set-up; the second run skips it. PYTHON=/path/to/python3.12 chooses the
# interpreter, ARGS is handed on: make letter ARGS="--as-of 2024-09-18", make test ARGS="-k precedent".

.PHONY: help letter live-demo test lint check lock setup setup-dev clean

# Compiled modules start faster than sources: never inherit the wish not to keep them.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONHOME
unexport PYTHONPATH

# macOS strips DYLD_* from its own programs (make, sh), so Homebrew's folder is named for each command.
ifeq ($(shell uname -s),Darwin)
RUN := DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib:/usr/local/lib:/usr/lib
endif

help:
	@echo "make letter   set up if needed, write the newest letter to output/"
	@echo "make live-demo  a letter on live data, fetched from an invented market that runs on this machine"
	@echo "make test     set up if needed, run all tests"
	@echo "make lint     ruff, mypy, zizmor; shellcheck and actionlint if they are there"
	@echo "make check    lint and test"
	@echo "make lock     write requirements*.txt from pyproject.toml (needs uv)"
	@echo "make clean    remove .venv and caches; output/ stays"

setup:
	@sh scripts/setup.sh run

setup-dev:
	@sh scripts/setup.sh dev

letter: setup
	@$(RUN) .venv/bin/capline build $(ARGS)

live-demo: setup-dev
	@$(RUN) sh scripts/live-demo.sh $(ARGS)

test: setup-dev
	@$(RUN) .venv/bin/pytest $(ARGS)

lint: setup-dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh .ci/run; fi
	@.venv/bin/zizmor --offline --quiet --no-progress .github/workflows
	@if command -v actionlint >/dev/null; then actionlint; fi

check: lint
	@$(MAKE) --no-print-directory test

lock:
	@sh scripts/lock.sh $(ARGS)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache
	find generator tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
