"""Decides, for one partner in one order, what stands in its system: what was offered, through the gate; it compares nothing.

Everything that could change what leaves comes by here: an overlap, the partner's list, a ruling, another policy. A ruling or
another policy is decided over all shares again, a part of them at a time: one decision stays small however many there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas import topics
from schemas.messages import (
    AccountListed,
    OverlapOffered,
    Ruling,
    RulingGiven,
    ShareDecided,
    SharesReviewed,
    ShareVerdict,
    identity,
)
from streams.decision import NOTHING, Decision, Emission, KeyState
from streams.sharing import caps, state
from streams.sharing.gate import Gate
from streams.sharing.policy import Consent, Terms, given
from streams.sharing.settling import Asked, Listing, settled
from streams.sharing.state import STANDING, Listed, Meets, Part, Row, Shown, Standing

AT_ONCE = 200  # so many shares are decided again in one step
HEX = "0123456789abcdef"
Event = OverlapOffered | AccountListed | SharesReviewed | RulingGiven
PARTY = "partner:"


@dataclass(frozen=True, slots=True)
class Sharings:
    """The decision, for a deployment that `company` is what partners call, with these terms by partner key."""

    company: str
    terms: Mapping[str, Terms]

    def decide(self, state: KeyState[Row], event: Event) -> Decision:
        """What follows from one event for one partner. One that is no partner's any more, or never was, is left alone."""
        partner = partner_of(event)
        terms = self.terms.get(partner)
        if terms is None:
            return NOTHING
        turn = _Turn(state, terms, self.company, event)
        turn.take()
        return Decision(turn.rows, turn.said)


def partner_of(event: Event) -> str:
    """The partner's key."""
    if isinstance(event, RulingGiven):
        return event.partner or ""
    return event.party.removeprefix(PARTY)


class _Turn:
    """One event: the rows that it changes and what is said."""

    def __init__(self, state: KeyState[Row], terms: Terms, company: str, event: Event) -> None:
        self.state, self.terms, self.company, self.event = state, terms, company, event
        self.rows: dict[str, Part | None] = {}
        self.said: list[Emission] = []
        found = state.get(STANDING)
        self.standing = found if isinstance(found, Standing) else Standing()

    def take(self) -> None:
        """Take the event in."""
        before = self.standing
        if before.policy != self.terms.digest:
            self.standing = before.model_copy(update={"policy": self.terms.digest})
            self._review("")
        if isinstance(self.event, OverlapOffered):
            self._offered(self.event)
        elif isinstance(self.event, AccountListed):
            self._listed(self.event)
        elif isinstance(self.event, RulingGiven):
            self._ruled(self.event)
        elif not self.event.started:
            self._reviewed(self.event)
        if self.standing != before:
            self.rows[STANDING] = self.standing

    def _offered(self, event: OverlapOffered) -> None:
        name = state.shown(event)
        found = self.state.get(name)
        before = found if isinstance(found, Shown) else None
        old = before.offer.theirs if before else None
        if old is not None and old != event.theirs:
            self.rows[state.meets(old, event)] = None
        if event.theirs is not None and old != event.theirs:
            self.rows[state.meets(event.theirs, event)] = Meets()
        self._settle(name, before, (before or Shown(offer=event)).model_copy(update={"offer": event}))

    def _listed(self, event: AccountListed) -> None:
        name = state.listed(event.ref)
        found = self.state.get(name)
        row = found if isinstance(found, Listed) else None
        if not event.present:
            if row is not None:
                self.standing = caps.gone(self.standing, row, event)
                self.rows[name] = None
            return
        self.standing, self.rows[name], why = caps.taken(self.terms.caps, self.standing, row, event)
        if why is not None:
            self._held(why)
        self._settle_those_with(event.ref)

    def _settle_those_with(self, theirs: str) -> None:
        """Those overlaps of an account of the partner that waited for it to be listed."""
        prefix = state.met_by(theirs)
        names = [state.SHOWN + name[len(prefix) :] for name in self.state.scan(prefix, AT_ONCE + 1)]
        if len(names) > AT_ONCE:
            self._review("")
            return
        for name in names:
            self._again(name, self.state.get(name))

    def _held(self, why: str) -> None:
        told = caps.worth_telling(self.standing)
        if told is not None:
            reasons = (why, f"so far {self.standing.held} are held back; `tandem sharing release` lets them through")
            self._tell(ShareVerdict.CAPPED, count=self.standing.held, reasons=reasons)
            self.standing = told

    def _ruled(self, event: RulingGiven) -> None:
        verdict, consent, count = _ruling(event, self.standing)
        if verdict is None:
            return
        if verdict is ShareVerdict.RELEASED:
            self.standing = caps.released(self.standing)
        self.standing = self.standing.model_copy(update={"consent": consent, "ruled_at": event.at})
        self._tell(verdict, count=count, by=event.by, reasons=(event.note,) if event.note else ())
        self._review("")

    def _reviewed(self, event: SharesReviewed) -> None:
        rows = self.state.scan(state.SHOWN + event.part, AT_ONCE + 1)
        if len(rows) > AT_ONCE:
            for digit in HEX:
                self._review(event.part + digit)
            return
        for name, row in rows.items():
            self._again(name, row)

    def _review(self, part: str) -> None:
        event_id = _cause(self.event)
        party = PARTY + self.terms.partner
        again = SharesReviewed(party=party, part=part, cause=event_id, at=self.event.at)
        said = identity(party, "review", part, event_id, str(len(self.said)))
        self.said.append(Emission(topics.SHARING_CHANGES, party, again, said))

    def _again(self, name: str, row: Row | None) -> None:
        if isinstance(row, Shown):
            self._settle(name, row, row)

    def _settle(self, name: str, before: Shown | None, now: Shown) -> None:
        gate = Gate(self.terms, self.company, self.standing.consent)
        at = max(self.event.at, self.standing.ruled_at or self.event.at)
        found = settled(Asked(gate, _cause(self.event), at, self._listing), now)
        if found.row != before:
            self.rows[name] = None if found.row.fields is None and found.row.offer.overlap is None else found.row
        for message in found.writes:
            self.said.append(Emission(topics.writes(message.connection), message.record, message, message.id))
        if found.verdict is not None:
            self._tell(found.verdict, **found.about)

    def _listing(self, theirs: str) -> Listing | None:
        """How an account of the partner is listed; none: it is not on its list, as far as is known."""
        name = state.listed(theirs)
        found = self.rows[name] if name in self.rows else self.state.get(name)
        return Listing(found.at, caps.is_held(self.standing, found)) if isinstance(found, Listed) else None

    def _tell(self, verdict: ShareVerdict, **about: object) -> None:
        cause = _cause(self.event)
        said_id = identity(self.terms.partner, verdict, str(about.get("ref") or ""), cause)
        fact = ShareDecided.model_validate(
            {
                "id": said_id,
                "partner": self.terms.partner,
                "verdict": verdict,
                "causes": (cause,),
                "decided_at": self.event.at,
                **about,
            }
        )
        self.said.append(Emission(topics.SHARES, self.terms.partner, fact, said_id))


def _cause(event: Event) -> str:
    return event.id if isinstance(event, RulingGiven) else event.cause


def _ruling(event: RulingGiven, now: Standing) -> tuple[ShareVerdict | None, Consent, int | None]:
    """What a ruling means; none: nothing, as it is of another kind or told already."""
    said, consent = given(event.by, event.at), now.consent
    if event.ruling is Ruling.CONSENT_SHARING:
        after = Consent(theirs=consent.theirs or said)
        return (None if after == consent else ShareVerdict.CONSENTED), after, None
    if event.ruling is Ruling.REVOKE_SHARING:
        after = Consent(withdrawn=consent.withdrawn or said)
        return (None if after == consent else ShareVerdict.WITHDRAWN), after, None
    if event.ruling is Ruling.RELEASE_SHARING and now.held:
        return ShareVerdict.RELEASED, consent, now.held
    return None, consent, None
