"""Settings from newsletter.toml, checked; each is explained there. This module alone reads the environment."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from generator.errors import BadSetting, UnknownName

FILE = Path("newsletter.toml")
DISCLAIMER = (
    "This letter reports what was measured. It is not investment advice, and past outcomes do not promise future ones."
)
Form = Literal["web", "mail", "text", "pdf", "json"]
Paper = Literal["a4", "letter"]
Line = Annotated[str, Field(pattern=r"^[^\r\n\x00]*$")]  # goes into headers and titles: one line


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LetterSettings(_Section):
    """What the letter calls itself and who sends it."""

    name: Annotated[Line, Field(min_length=1)] = "Capline"
    publisher: Line = "The Capline authors"
    sender: Annotated[Line, Field(pattern=r"^[^<>\r\n]* ?<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$")] = (
        "Capline <letter@example.org>"
    )
    address: Line = ""
    disclaimer: str = DISCLAIMER


class BuildSettings(_Section):
    """What is built, from what, and where to."""

    source: str = "sample"
    formats: Annotated[tuple[Form, ...], Field(min_length=1)] = ("web", "mail", "text", "pdf", "json")
    papers: Annotated[tuple[Paper, ...], Field(min_length=1)] = ("a4", "letter")
    output: Path = Path("output")
    store: Path = Path("output/store.duckdb")
    memory: Annotated[int, Field(ge=0, le=50)] = 20


class Settings(_Section):
    """All settings; frozen."""

    letter: LetterSettings = LetterSettings()
    build: BuildSettings = BuildSettings()


def load(path: Path | None = None) -> Settings:
    """Read and check settings; without a file of the default name, the defaults hold.

    Raises BadSetting for a file that is missing or is no TOML and for a value that does not fit, UnknownName for a key
    that is none of ours.
    """
    chosen = path or FILE
    if path is None and not chosen.exists():
        return Settings()
    try:
        given = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadSetting(str(chosen), problem.strerror or "cannot be read", hint="name a file that is there") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadSetting(str(chosen), f"is not TOML: {problem}", hint="mend that line") from None
    _refuse_unknown(given, Settings, chosen.name)
    try:
        return Settings.model_validate(given)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadSetting(
            f"{chosen.name}: {where} = {first['input']!r}", first["msg"], hint="see newsletter.toml in the repository"
        ) from None


def _refuse_unknown(given: dict[str, Any], model: type[BaseModel], where: str) -> None:
    for key, value in given.items():
        if key not in model.model_fields:
            raise UnknownName(f"setting in {where}", key, model.model_fields)
        inner = model.model_fields[key].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            if not isinstance(value, dict):
                raise BadSetting(where, f"[{key}] is not a table", hint=f"write [{key}] and its settings below it")
            _refuse_unknown(value, inner, f"{where}, [{key}]")


def help_pango() -> None:
    """On macOS, let WeasyPrint find a Pango that Homebrew installed, whichever Python runs."""
    if sys.platform == "darwin":
        known = os.environ.get("DYLD_FALLBACK_LIBRARY_PATH", "")
        os.environ["DYLD_FALLBACK_LIBRARY_PATH"] = ":".join(
            filter(None, (known, "/opt/homebrew/lib", "/usr/local/lib"))
        )
