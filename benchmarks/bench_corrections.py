"""Corrections over 1,000 editions: seeded revisions, the time to find what they change, and whether all was found.

Run: python benchmarks/bench_corrections.py [--count 1000] [--revisions 20]. Editions are composed once, in parallel and
without memory, and kept in output/benchmarks. Revised values are drawn with a fixed seed: single values of every kind
of series, old and new. What is found is compared with the answer of another way: every fact of some editions computed
anew from a second store, into which the revised values were loaded as if they had been known from the start.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from replay import KEPT, compiled_once, order, sessions, store_of

from generator import composing, corrections, restatements
from generator import facts as of_facts
from generator.corrections.finding import places
from generator.edition import from_json, to_json
from generator.errors import CaplineError
from generator.sessions import evening
from generator.sources import open_source
from generator.store import Store
from generator.wording import say

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20260331
LAST = date(2025, 12, 31)
KNOWN = datetime(2026, 6, 1, 12, tzinfo=UTC)  # when the revisions become known
NOW = datetime(2026, 6, 2, tzinfo=UTC)
AMOUNT = {"percent": 0.35, "yield": 0.06, "US dollars": 0.004, "index": 0.8}  # by unit; others by a hundredth


def made(days: list[date], folder: Path, store_folder: Path) -> int:
    """Compose the editions of some days, those that are not there yet."""
    count = 0
    with store_of(store_folder) as store, compiled_once():
        for day in days:
            place = folder / f"{day}-daily" / "edition.json"
            if not place.exists():
                edition = composing.compose(store.view(evening(day)), order(day, composing.Memory()))
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(to_json(edition))
                count += 1
    return count


def compose_all(days: list[date], folder: Path) -> None:
    """Compose in two processes, each with its own store."""
    pieces = [days[start::2] for start in (0, 1)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn) as crew:
        waiting = [crew.submit(made, piece, folder, KEPT / f"made-{start}") for start, piece in enumerate(pieces)]
        print(f"composed {sum(one.result() for one in waiting)} editions")


def revisions(store: Store, count: int, days: list[date]) -> pd.DataFrame:
    """Values to restate: one in two within the editions' time or the year before, the others anywhere before."""
    chosen = random.Random(SEED)  # noqa: S311 -- the same draw each time
    view = store.view(evening(LAST))
    names = [name for name in of_facts.needed(open_source("sample").universe) if not name.startswith("calendar.")]
    specs = store.specs()
    rows = []
    for number in range(count):
        name = chosen.choice([one for one in names if one in view.available(names)])
        history = view.history(name)
        recent = history.loc[pd.Timestamp(days[0] - timedelta(days=365)) :]
        line = recent if number % 2 == 0 and len(recent) else history
        day = chosen.choice(list(line.index))
        amount = AMOUNT.get(specs[name].unit.value, abs(float(line.loc[day])) / 100) * chosen.choice([-1, 1])
        value = round(float(line.loc[day]) + amount, 4)
        rows.append({"series_id": name, "date": day, "known_at": KNOWN, "value": value, "source": "sample"})
    return pd.DataFrame(rows).drop_duplicates(["series_id", "date"])


def other_way(store: Path, seeded: pd.DataFrame, folder: Path) -> Path:
    """A store in which the revised values were never other ones."""
    place = folder / "other.duckdb"
    place.unlink(missing_ok=True)
    with Store.open(store) as old, Store.create(place) as new:
        new.register(old.specs().values())
        table = old._connection.execute("SELECT * FROM observations").df()  # noqa: SLF001 -- all rows as they are
        for row in seeded.itertuples():
            table.loc[(table.series_id == row.series_id) & (table.date == row.date), "value"] = row.value
        table["known_at"] = table["known_at"].dt.tz_localize("UTC")
        new.append(table)
    return place


def answer(edition_file: Path, store: Store) -> set[tuple[str, str]]:
    """The places of an edition that read otherwise in the other store, with what they would say."""
    edition = from_json(edition_file.read_bytes(), path=edition_file)
    day = date.fromisoformat(edition.id[:10])
    universe = open_source("sample").universe
    facts = of_facts.gather(store.view(edition.moment), session=edition.as_of, today=day, universe=universe).facts
    found = set()
    for place, _, sentence in places(edition):
        for claim in sentence.claims:
            try:
                text = say(facts[claim.fact], claim.say, dict(claim.args), facts=facts, today=day)
            except (CaplineError, LookupError):
                text = ""
            if text != claim.text:
                found.add((place, text))
    return found


def main() -> None:
    """Measure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--revisions", type=int, default=20)
    asked.add_argument("--checked", type=int, default=25, help="editions checked the other way")
    asked.add_argument("--make", action="store_true", help="compose only")
    chosen = asked.parse_args()
    work = KEPT / "corrections"
    editions = work / "editions"
    with store_of(KEPT / "made-0") as store:
        days = [day for day in sessions(store) if day <= LAST][-chosen.count :]
        seeded = revisions(store, chosen.revisions, days)
    compose_all(days, editions)
    if chosen.make:
        return
    revised = work / "revised.duckdb"
    shutil.copy(KEPT / "made-0" / "store.duckdb", revised)
    with Store.open(revised, read_only=False) as store:
        print(store.append(seeded))
    (editions / ".slices.json.gz").unlink(missing_ok=True)
    with Store.open(revised) as store:
        for what in ("with the index to be made", "with the index there"):
            start = time.perf_counter()
            found = corrections.find(editions, store, NOW)
            print(f"{what}: {time.perf_counter() - start:.1f} s; {found.touched} of {found.editions} editions touched")
    kinds = {
        kind: sum(one.kind == kind for one in found.standing) for kind in (restatements.DIGIT, restatements.MEANING)
    }
    print(f"{len(found.standing)} places in {len({one.edition for one in found.standing})} editions: {kinds}")
    print(f"index: {(editions / '.slices.json.gz').stat().st_size / 1e6:.1f} MB")
    picked = random.Random(SEED + 1).sample(days, min(chosen.checked, len(days)))  # noqa: S311
    missed = extra = 0
    with Store.open(other_way(revised, seeded, work)) as store:
        for day in sorted(picked):
            wanted = answer(editions / f"{day}-daily" / "edition.json", store)
            mine = {
                (one.place, figure.now or "")
                for one in found.standing
                if one.edition == f"{day}-daily"
                for figure in one.figures
            }
            missed, extra = missed + len(wanted - mine), extra + len(mine - wanted)
            if wanted != mine:
                print(json.dumps([f"{day}", sorted(wanted - mine), sorted(mine - wanted)], ensure_ascii=False))
    print(f"checked {len(picked)} editions the other way: {missed} missed, {extra} too many")


if __name__ == "__main__":
    main()
