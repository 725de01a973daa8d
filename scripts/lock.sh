#!/bin/sh
# Write the locks from pyproject.toml: every library with its version and hashes, for Python 3.11 to 3.14 on Linux and
# macOS. Needs uv (`pip install uv`). `sh scripts/lock.sh --upgrade` takes the newest versions.
set -eu
cd "$(dirname "$0")/.."
options="--quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url"
# shellcheck disable=SC2086 # the options are words
uv pip compile $options --custom-compile-command "make lock" "$@" pyproject.toml --group build -o requirements.txt
# shellcheck disable=SC2086
uv pip compile $options --custom-compile-command "make lock" "$@" pyproject.toml --group dev -c requirements.txt \
    -o requirements-dev.txt
