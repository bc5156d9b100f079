"""Takes in what a record shows now: echoes of our writes, what an org made of them, and edits; it decides nothing.

Which is which follows from the values, not from who is said to have made them: a source that looks now and then sees an
edit and a write of ours as one change. What shows a value that we sent is an echo. What differs from it, was made by our
own user and can only come from that write is the org's rendering of it, and settled. Everything else is an edit. That
rests on `streams.reconcile.writes`: no write reaches a record of which a field that we ever sent has changed unseen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from schemas.messages import Changed
from streams.reconcile.state import Known, Said, Send, millis

ANSWER_MS = 10_000  # what another user changes so soon after a write of ours is taken for an automation's answer to it
# Of a busy record people edit several fields in both systems within seconds: what only may be an answer counts little.
SURE, SUSPECTED = 5, 1
TRIES = 2  # so often a value is sent that the org takes back
AMISS = -1  # tries, where the org was seen to make something else of what is sent: once more is enough


class Edit(NamedTuple):
    """A real change of one field."""

    name: str
    old: JsonValue
    new: JsonValue


# Whether a field is empty only because the record that it pointed to is gone; the old value is given.
Lost = Callable[[str, JsonValue], bool]


def absorb(
    known: Known, event: Changed, values: Mapping[str, JsonValue], lost: Lost, skew_s: float
) -> tuple[Known, list[Edit]]:
    """The record as it is known after the event, and what was really changed in it.

    A copy of another system's value is as old as that value, less a millisecond: so the original wins over its copies,
    and an edit on top of either is later, whatever the clocks of two systems say. Beyond that no edit is later than
    `skew_s` seconds after its change was published.
    """
    changed = {name: value for name, value in values.items() if known.values.get(name) != value}
    matches = {name: _match(known.sends.get(name), value, event.own) for name, value in changed.items()}
    # A user may have entered just what we have sent: only what our own user did says how far our writes have come.
    confirmed = max(matches.values(), default=0) if event.own else 0
    firsts = [known.sends[name].open[0].seq for name in changed if name in known.sends and known.sends[name].open]
    reach = confirmed or min(firsts, default=0)  # the latest write of ours that is sure to have been applied
    taken = _Taken(known, event, _made_at(event, skew_s), lost, confirmed)
    for name, value in changed.items():
        send = known.sends.get(name)
        if matches[name] and send is not None:
            taken.echo(name, send, matches[name])
        elif event.own and send is not None and send.open and send.open[0].seq <= reach:
            taken.rendering(name, send)
        else:
            taken.edit(name, value)
    for name, send in taken.sends.items() if event.version > known.version else ():
        if send.flight and name not in changed:
            taken.sends[name] = _not_shown(send, event.own, taken.reflected)
    return taken.after(values), taken.edits


@dataclass(slots=True)
class _Taken:
    """What one event comes to, field by field. `confirmed` is the latest write of ours that it shows, and `reflected`
    the latest whose effect is seen."""

    known: Known
    event: Changed
    made_at: int
    lost: Lost
    confirmed: int
    reflected: int = field(init=False)
    at: dict[str, int] = field(init=False)
    hops: dict[str, int] = field(init=False)
    sends: dict[str, Send] = field(init=False)
    undone: dict[str, Said] = field(init=False)
    edits: list[Edit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reflected, known = self.confirmed, self.known
        self.at, self.hops = dict(known.at), dict(known.hops)
        self.sends, self.undone = dict(known.sends), dict(known.undone)

    def echo(self, name: str, send: Send, seq: int) -> None:
        """The record shows what was sent."""
        shown = next(each for each in send.open if each.seq == seq)
        late = all(each.seq <= send.passed for each in send.open if each.held == shown.held)
        self._undo(name, late, shown.at - 1)
        self.at[name], self.hops[name] = shown.at - 1, shown.hops
        self.sends[name] = send.model_copy(update={"flight": False, "tries": 0, "settled": False})

    def rendering(self, name: str, send: Send) -> None:
        """The org made something else of what was sent: settled, unless it may be what it made of an earlier value."""
        latest = send.open[-1]
        self._undo(name, latest.seq <= send.passed, latest.at - 1)
        self.at[name], self.hops[name] = latest.at - 1, latest.hops
        self.reflected = max(self.reflected, latest.seq)
        same = all(each.held == latest.held for each in send.open)
        kept, tries = ((), 0) if same else ((latest,), AMISS)
        self.sends[name] = send.model_copy(update={"flight": False, "settled": same, "tries": tries, "open": kept})

    def edit(self, name: str, value: JsonValue) -> None:
        """Somebody, or an automation, has entered another value."""
        old, send = self.known.values.get(name), self.known.sends.get(name)
        self.edits.append(Edit(name, old, value))
        if send is not None:
            passed = {"flight": False, "tries": 0, "settled": False, "passed": self.known.seq}
            self.sends[name] = send.model_copy(update=passed)
        last = self.known.meant(name).at.get(name, -2)
        self.undone.pop(name, None)
        if value is None and self.lost(name, old):
            self.at.pop(name, None)
            self.hops.pop(name, None)
        else:
            self.at[name] = max(self.made_at, last + 2)
            self.hops[name] = _hops(self.known, self.event)

    def after(self, values: Mapping[str, JsonValue]) -> Known:
        """The record with all of it."""
        sends, wrote_at = self.sends, self.known.wrote_at
        if self.confirmed:
            sends = {name: _finished(send, self.confirmed) for name, send in sends.items()}
        if self.event.own and self.reflected:
            wrote_at = millis(self.event.occurred_at)
        update = {
            "version": max(self.event.version, self.known.version),
            "alive": True,
            "values": dict(values),
            "at": self.at,
            "hops": {name: count for name, count in self.hops.items() if count},
            "sends": sends,
            "undone": self.undone,
            "wrote_at": wrote_at,
        }
        return self.known.model_copy(update=update)

    def _undo(self, name: str, late: bool, at: int) -> None:
        """A write of ours has landed. One that an edit had passed over has undone what was put back after that edit."""
        meant = self.known.meant(name)
        if late and meant.at.get(name, at) > at:
            self.undone[name] = Said(meant.values.get(name), meant.at[name], meant.hops.get(name, 0))
        elif name in self.undone and at >= self.undone[name].at - 1:
            del self.undone[name]


def _made_at(event: Changed, skew_s: float) -> int:
    """When an edit was made: by the vendor's clock, as far as that may be ahead of ours."""
    at = millis(event.occurred_at)
    return at if event.seen_at is None else min(at, millis(event.seen_at) + round(skew_s * 1000))


def _match(send: Send | None, value: JsonValue, own: bool) -> int:
    """The first send that the value can be the echo of: what is uncertain counts as the older one.

    Sends that an edit has passed over reach the record only if what was there before comes back, and then as our own.
    """
    found = [] if send is None else [each.seq for each in send.open if each.held == value]
    passed = 0 if send is None or own else send.passed
    return min((seq for seq in found if seq > passed), default=0)


def _hops(known: Known, event: Changed) -> int:
    """How many answers of automations have led here, if an edit in this event is one; a sure one counts `SURE`."""
    if not known.seq:
        return 0
    if event.own:
        return known.sent_hops + SURE
    flying = any(send.flight for send in known.sends.values())
    soon = known.wrote_at and millis(event.occurred_at) - known.wrote_at <= ANSWER_MS
    return known.sent_hops + SUSPECTED if flying or soon else 0


def _not_shown(send: Send, own: bool, reflected: int) -> Send:
    """A newer state of the record without the value: it was overtaken, refused or taken back, or is still to come."""
    earlier = bool(reflected and send.open and send.open[-1].seq > reflected)  # the state is that of an earlier write
    if not own or earlier:
        return send.model_copy(update={"flight": False})
    tries = send.tries + 1
    settled = tries in {AMISS + 1, TRIES}
    kept = () if settled else send.open
    return send.model_copy(update={"flight": False, "tries": tries, "settled": settled, "open": kept})


def _finished(send: Send, confirmed: int) -> Send:
    """Writes to a record keep their order: with one shown, those before it have come to their end."""
    kept = tuple(each for each in send.open if each.seq > confirmed)
    return send if len(kept) == len(send.open) else send.model_copy(update={"open": kept})
