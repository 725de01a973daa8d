"""One connection's work: take a reader, claim them in the ledger, hand the message over, judge the answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from generator.deliver import smtp
from generator.deliver.ledger import Outcome, Reader
from generator.deliver.pace import Bucket, is_trouble, jittered, refused_for_good
from generator.errors import DeliveryError, RelayFailed

if TYPE_CHECKING:
    from generator.deliver.door import Line
    from generator.deliver.sending import Sending
    from generator.deliver.smtp import Answer

IDLE = 5.0  # seconds of waiting after which a connection is closed
GLANCE = 0.5  # seconds after which a wait is broken off to look again
PERMANENT = 500


class Connection:
    """One thread of a run, with a line of its own."""

    def __init__(self, sending: Sending, number: int, line: Line | None) -> None:
        self._run, self._number, self._line = sending, number, line
        self._own = Bucket(sending.door.settings.rate_per_connection)
        self._sent = 0  # messages on this line
        self._outcome: Outcome | None = None  # of the message before, not yet in the ledger
        self._again: Reader | None = None  # whom that put off, if they come again in this run

    def work(self) -> None:
        """Work until nobody is left or the run is stopped; whatever ends it, the last outcome is written."""
        try:
            while not self._run.stop.is_set():
                chosen = self._run.waiting.take(self._number)
                if isinstance(chosen, Reader):
                    self._serve(chosen)
                    continue
                self._settle()
                if chosen is None:
                    return
                if chosen > IDLE:
                    self._hang_up()
                self._run.stop.wait(min(chosen, GLANCE))
        except DeliveryError as problem:
            self._run.fail(problem)
        finally:
            self._settle()
            self._hang_up()

    def _serve(self, reader: Reader) -> None:
        """Hand one message over; what came of the one before is written together with the claim."""
        line = self._line or self._dialled()
        if line is None:
            self._run.waiting.back(reader)
            return
        if (wait := self._own.reserve(self._run.now()) - self._run.now()) > 0:
            self._settle()
            self._run.stop.wait(wait)
        claimed = self._run.ledger.record(self._outcome, reader)
        self._counted()
        if not claimed:
            self._run.count("suppressed")
            self._run.waiting.finished()
            return
        self._outcome = self._delivered(line, reader)
        self._sent += 1
        if not line.usable or self._sent == self._run.door.settings.messages_per_connection:
            self._settle()  # the relay may take its time to say goodbye
            self._hang_up()

    def _settle(self) -> None:
        if self._outcome:
            self._run.ledger.record(self._outcome, None)
            self._counted()

    def _counted(self) -> None:
        """What came of a message is in the ledger: only now may another connection take a reader who was put off."""
        if self._outcome:
            self._run.count("retried" if self._again else self._outcome.state)
            if self._again:
                self._run.waiting.back(self._again)
            else:
                self._run.waiting.finished()
        self._outcome = self._again = None

    def _dialled(self) -> Line | None:
        """A new line; None if the relay is away, which slows everything down."""
        self._settle()
        try:
            self._line = self._run.door.dial()
        except smtp.Dropped as problem:
            self._run.trouble(str(problem))
            return None
        self._sent = 0
        return self._line

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line:
            line.close()

    def _delivered(self, line: Line, reader: Reader) -> Outcome:
        """Hand a message over and judge what comes back."""
        if not (reader.address.isascii() or line.international):
            return Outcome(reader.number, "rejected", "the relay takes no international addresses (SMTPUTF8)")
        post = self._run.post
        try:
            answer = line.hand_over(post.envelope(reader), reader.address, post.content(reader))
        except smtp.Dropped as problem:
            line.usable = False
            self._run.trouble(str(problem))
            if problem.complete:
                return Outcome(reader.number, "uncertain", str(problem))
            return self._put_off(reader, str(problem), at_once=True)
        return self._judged(reader, answer)

    def _judged(self, reader: Reader, answer: Answer) -> Outcome:
        if answer.accepted:
            with self._run.lock:
                self._run.pace.fine()
            return Outcome(reader.number, "accepted", str(answer))
        if answer.stage in ("mail", "us") and answer.code >= PERMANENT:
            whom = "our sender" if answer.stage == "mail" else "us"
            problem = f"it refuses {whom} ({answer})"
            hint = "mend what it names, sender or return_path, or ask its operator"
            self._run.fail(RelayFailed(self._run.door.name, problem, hint=hint))
            return Outcome(reader.number, "planned", str(answer))
        if is_trouble(answer):
            self._run.trouble(str(answer))
        else:
            self._run.refusal(str(answer))
        if answer.code >= PERMANENT:
            gone = reader.mailbox if self._run.trusted and refused_for_good(answer) else ""
            moment = datetime.fromtimestamp(self._run.now(), UTC)
            return Outcome(reader.number, "rejected", str(answer), bounced=gone, moment=moment)
        if answer.code >= smtp.REFUSED:
            return self._put_off(reader, str(answer))
        return Outcome(reader.number, "uncertain", str(answer))

    def _put_off(self, reader: Reader, problem: str, *, at_once: bool = False) -> Outcome:
        """Try a reader again later in this run, or leave them to the next; `at_once`: the line failed, not they."""
        waits = self._run.door.settings.retry_after
        tries = self._run.tries(reader)
        if tries > len(waits):
            return Outcome(reader.number, "deferred", problem)
        ready = self._run.now() + (0 if at_once and tries == 1 else jittered(waits[tries - 1]))
        self._again = reader._replace(ready=ready)
        return Outcome(reader.number, "deferred", problem, ready)
