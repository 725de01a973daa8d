#!/bin/sh
# `capline watch` in a job of GitHub Actions: one open issue as long as a letter is missing at SITE, with what is missing
# now; it is closed when nothing is. Needs gh with GH_TOKEN and GH_REPO.
set -eu
cd "$(dirname "$0")/.."
label=capline-watch
text=$(mktemp)
trap 'rm -f "$text"' EXIT

: "${SITE:?set the variable CAPLINE_SITE to the address of the site}"
code=0
.venv/bin/capline watch --site "$SITE" >"$text" || code=$?
cat "$text"
issue=$(gh issue list --label "$label" --state open --limit 1 --json number --jq '.[].number')

case $code in
    0)
        if [ -n "$issue" ]; then gh issue close "$issue" --comment "Nothing that is due is missing any more."; fi
        ;;
    9) # whoever follows an issue is told when it is opened, not each time its text changes
        if [ -n "$issue" ]; then
            gh issue edit "$issue" --body-file "$text"
        else
            gh label create "$label" --force --description "A letter is missing" --color D93F0B
            gh issue create --title "A letter is missing" --label "$label" --body-file "$text"
        fi
        ;;
    *) exit "$code" ;;
esac
