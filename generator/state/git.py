"""A branch of a git repository as a remote: always one commit without a parent, replaced by each push.

So the repository does not grow by what each day leaves behind, and yet a push sends only parts that are new: what is
there already is known here from a bare repository in `<output>/state/`. The branch is replaced only if it still holds
the commit that was found (`--force-with-lease`), so that of two runs at once one is told.
"""

from __future__ import annotations

import base64
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from generator import config
from generator.errors import CannotWrite, StateDamaged, StateMoved, StateUnreachable
from generator.state.remote import STATE, Found, part_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from generator.state.remote import Offered

TOKEN = "CAPLINE_STATE_TOKEN"  # noqa: S105 -- the name of the variable
HERE, NEXT = "refs/heads/remote", "refs/heads/next"
ABSENT = 2  # exit code of ls-remote: no such branch
PATIENCE = 1800.0  # seconds for a transfer
MANY = 20  # packs from which on they are put into one
README = """\
Capline's state, sealed. `capline state pull` opens it with the key it was made with; see docs/state.md.
This branch is one commit, which every push replaces.
"""
# What is sealed cannot be compressed, and has nothing in common with anything.
PLAIN = {"core.compression": "0", "pack.window": "0", "gc.auto": "0", "core.logAllRefUpdates": "false"}


class Git:
    """A branch at an address, and the bare repository here that knows what it holds."""

    def __init__(self, address: str, branch: str, repository: Path) -> None:
        self.name = f"{address} {branch}"
        self._address, self._branch, self._repository = address, f"refs/heads/{branch}", repository
        self._blobs: dict[str, tuple[str, int]] = {}  # part to blob and size in bytes

    @classmethod
    @contextmanager
    def opened(cls, address: str, branch: str, repository: Path) -> Iterator[Git]:
        """Make the repository here, if it is not there."""
        remote = cls(address, branch, repository)
        if not (repository / "HEAD").exists():
            try:
                repository.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as problem:
                raise CannotWrite(repository, problem.strerror or str(problem)) from problem
            remote._run("init", "--quiet", "--bare", "--template=", "--", str(repository), outside=True)
            for name, value in PLAIN.items():
                remote._run("config", name, value)
        yield remote

    def latest(self) -> Found | None:
        """Fetch what is there now; None if there is no such branch."""
        listed = self._ask("ls-remote", "--exit-code", "--", self._address, self._branch)
        if listed.returncode == ABSENT:
            return None
        self._require(listed)
        self._known(HERE)
        wanted = f"+{self._branch}:{HERE}"
        self._run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", self._address, wanted)
        commit = self._run("rev-parse", "--verify", HERE).stdout.decode().strip()
        self._tidy()
        self._list(commit)
        content = self._ask("cat-file", "blob", f"{commit}:{STATE}")
        if content.returncode:
            raise StateDamaged(self.name, [f"commit {commit[:12]} has no file {STATE!r}"])
        return Found(token=commit, content=content.stdout)

    def sizes(self) -> Mapping[str, int]:
        """The parts that are there, and their sizes in bytes."""
        return {name: size for name, (_, size) in self._blobs.items()}

    def read(self, names: Iterable[str]) -> Iterator[bytes]:
        """Some parts, in the order of the names."""
        with subprocess.Popen(  # noqa: S603 -- git, with words of ours
            self._call("cat-file", "--batch"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment("")
        ) as process:
            if process.stdin is None or process.stdout is None:
                raise AssertionError(process.args)  # both are pipes
            for name in names:
                if name not in self._blobs:
                    raise StateDamaged(self.name, [f"part {name[:12]} is not there"])
                process.stdin.write(f"{self._blobs[name][0]}\n".encode())
                process.stdin.flush()
                told = process.stdout.readline().split()
                if told[1:2] != [b"blob"]:
                    raise StateDamaged(self.name, [f"part {name[:12]} cannot be read from {self._repository}"])
                yield process.stdout.read(int(told[2]) + 1)[:-1]

    def replace(self, before: Found | None, offered: Offered) -> None:
        """Make the commit here, then put it in the place of the one that was found."""
        self._commit(offered)
        old = before.token if before else ""
        if old:
            self._known(HERE)
        pushed = self._ask(
            "push", "--porcelain", "--quiet", "--no-verify", f"--force-with-lease={self._branch}:{old}",
            "--", self._address, f"{NEXT}:{self._branch}",
        )  # fmt: skip
        if b"[rejected]" in pushed.stdout and b"stale info" in pushed.stdout:
            raise StateMoved(
                self.name,
                "another run has pushed meanwhile",
                hint="nothing was written; `capline state pull`, then again",
            )
        self._require(pushed)
        self._run("update-ref", HERE, NEXT)
        self._run("update-ref", "-d", NEXT)

    def _commit(self, offered: Offered) -> None:
        """Write blobs, tree and commit in one stream."""
        with subprocess.Popen(  # noqa: S603 -- git, with words of ours
            self._call("fast-import", "--quiet", "--force", "--done"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=_environment(""),
        ) as process:  # fmt: skip
            if process.stdin is None or process.stderr is None:
                raise AssertionError(process.args)  # both are pipes
            try:
                for line in self._stream(offered):
                    process.stdin.write(line)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it says why below
            said = process.stderr.read().decode(errors="replace").strip()
        if process.returncode:
            raise CannotWrite(self._repository, said.splitlines()[0] if said else "git fast-import failed")

    def _stream(self, offered: Offered) -> Iterator[bytes]:
        marks = {STATE: offered.content, "README.md": README.encode()}
        entries = []
        yield f"reset {NEXT}\n\n".encode()
        for number, (path, content) in enumerate(marks.items(), 1):
            yield b"blob\nmark :%d\ndata %d\n%s\n" % (number, len(content), content)
            entries.append(f"M 100644 :{number} {path}\n")
        fresh = set()
        for number, (name, content) in enumerate(offered.fresh, len(marks) + 1):
            yield b"blob\nmark :%d\ndata %d\n%s\n" % (number, len(content), content)
            entries.append(f"M 100644 :{number} {part_path(name)}\n")
            fresh.add(name)
        held = sorted(offered.parts - fresh)
        entries += [f"M 100644 {self._blobs[name][0]} {part_path(name)}\n" for name in held]
        when = f"{offered.made.timestamp():.0f} +0000"
        yield f"commit {NEXT}\ncommitter Capline <capline@localhost> {when}\ndata 5\nstate\n".encode()
        yield "".join(entries).encode()
        yield b"\ndone\n"

    def _list(self, commit: str) -> None:
        self._blobs = {}
        for entry in self._run("ls-tree", "-r", "-l", "-z", commit).stdout.decode().split("\0"):
            about, _, path = entry.partition("\t")
            if path.startswith("parts/"):
                _, _, blob, size = about.split()
                self._blobs[path.removeprefix("parts/").replace("/", "")] = (blob, int(size))

    def _known(self, reference: str) -> None:
        """Tell git that what a reference holds is the end of history: it then compares trees, not commits alone."""
        found = self._ask("rev-parse", "--verify", "--quiet", reference)
        if not found.returncode:
            (self._repository / "shallow").write_bytes(found.stdout)

    def _tidy(self) -> None:
        """After many pushes, drop what no state holds any more."""
        if len(list(self._repository.glob("objects/pack/*.pack"))) > MANY:
            self._run("repack", "-a", "-d", "-q")
            self._run("prune", "--expire=now")

    # --- git itself ---------------------------------------------------------------------------------------------

    def _call(self, *arguments: str, outside: bool = False) -> list[str]:
        inside = [] if outside else ["--git-dir", str(self._repository)]
        return ["git", *inside, *arguments]

    def _ask(self, *arguments: str, outside: bool = False) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 -- git, with what the settings say
                self._call(*arguments, outside=outside), env=_environment(self._address), capture_output=True,
                check=False, timeout=PATIENCE,
            )  # fmt: skip
        except FileNotFoundError:
            raise StateUnreachable(self.name, "git is not installed") from None
        except subprocess.TimeoutExpired:
            raise StateUnreachable(self.name, f"git {arguments[0]} took more than {PATIENCE:.0f} s") from None

    def _run(self, *arguments: str, outside: bool = False) -> subprocess.CompletedProcess[bytes]:
        return self._require(self._ask(*arguments, outside=outside))

    def _require(self, done: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[bytes]:
        """Raise with git's own words if it failed; StateMoved if they say that the branch was taken meanwhile."""
        if not done.returncode:
            return done
        words = (done.stderr + b"\n" + done.stdout).decode(errors="replace").splitlines()
        told = [word.strip() for word in words if word.startswith(("fatal:", "error:", "remote:", "!"))]
        raise StateUnreachable(self.name, (told or words or ["git failed"])[0])


def _environment(address: str) -> dict[str, str]:
    """What git runs with: nobody is asked for a password, and a token goes to its host alone, seen by no other user."""
    more = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    token = config.secret(TOKEN, "") if address.startswith(("https://", "http://")) else None
    if token:
        host = "/".join(address.split("/")[:3])
        basic = base64.b64encode(f"x-access-token:{token.get_secret_value()}".encode()).decode()
        more |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{host}/.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        }
    return config.environment(**more)
