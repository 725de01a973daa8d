"""A PostgreSQL for tests: a cluster of its own in a temporary folder, on loopback, with a schema for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def programs() -> Path | None:
    """Find the folder of initdb and postgres, the newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if not found and (there := shutil.which("initdb")):
        found = [Path(there)]
    return found[0].parent if found else None


def why_not() -> str:
    """Say why no PostgreSQL can be tried here; "" if one can."""
    if programs() is None:
        return "there is no PostgreSQL here (Debian: postgresql)"
    try:
        import psycopg  # noqa: F401, PLC0415 -- looked for
    except ImportError:
        return "there is no psycopg here"
    return "" if os.getuid() or _other() else "initdb does not run as root, and there is nobody else"


def _other() -> pwd.struct_passwd | None:
    """Find a user to run the database as where we are root."""
    known = {one.pw_name: one for one in pwd.getpwall()}
    return known.get("postgres") or known.get("nobody")


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster; gives the URL of its database."""
    there = programs()
    assert there is not None
    other = None if os.getuid() else _other()
    folder = Path(tempfile.mkdtemp(prefix="capline-postgres-"))
    if other:
        os.chown(folder, other.pw_uid, other.pw_gid)
    who = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []} if other else {}
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    data = folder / "data"
    try:
        subprocess.run(
            [there / "initdb", "-D", data, "-U", "capline", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, capture_output=True, cwd=folder, **who,
        )  # fmt: skip
        server = subprocess.Popen(
            [there / "postgres", "-D", data, "-p", f"{port}", "-h", "127.0.0.1", "-k", folder, "-F",
             "-c", "full_page_writes=off", "-c", "max_connections=50"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who,
        )  # fmt: skip
        try:
            for _ in range(200):
                ready = subprocess.run(
                    [there / "pg_isready", "-q", "-h", "127.0.0.1", "-p", f"{port}"], check=False, cwd=folder
                )
                if ready.returncode == 0:
                    break
                assert server.poll() is None, "the database ended"
            yield f"postgresql://capline@127.0.0.1:{port}/postgres"
        finally:
            server.terminate()
            server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """Run a cluster for the session; skip where there is none."""
    if reason := why_not():
        pytest.skip(reason)
    with cluster() as url:
        yield url


def schema(database: str) -> str:
    """Make an empty schema; gives a URL that sees nothing else."""
    import psycopg  # noqa: PLC0415 -- an extra

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")  # type: ignore[arg-type]
    return f"{database}?options=-csearch_path%3D{name}"


@pytest.fixture
def own_schema(database: str) -> str:
    """Make a schema for the test."""
    return schema(database)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Give where a book is kept: a file, then a database."""
    if request.param == "postgres":
        return str(request.getfixturevalue("own_schema"))
    return tmp_path / "readers.sqlite"
