"""The layers: imports of Capline's modules point down only, and the outer world is touched at the edges alone."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import generator

PACKAGE = Path(generator.__file__).parent

# Every module has a rank, a package stands for all in it. A module imports only what has a lower rank, or its own
# package; modules of one rank do not know each other. A new module gets its place here.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("units",),
    ("model", "sessions", "stationery", "files"),
    ("edition", "wording"),
    ("config", "sources", "store", "metrics"),
    ("facts", "quality", "due"),
    ("stories", "survey", "fetching", "scrapbook", "opinions", "restatements"),
    ("guard", "intake"),
    ("charts",),
    ("commentary",),
    ("composing", "memory", "render", "reading", "differences"),
    ("verify", "corrections", "changes", "chain"),
    ("deliver", "archive"),
    ("gates", "state"),
    ("pipeline", "doctor"),
    ("reviewing", "backfill"),
    ("clock",),
    ("cli",),
    ("__main__",),
)
RANK: dict[str, int] = {name: rank for rank, names in enumerate(LAYERS) for name in names}

# What comes after an edition starts from edition.json: it needs neither the engines of the data nor a source.
AFTER_EDITION = ("render", "deliver", "archive")
DATA_ENGINES = {"pandas", "numpy", "duckdb", "fredapi", "yfinance", "generator.sources", "generator.store"}

NETWORK = {"socket", "ssl", "smtplib", "http", "urllib.request", "requests", "httpx", "fredapi", "yfinance"}


def modules() -> list[Path]:
    """Every module of the package, the package's own docstring file left out: it holds the version only."""
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def part(path: Path) -> str:
    """Give the name that has the rank: "metrics" for generator/metrics/size.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Dotted names a module imports, those inside functions and for types alone too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            found |= {f"{origin}.{alias.name}" for alias in node.names}
    return found


def under(name: str, roots: set[str]) -> bool:
    """Whether a dotted name is one of the roots or lies in one."""
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def calls(path: Path) -> set[str]:
    """List what a module reads with a dot, as written: "os.environ", "datetime.now"."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    """A module imports modules of lower rank, or of its own package, by their absolute names."""
    assert part(path) in RANK, f"give {part(path)} its place in LAYERS"
    for name in imports(path):
        assert not name.startswith("."), f"{name}: imports are absolute"
        words = name.split(".")
        if words[0] != "generator" or words[1] in {"__version__", part(path)}:
            continue
        assert words[1] in RANK, f"give {words[1]} its place in LAYERS"
        assert RANK[words[1]] < RANK[part(path)], f"{part(path)} may not import {words[1]}"


@pytest.mark.parametrize("path", [path for path in modules() if part(path) in AFTER_EDITION], ids=str)
def test_after_the_edition_no_data_engine(path: Path) -> None:
    """Rendering, sending and archiving import neither pandas, numpy and DuckDB nor a source."""
    assert not {name for name in imports(path) if under(name, DATA_ENGINES)}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_world_is_touched_at_the_edges(path: Path) -> None:
    """Only cli reads the clock, only config the environment; only sources and deliver use the network."""
    clock = {"datetime.now", "date.today", "datetime.utcnow", "datetime.today", "time.time", "dt.datetime.now"}
    if part(path) != "cli":
        assert not calls(path) & clock
    if part(path) != "config":
        assert not calls(path) & {"os.environ", "os.getenv"}
    if part(path) not in {"sources", "deliver"}:
        assert not {name for name in imports(path) if under(name, NETWORK)}


def test_the_core_is_plain() -> None:
    """Errors, units and the model load nothing beyond the standard library, so that help and errors come at once."""
    core = [*(PACKAGE / "errors").glob("*.py"), PACKAGE / "units.py", PACKAGE / "model.py"]
    assert len(core) > 3
    for wanted in (name for path in core for name in imports(path)):
        assert wanted.split(".")[0] in {"generator", *sys.stdlib_module_names}
