"""The house: set-up, locks, fonts, the wheel and the guard around the tests."""

from __future__ import annotations

import ast
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from conftest import OpenedSocket
from fontTools.ttLib import TTFont
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FONTS = ROOT / "templates" / "fonts"
FACES = {
    "Newsreader-Regular": ("Newsreader", 400),
    "Newsreader-Italic": ("Newsreader", 400),
    "Newsreader-SemiBold": ("Newsreader", 600),
    "Inter-Regular": ("Inter", 400),
    "Inter-SemiBold": ("Inter", 600),
}
LETTER = "".join(map(chr, range(0x20, 0x7F))) + "−–—…•·×§£€±≈≤≥‘’“”†‡°éöüŁ\u00a0"
SYMBOLS = "▲▼→←↑↓\u2009\u202f"  # Newsreader has none of them: set them in Inter


def project() -> dict[str, dict[str, list[str]]]:
    """Read the tables of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock: str) -> dict[str, set[str]]:
    """Name to the versions a lock may install; more than one where they differ by Python."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if pinned := re.match(r"([a-z0-9-]+)==([^ ;]+)", line):
            found.setdefault(pinned[1], set()).add(pinned[2])
    return found


# --- set-up -----------------------------------------------------------------------------------------------------


def set_up(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up script with a bare environment."""
    shell = shutil.which("sh")
    assert shell is not None
    bare = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        [shell, str(ROOT / "scripts" / "setup.sh"), *arguments], env=bare, capture_output=True, text=True, check=False
    )


def test_an_interpreter_that_is_no_python_is_named(tmp_path: Path) -> None:
    """PYTHON= with something that is no Python ends with one line that names it; no environment is made."""
    copy = shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shell = shutil.which("sh")
    assert shell is not None
    ended = subprocess.run(
        [shell, str(copy / "setup.sh"), "run"],
        env={"PATH": os.environ["PATH"], "PYTHON": "/bin/cat"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == "set-up: PYTHON=/bin/cat is no Python 3.11 to 3.14\n"
    assert not (tmp_path / ".venv").exists()


def test_set_up_asks_which() -> None:
    """Without `run` or `dev` the set-up does nothing and says what to type."""
    ended = set_up()

    assert ended.returncode == 1
    assert "sh scripts/setup.sh run" in ended.stderr


# --- the locks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_pins_with_hashes_and_names_no_host(lock: str) -> None:
    """Every entry of a lock is one version with its hashes; no address, folder or option stands in it."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", "")
    entries = [line for line in text.splitlines() if not line.startswith("#")]

    assert entries
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9-]+==[^ ;]+( ; [^\\#]*?)?(\s+--hash=sha256:[0-9a-f]{64})+", entry.strip()), entry
    assert "/" not in re.sub(r"#.*", "", text)


def test_locks_follow_pyproject() -> None:
    """What pyproject.toml asks for is in the lock, in a version it allows (`make lock` after a change)."""
    tables = project()
    wanted = {"requirements.txt": [*tables["project"]["dependencies"], *tables["dependency-groups"]["build"]]}
    wanted["requirements-dev.txt"] = [
        *wanted["requirements.txt"],
        *(entry for entry in tables["dependency-groups"]["dev"] if isinstance(entry, str)),
    ]
    for lock, requirements in wanted.items():
        pinned = pins(lock)
        for requirement in map(Requirement, requirements):
            versions = pinned.get(canonicalize_name(requirement.name), set())
            assert versions, f"{requirement.name} is not in {lock}"
            assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_the_letter_runs_on_the_libraries_it_was_tested_with() -> None:
    """Run-time and development locks agree on every library they share."""
    developing = pins("requirements-dev.txt")
    for name, versions in pins("requirements.txt").items():
        assert developing[name] == versions


def test_actions_are_pinned_by_commit() -> None:
    """A workflow uses an action only by its full commit, with the version beside it; its own by its path."""
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = workflow.read_text(encoding="utf-8")
        for used in re.findall(r"uses: (.*)", text):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+|\$/\.github/workflows/\w+\.yml", used), used
        assert "\npermissions: {}\n" in text


# --- what is installed ------------------------------------------------------------------------------------------


def test_the_wheel_holds_templates_data_and_terms(tmp_path: Path) -> None:
    """A wheel carries the templates, the sample and the licences, and its command runs outside the repository."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("capline-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        packed.extractall(tmp_path / "site")
    for folder, place in (("templates", "generator/_templates"), ("generator/sources/data", "generator/sources/data")):
        files = (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.parent.name != "__pycache__")
        there = {path.relative_to(ROOT / folder).as_posix() for path in files}
        assert there
        assert not {f"{place}/{name}" for name in there} - names
    assert not [name for name in names if "__pycache__" in name]
    assert {"LICENSE", "NOTICE"} <= {Path(name).name for name in names}
    ran = subprocess.run(
        [sys.executable, "-m", "generator", "--help"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "build" in ran.stdout


# --- the fonts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("suffix", ["ttf", "woff2"])
def test_a_font_sets_the_letter(face: str, suffix: str) -> None:
    """Each face keeps its family's name and weight, has what a letter prints, may be embedded and is small."""
    path = FONTS / f"{face}.{suffix}"
    family, weight = FACES[face]
    with TTFont(path) as font:
        names, characters = font["name"], font.getBestCmap()
        assert (names.getDebugName(16) or names.getDebugName(1)) == family
        assert font["OS/2"].usWeightClass == weight
        assert font["OS/2"].fsType == 0  # embedding is not restricted
        wanted = LETTER + (SYMBOLS if family == "Inter" else "")
        assert not [character for character in wanted if ord(character) not in characters]
        notice = names.getDebugName(0)
    assert path.stat().st_size < 80_000
    assert (FONTS / f"OFL-{family}.txt").read_text(encoding="utf-8").startswith(notice)


@pytest.mark.parametrize("face", [face for face in FACES if face != "Newsreader-Italic"])
def test_figures_line_up_in_tables(face: str) -> None:
    """With the feature `tnum` all ten figures are equally wide; no table is set in the italic, where the 7 is not."""
    with TTFont(FONTS / f"{face}.ttf") as font:
        table, characters, widths = font["GSUB"].table, font.getBestCmap(), font["hmtx"]
        numbers = next(
            record.Feature.LookupListIndex for record in table.FeatureList.FeatureRecord if record.FeatureTag == "tnum"
        )
        tabular: dict[str, str] = {}
        for number in numbers:
            for step in table.LookupList.Lookup[number].SubTable:
                tabular |= getattr(step, "ExtSubTable", step).mapping
        figures = [characters[ord(figure)] for figure in "0123456789"]
        assert len({widths[tabular.get(figure, figure)][0] for figure in figures}) == 1


# --- the code and its tests --------------------------------------------------------------------------------------


def code_lines(node: ast.AST) -> int:
    """Count the lines of a module or function that hold code: no blank, no comment, no docstring."""
    lines = {part.lineno for part in ast.walk(node) if isinstance(part, ast.stmt | ast.expr)}
    lines |= {part.end_lineno or 0 for part in ast.walk(node) if isinstance(part, ast.stmt | ast.expr)}
    for part in ast.walk(node):
        if isinstance(part, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(part):
            lines -= set(range(part.body[0].lineno, (part.body[0].end_lineno or 0) + 1))
    return len(lines)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "generator").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_module_can_be_read(path: Path) -> None:
    """No module has more than 400 lines of code, no function more than 60; past 200 and 50 they owe a reason."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    assert code_lines(module) <= 400
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert code_lines(node) <= 60, f"{node.name} is too long"


@pytest.mark.parametrize("host", ["203.0.113.7", "2001:db8::7"])
def test_a_test_cannot_leave_this_machine(host: str) -> None:
    """Connecting beyond the loopback is refused before a packet leaves (the addresses are reserved for examples)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as door, pytest.raises(OpenedSocket):
        door.connect((host, 9))


def test_a_test_cannot_look_up_names() -> None:
    """Nor is a name asked for, which would reach a name server."""
    with pytest.raises(OpenedSocket):
        socket.getaddrinfo("example.com", 443)


def test_the_loopback_stays_open() -> None:
    """A server of the test's own on this machine can be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as caller:
        assert caller.getpeername() == server.getsockname()
