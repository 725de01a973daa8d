#!/bin/sh
# `capline run` in a job of GitHub Actions, with what is handed on: sh scripts/run-letter.sh --through archive
#
# DATE, KIND and FORMATS narrow what is made; empty ones do not. A letter that is held does not end the job, so that the
# others are published and the state is kept: `code` in the job's outputs has the exit code, `unfinished` whether a letter
# that is made is still to be published or sent. PUBLISH=true says so whatever is due.
set -eu
cd "$(dirname "$0")/.."

if [ -n "${DATE:-}" ]; then set -- "$@" --date "$DATE"; fi
if [ -n "${KIND:-}" ] && [ "$KIND" != any ]; then set -- "$@" --kind "$KIND"; fi
if [ -n "${FORMATS:-}" ]; then
    set -f # the forms are words, and no patterns of names of files
    # shellcheck disable=SC2086
    set -- "$@" --format $FORMATS
fi

code=0
.venv/bin/capline run "$@" || code=$?

unfinished=${PUBLISH:-false}
[ -n "$unfinished" ] || unfinished=false
open=$(.venv/bin/capline status --json | .venv/bin/python -c '
import json, sys
print(*(one["edition"] for one in json.load(sys.stdin)["open"]))')
for edition in $open ${DATE:+"$DATE-daily" "$DATE-weekly" "$DATE-decision"}; do
    if [ -e "output/editions/$edition/edition.json" ]; then unfinished=true; fi
done

printf 'code=%s\nunfinished=%s\n' "$code" "$unfinished" >>"${GITHUB_OUTPUT:-/dev/stdout}"
