#!/bin/sh
# A letter on live data without the outer world: starts the invented market of tests/market, fetches all of it into
# output/demo/ and builds a letter there. What is handed on goes to `capline build`. The market's clock is that of this
# machine; its days end with the year 2027.
set -eu
cd "$(dirname "$0")/.."
python=${CAPLINE_PYTHON:-.venv/bin/python}
folder=output/demo
mkdir -p "$folder"
cat > "$folder/newsletter.toml" <<SETTINGS
[build]
source = "live"
output = "$folder"
[fetch]
store = "$folder/live.duckdb"
cache = "$folder/cache"
[sources]
order = ["treasury", "nyfed", "ecb", "bls", "french", "cboe", "yahoo", "fredcsv"]
sample = false
SETTINGS

"$python" -m tests.market --now wall --folder "$folder/market" > "$folder/market.env" &
market=$!
trap 'kill "$market" 2>/dev/null || true' EXIT INT TERM
while ! grep -q '^# control' "$folder/market.env"; do
    kill -0 "$market" 2>/dev/null || { echo "live-demo: the market did not start" >&2; exit 1; }
    sleep 0.2
done
# shellcheck source=/dev/null
. "$folder/market.env"
"$python" -m generator fetch --config "$folder/newsletter.toml" || echo "live-demo: not every series could be read" >&2
"$python" -m generator build --offline --config "$folder/newsletter.toml" "$@"
echo "Invented data, real code: the letter lies in $folder/editions, the fetched store is $folder/live.duckdb."
