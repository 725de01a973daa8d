"""Editions handed over to listmonk and Buttondown: once, whatever breaks, and as they were written."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

import engines
import pytest
import trustme
from engines import ButtondownDesk, Desk, Fault, ListmonkDesk, Refused, cut, hang
from mailroom import EDITION, MAIL, NOW
from mailroom import letter as small_letter
from pydantic import SecretStr

from generator.config import ButtondownSettings, ListmonkSettings
from generator.deliver.engines import api, campaign
from generator.deliver.engines.buttondown import Buttondown
from generator.deliver.engines.issue import Issue, issue
from generator.deliver.engines.listmonk import Listmonk
from generator.errors import BadSetting, CampaignHeld, EngineFailed, NoWayOut, RenderError
from generator.render.mail import WAY_OUT

if TYPE_CHECKING:
    from pathlib import Path

NAME = f"letter.example.org/{EDITION}"
Open = Callable[..., Listmonk | Buttondown]


def letter(words: str = "Small caps rose.", subject: str = "Small caps rose 3%") -> bytes:
    """Write a letter with a picture, and with braces in its words and its style."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["Subject"], message["From"] = subject, "Capline <letter@capline.test>"
    message["X-Capline-Edition"], message["List-Id"] = EDITION, "<letter.example.org>"
    message.set_content(f"{words} {{{{ x }}}}\nUnsubscribe: {WAY_OUT}\n", cte="quoted-printable")
    html = (
        f"<style>@media screen{{#a{{color:red}}}}</style><p>{words} {{{{ x }}}} {{% y %}}</p>"
        f'<img src="cid:curve.{EDITION}@capline.test"><a href="{WAY_OUT}">Unsubscribe</a>'
    )
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    related = message.get_body(("html",))
    assert related is not None
    cid = f"<curve.{EDITION}@capline.test>"
    related.add_related(engines.PIXEL, "image", "png", cid=cid, filename="curve.png", disposition="inline")
    for place, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_capline_{place}")
    return message.as_bytes()


def made(content: bytes | None = None, kind: str = "daily") -> Issue:
    """Take a letter apart as the command does."""
    return issue(content or letter(), MAIL, edition=EDITION, kind=kind)


@pytest.fixture(params=["listmonk", "buttondown"])
def name(request: pytest.FixtureRequest) -> str:
    """Name the engine of a test that both pass."""
    return str(request.param)


@pytest.fixture
def desk(name: str) -> Desk:
    """Give the engine's other side."""
    return ListmonkDesk() if name == "listmonk" else ButtondownDesk()


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    """Serve it."""
    with engines.serving(desk) as url:
        yield url


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Take the waits between attempts down, instead of waiting."""
    waits: list[float] = []
    monkeypatch.setattr(api.Api.__init__, "__kwdefaults__", api.Api.__init__.__kwdefaults__ | {"sleep": waits.append})
    return waits


def open_listmonk(url: str, *, token: str = "tOkEn", **given: object) -> Listmonk:  # noqa: S107 -- made up
    """Open a listmonk as the settings would."""
    lists = {"daily": (1,), "weekly": (1, 2)}
    words = {"url": url, "user": "capline", "lists": lists, "template": 7, "timeout": 0.5} | given
    return Listmonk(ListmonkSettings.model_validate(words), SecretStr(token))


def open_buttondown(url: str, *, token: str = "bd-kEy", **given: object) -> Buttondown:  # noqa: S107 -- same
    """Open a Buttondown as the settings would."""
    words = {"url": url, "tags": {"weekly": ("weekly",)}, "timeout": 0.5} | given
    return Buttondown(ButtondownSettings.model_validate(words), SecretStr(token))


@pytest.fixture
def opened(name: str) -> Open:
    """Give what opens the engine of the test."""
    return open_listmonk if name == "listmonk" else open_buttondown


def had(desk: Desk) -> list[dict[str, object]]:
    """What the engine has, whatever it calls it."""
    found = desk.campaigns if isinstance(desk, ListmonkDesk) else desk.emails  # type: ignore[attr-defined]
    return list(found.values())


STARTED = {"running", "about_to_send"}


# --- once -------------------------------------------------------------------------------------------------------


def test_handed_over_twice_there_is_one_campaign_and_it_was_started_once(
    desk: Desk, address: str, opened: Open
) -> None:
    """The second time says how far it has come."""
    with opened(address) as engine:
        first = campaign.hand_over(engine, made())
        again = campaign.hand_over(engine, made())

    assert first == again
    assert (first.state, first.name) == ("going", NAME)
    (one,) = had(desk)
    assert one["status"] in STARTED
    assert len([seen for seen in desk.seen if seen[1].endswith("/status") or seen[0] == "PATCH"]) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("act", [cut, hang, Refused(500, {"message": "broken"})])
@pytest.mark.parametrize("step", ["make", "start"])
def test_whatever_breaks_on_the_way_the_next_run_finishes_it(  # noqa: PLR0913 -- the fixtures
    desk: Desk, address: str, opened: Open, *, step: str, act: object, after: bool
) -> None:
    """Before a request was carried out or after, cut, silent or with a fault: one campaign, started."""
    listmonk = isinstance(desk, ListmonkDesk)
    path = {"make": "campaigns", "start": "campaigns/41/status"}[step] if listmonk else "emails"
    method = {"make": "POST", "start": "PUT" if listmonk else "PATCH"}[step]
    root = "/api/" if listmonk else "/v1/"
    desk.faults.append(Fault(method, root + path, act, after=after))  # type: ignore[arg-type]
    with opened(address) as engine:
        if step == "start" and after:  # it is looked at once more, and is under way
            assert campaign.hand_over(engine, made()).state == "going"
        else:
            with pytest.raises(EngineFailed) as caught:
                campaign.hand_over(engine, made())
            assert "run the command again" in caught.value.hint
            assert caught.value.exit_code == 8
        assert campaign.hand_over(engine, made()).state == "going"

    (one,) = had(desk)
    assert one["status"] in STARTED


def test_a_draft_left_behind_is_brought_up_to_date_and_started(desk: Desk, address: str, opened: Open) -> None:
    """In between the letter was built again."""
    with opened(address) as engine:
        engine.make(made(letter("Small caps fell.")))
        campaign.hand_over(engine, made())

    (one,) = had(desk)
    assert "Small caps rose." in str(one["body"])
    assert one["status"] in STARTED


def test_a_letter_that_has_gone_out_is_not_changed(desk: Desk, address: str, opened: Open) -> None:
    """Other words under the same name are refused."""
    with opened(address) as engine:
        campaign.hand_over(engine, made())
        with pytest.raises(CampaignHeld, match="in other words") as caught:
            campaign.hand_over(engine, made(letter("Small caps fell.")))

    assert caught.value.exit_code == 8
    assert "Small caps rose." in str(had(desk)[0]["body"])


def test_two_runs_at_the_same_moment_leave_one_campaign(desk: Desk, address: str, opened: Open) -> None:
    """Another machine, and no lock between them: both make one, and both take the older."""
    with opened(address) as engine, opened(address) as other:
        if isinstance(desk, ButtondownDesk):  # it refuses a second email of the same slug by itself
            other.make(made())
            desk.answers.clear()
            with pytest.raises(EngineFailed, match="slug_invalid"):
                engine.make(made())
        else:
            engine.make(made())
            other.make(made())
        results: list[campaign.Campaign] = []

        def run(one: Listmonk | Buttondown) -> None:
            results.append(campaign.hand_over(one, made()))

        runs = [threading.Thread(target=run, args=(one,)) for one in (engine, other)]
        for one in runs:
            one.start()
        for one in runs:
            one.join()

    assert len(had(desk)) == 1
    assert {one.id for one in results} == {str(had(desk)[0]["id"])}


def test_one_that_a_person_stopped_stays_stopped(desk: Desk, address: str, opened: Open) -> None:
    """Paused, cancelled or in error: the operator decides."""
    with opened(address) as engine:
        campaign.hand_over(engine, made())
        had(desk)[0]["status"] = "paused"
        with pytest.raises(CampaignHeld, match="is paused") as caught:
            campaign.hand_over(engine, made())
    assert "go on with it or delete it there" in caught.value.hint
    assert had(desk)[0]["status"] == "paused"


def test_two_that_were_both_begun_are_told(desk: Desk, address: str, opened: Open) -> None:
    """Somebody has copied and started one by hand."""
    with opened(address) as engine:
        campaign.hand_over(engine, made())
        one = had(desk)[0]
        if isinstance(desk, ListmonkDesk):
            desk.campaigns[99] = one | {"id": 99}
        else:
            assert isinstance(desk, ButtondownDesk)
            desk.emails["copy"] = one | {"id": "copy"}
        with pytest.raises(CampaignHeld, match="begun more than once"):
            campaign.hand_over(engine, made())


def test_among_many_campaigns_the_right_one_is_found(desk: Desk, address: str, opened: Open) -> None:
    """On whichever page of the answer, and not by a part of its name."""
    with opened(address) as engine:
        for place in range(130 if isinstance(desk, ListmonkDesk) else 7):
            other = issue(letter(subject=f"About {NAME}"), MAIL, edition=f"{EDITION}-{place}", kind="daily")
            engine.make(other)
        campaign.hand_over(engine, made())
        campaign.hand_over(engine, made())

    assert len([one for one in had(desk) if one["status"] in STARTED]) == 1


# --- what arrives -----------------------------------------------------------------------------------------------


def test_listmonk_gets_the_letter_with_its_own_link_to_leave() -> None:
    """Words stay words, the picture is at an address, and the text part goes along."""
    desk = ListmonkDesk()
    with engines.serving(desk) as url, open_listmonk(url) as engine:
        campaign.hand_over(engine, made(letter(subject="{{ of }} 3%"), kind="weekly"))
        one = desk.campaigns[41]
        picture = f"{url}/uploads/{next(iter(desk.media))}"

    body, text, subject = (desk.compiled(str(one[name])) for name in ("body", "altbody", "subject"))
    assert 'href="https://lists.capline.test/subscription/c/s"' in body
    assert "&#123;{ x }} &#123;% y %}" in body
    assert "@media screen{ #a{color:red}}" in body
    assert f'<img src="{picture}">' in body
    assert text == "Small caps rose. {{ x }}\nUnsubscribe: https://lists.capline.test/subscription/c/s\n"
    assert subject == "{{ of }} 3%"
    assert WAY_OUT not in body + text
    assert list(desk.media.values()) == [engines.PIXEL]
    assert (one["template_id"], [each["id"] for each in one["lists"]]) == (7, [1, 2])
    assert one["from_email"] == "Capline <letter@capline.test>"
    assert {"List-Archive": f"<https://example.org/letters/{EDITION}/>"} in one["headers"]
    assert one["tags"][:2] == ["capline", "weekly"]


def test_buttondown_gets_the_letter_bare_with_its_own_link_to_leave() -> None:
    """As a page of HTML of our own, for the subscribers with a tag."""
    desk = ButtondownDesk()
    with engines.serving(desk) as url, open_buttondown(url) as engine:
        campaign.hand_over(engine, made(kind="weekly"))
    (one,) = desk.emails.values()

    assert one["body"].startswith("<!-- buttondown-editor-mode: naked -->\n<style>@media screen{ #a{color:red}}")
    assert '<a href="{{ unsubscribe_url }}">' in one["body"]
    assert "&#123;{ x }} &#123;% y %}" in one["body"]
    assert re.search(r'<img src="https://assets.capline.test/2026-11-24-daily-curve-[0-9a-f]{12}.png">', one["body"])
    assert (one["slug"], one["template"], one["subject"]) == (EDITION, "naked", "Small caps rose 3%")
    assert one["canonical_url"] == f"https://example.org/letters/{EDITION}/"
    assert one["filters"]["filters"] == [{"field": "subscriber.tags", "operator": "contains", "value": "weekly"}]


def test_a_subject_that_buttondown_would_run_is_refused() -> None:
    """There is no way to write double braces there."""
    desk = ButtondownDesk()
    with engines.serving(desk) as url, open_buttondown(url) as engine, pytest.raises(RenderError, match="as a program"):
        campaign.hand_over(engine, made(letter(subject="{{ of }}")))
    assert not desk.emails


def test_a_letter_without_a_way_out_is_no_issue() -> None:
    """Neither is one without a text part."""
    with pytest.raises(NoWayOut, match="no link to unsubscribe"):
        made(small_letter(way_out="https://example.org/"))


def test_a_proof_is_the_campaign_itself_not_started(desk: Desk, address: str, opened: Open) -> None:
    """One copy goes to the address; the draft stays one, for the run that starts it."""
    with opened(address) as engine:
        draft = campaign.proof(engine, made(), "me@capline.test")
        campaign.proof(engine, made(), "me@capline.test")
        assert [one["status"] for one in had(desk)] == ["draft"]
        assert draft.state == "draft"
        if isinstance(desk, ListmonkDesk):
            assert [one[0] for one in desk.tests] == ["me@capline.test"] * 2
            assert "subscription/c/s" in desk.tests[0][1]
            assert len(desk.media) == 1
        else:
            assert isinstance(desk, ButtondownDesk)
            assert desk.drafts == [("me@capline.test", "naked")] * 2
        campaign.hand_over(engine, made())
    assert len(had(desk)) == 1


# --- what is set wrong ------------------------------------------------------------------------------------------


def test_a_wrong_key_is_named_and_never_shown(desk: Desk, address: str, opened: Open) -> None:
    """With what to mend; nothing was made."""
    wrong = "sEcReT"
    with opened(address, token=wrong) as engine, pytest.raises(EngineFailed) as caught:
        campaign.hand_over(engine, made())

    assert "answered with 403" in str(caught.value)
    assert "mend user, key or token" in caught.value.hint
    assert wrong not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert not had(desk)


def test_listmonk_lists_and_templates_are_looked_at_first() -> None:
    """A list that is not there, a kind of letter without one, a template with a frame of its own."""
    desk = ListmonkDesk()
    with engines.serving(desk) as url:
        for given, problem in (
            ({"lists": {"daily": (1, 9)}}, "List not found"),
            ({"lists": {"weekly": (1,)}}, "no list gets the daily letter"),
            ({"template": 1}, "template 1 is more than"),
            ({"template": 5}, "Template not found"),
        ):
            with open_listmonk(url, **given) as engine, pytest.raises((EngineFailed, BadSetting), match=problem):
                campaign.hand_over(engine, made())
    assert not desk.campaigns
    with pytest.raises(BadSetting, match="no template is set"):
        open_listmonk("http://127.0.0.1:9", template=0)


def test_a_key_never_goes_in_clear_to_another_machine() -> None:
    """Plain HTTP is for this machine alone."""
    with pytest.raises(BadSetting, match="another machine"):
        open_listmonk("http://lists.capline.test")
    with pytest.raises(BadSetting, match="no url is set"):
        open_listmonk("")
    with pytest.raises(BadSetting, match="there is no key"):
        Buttondown(ButtondownSettings(), None)


def test_a_certificate_is_checked(name: str, desk: Desk, opened: Open, tmp_path: Path) -> None:
    """One of an authority nobody knows is refused, and taken once that is named."""
    authority = trustme.CA()
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with engines.serving(desk, context) as url:
        with opened(url) as engine, pytest.raises(EngineFailed, match="certificate is not to be trusted") as caught:
            campaign.hand_over(engine, made())
        assert f"[{name}] ca_file" in caught.value.hint
        with opened(url, ca_file=str(file)) as engine:
            assert campaign.hand_over(engine, made()).state == "going"


# --- what passes, and what does not -----------------------------------------------------------------------------


def lookup(desk: Desk) -> str:
    """Where the engine is looked at first."""
    return "/api/campaigns" if isinstance(desk, ListmonkDesk) else "/v1/emails"


@pytest.mark.parametrize("act", [cut, Refused(503, b"<html>away"), Refused(429, {"detail": "slow"}, Retry_After="7")])
def test_reading_is_tried_again(desk: Desk, address: str, opened: Open, no_waiting: list[float], act: object) -> None:
    """After a cut, a server that is away, and a limit, for as long as it says."""
    desk.faults.append(Fault("GET", lookup(desk), act, times=2))  # type: ignore[arg-type]
    with opened(address) as engine:
        assert campaign.hand_over(engine, made()).state == "going"
    assert no_waiting == ([7.0, 7.0] if isinstance(act, Refused) and act.status == 429 else [1.0, 2.0])


def test_a_limit_on_making_one_is_waited_for(desk: Desk, address: str, opened: Open, no_waiting: list[float]) -> None:
    """What was refused for its rate was not carried out; but nobody waits for an hour."""
    path = lookup(desk)
    desk.faults.append(Fault("POST", path, Refused(429, {"message": "slow down"}, Retry_After="3")))
    with opened(address) as engine:
        campaign.hand_over(engine, made())
    assert no_waiting == [3.0]
    desk.faults.append(Fault("GET", path, Refused(429, {"message": "slow down"}, Retry_After="3600")))
    with opened(address) as engine, pytest.raises(EngineFailed, match="slow down") as caught:
        campaign.hand_over(engine, made())
    assert caught.value.hint.startswith("wait 3600 s")


@pytest.mark.parametrize(
    ("refusal", "problem", "hint"),
    [
        (Refused(404, {"detail": "Not Found"}), "answered with 404: Not Found", "url in"),
        (Refused(409), "answered with 409", "mend what it names"),
        (Refused(422, {"detail": "bad field for me@x.test"}), "422: bad field for <…>", "mend what it names"),
        (Refused(500, b"<html>oops"), "answered with 500", "engine's log"),
        (Refused(301, None, Location="https://elsewhere.test/"), "answered with 301", "another one"),
        (Refused(200, b"<html>a login page"), "no JSON: '<html>a login page'", "its API"),
    ],
)
def test_every_refusal_is_named(  # noqa: PLR0913 -- the fixtures
    desk: Desk, address: str, opened: Open, *, refusal: Refused, problem: str, hint: str
) -> None:
    """With status, what the engine said (no mailbox), and what to do."""
    desk.faults.append(Fault("POST", lookup(desk), refusal))
    with opened(address) as engine, pytest.raises(EngineFailed) as caught:
        campaign.hand_over(engine, made())
    assert problem in str(caught.value)
    assert hint in caught.value.hint


def test_silence_ends_after_the_time_set(desk: Desk, address: str, opened: Open) -> None:
    """Three attempts of half a second, not for ever."""
    desk.faults.append(Fault("GET", lookup(desk), hang, times=3))
    began = time.monotonic()
    with opened(address) as engine, pytest.raises(EngineFailed, match=r"no answer within 0\.5 s"):
        campaign.hand_over(engine, made())
    assert time.monotonic() - began < 5


def test_nobody_there_is_told(opened: Open, name: str) -> None:
    """With the section to look at."""
    with opened("http://127.0.0.1:9/v1") as engine, pytest.raises(EngineFailed) as caught:
        campaign.hand_over(engine, made())
    assert f"url in [{name}]" in caught.value.hint


def test_the_moment_of_a_letter_is_no_part_of_its_campaign(desk: Desk, address: str, opened: Open) -> None:
    """A proof today and the letter tomorrow are one campaign."""
    assert NOW.year == int(EDITION[:4])
    with opened(address) as engine:
        assert engine.mark(made()) == engine.mark(made())
        assert engine.mark(made()) != engine.mark(made(kind="weekly"))
    assert not had(desk)
