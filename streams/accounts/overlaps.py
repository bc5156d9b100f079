"""From matching pairs to overlaps: what the rep sees on one of our accounts; it never looks for accounts to compare.

For each partner the best matching account stands for the overlap, so that an account has one overlap per partner, under
one external id, whatever order the evidence arrived in. A person's ruling outweighs the evidence, and stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import TypeAdapter

from mappings.icp import Icp
from schemas import topics
from schemas.entities import Overlap, OverlapStatus, Population, Relation
from schemas.messages import AccountCard, RulingGiven, identity
from streams import ecosystem
from streams.accounts import mirror
from streams.accounts.mirror import Sharing
from streams.accounts.ours import VERDICTS, Event, Ours, Pair, moved, standing, taken
from streams.accounts.telling import Why, emissions, reviews, rolled_up, rulings, written
from streams.decision import NOTHING, Decision, Emission, KeyState, Step

ROW = ""
NAMED_OTHERS = 3  # so many further matches of one partner are named, the rest counted
Shown = Literal["linked", "shown"]


@dataclass(frozen=True)
class Setup:
    """A deployment: what it calls its partners (partner key to display name), and what becomes of overlaps.

    `write`: the overlaps that are written to the CRM, all that are shown or those that nobody has to confirm.
    """

    names: Mapping[str, str]
    sharing: Sharing = field(default_factory=Sharing)
    icp: Icp | None = None
    write: Shown = "shown"


class Overlaps:
    """The decision."""

    def __init__(self, setup: Setup) -> None:
        self._setup, self._sharing = setup, setup.sharing

    def decide(self, state: KeyState[Ours], event: Event) -> Decision:
        """Take the evidence in, then say what has changed for the account."""
        if isinstance(event, RulingGiven) and (event.ruling not in VERDICTS or len(event.refs) != 2):
            return NOTHING
        known = state.get(ROW) or Ours()
        now = taken(known, event)
        if now is known:
            return NOTHING
        why = Why(event.id if isinstance(event, RulingGiven) else event.cause, event.at)
        at = max(known.at or event.at, event.at)
        now = now.model_copy(update={"doubted": moved(now)})
        shown = standing(now)
        wanted = self._wanted(now, now.card, shown, at) if now.card else {}
        overlaps = dict(self._merged(now, wanted, at))
        told = {
            "at": at,
            "overlaps": overlaps,
            "summary": rolled_up(now, overlaps, self._setup.icp, self._setup.write),
        }
        decided = now.model_copy(update=told)
        decided = decided.model_copy(update={"shared": dict(self._shared(decided, shown))})
        said = [*emissions(known, decided, why, self._setup.write), *self._theirs(known, decided, shown, why)]
        return Decision({ROW: decided}, [*said, *rulings(event), *reviews(known, decided, why)])

    def _shared(self, ours: Ours, shown: Mapping[str, Pair]) -> Iterable[tuple[str, str]]:
        """The party and its connection for each overlap that may be shown in a partner's system."""
        for ref, pair in shown.items():
            overlap, connection = ours.overlaps.get(pair.party), ref.partition("/")[0]
            if overlap is None or not written(overlap, self._setup.write):
                continue
            if overlap.partner_account == pair.card.record_id and self._sharing.takes(connection, ours.connection):
                yield pair.party, connection

    def _theirs(self, before: Ours, now: Ours, shown: Mapping[str, Pair], why: Why) -> Iterable[Emission]:
        """What sharing is to decide over, as far as it has changed."""
        for party in sorted({*before.shared, *now.shared}):
            old, new = before.shared.get(party), now.shared.get(party)
            if old is not None and old != new:
                yield mirror.withdrawn(party, old, now.ref, why)
            if new is None or now.card is None:
                continue
            overlap = now.overlaps[party]
            if (old, before.overlaps.get(party), before.card) != (new, overlap, now.card):
                theirs = next(ref for ref, pair in shown.items() if _stands_for(pair, party, new, ref, overlap))
                yield mirror.offered(party, new, now.ref, theirs, overlap, now.card, why)

    def _wanted(self, ours: Ours, card: AccountCard, shown: Mapping[str, Pair], at: datetime) -> dict[str, Overlap]:
        """The overlap of each party that has a match which it does not hide from us."""
        parties: dict[str, list[Pair]] = {}
        for pair in shown.values():
            if self._sharing.received(pair.party, pair.card.population):
                parties.setdefault(pair.party, []).append(pair)
        return {party: self._overlap(ours.ref, card, party, pairs, at) for party, pairs in parties.items()}

    def _overlap(self, ref: str, card: AccountCard, party: str, pairs: list[Pair], at: datetime) -> Overlap:
        best, *others = sorted(pairs, key=_weakness)
        partner = party.removeprefix("partner:")
        same = [pair for pair in (best, *others) if pair.relation == best.relation]
        return Overlap(
            key=identity(ref, party),
            account=card.record_id,
            partner=partner,
            partner_name=self._setup.names.get(partner, partner),
            partner_account=best.card.record_id,
            partner_accounts=tuple(sorted({pair.card.record_id for pair in same})),
            partner_account_name=best.card.name,
            partner_account_website=best.card.website,
            partner_owner_name=best.card.owner_name,
            our_population=Population(card.population),
            partner_population=Population(best.card.population),
            relation=Relation(best.relation),
            confidence=best.confidence,
            reasons=(*best.reasons, *_others(others)),
            main_reason=best.reasons[0] if best.reasons else "",
            status=OverlapStatus.ACTIVE,
            first_seen=at,
            last_changed=at,
            band=best.band,
            kin=best.kin,
        )

    def _merged(self, ours: Ours, wanted: Mapping[str, Overlap], at: datetime) -> Iterable[tuple[str, Overlap]]:
        """Every overlap that ever was, as it stands now: unchanged, changed, new, ended or come back."""
        for party in sorted({*ours.overlaps, *wanted}):
            old, new = ours.overlaps.get(party), wanted.get(party)
            if new is not None:
                yield party, self._changed(old, new, ours, at)
            elif old is not None:
                ended = {"status": OverlapStatus.ENDED, "ended_on": at, "last_changed": at}
                yield party, old if old.status is OverlapStatus.ENDED else old.model_copy(update=ended)

    def _changed(self, old: Overlap | None, new: Overlap, ours: Ours, at: datetime) -> Overlap:
        if old is None:
            return self._told(new, None, ours)
        kept = new.model_copy(update={"first_seen": old.first_seen, "last_changed": old.last_changed})
        if self._told(kept, old, ours) == old:
            return old
        return self._told(kept.model_copy(update={"last_changed": at}), old, ours)

    def _told(self, overlap: Overlap, old: Overlap | None, ours: Ours) -> Overlap:
        """With its fit and what the partner's side says for it, where the deployment has a customer profile."""
        if self._setup.icp is None or ours.card is None:
            return overlap
        return ecosystem.told(overlap, old, ours.card, self._setup.icp)


def _stands_for(pair: Pair, party: str, connection: str, ref: str, overlap: Overlap) -> bool:
    found = (pair.party, ref.partition("/")[0], pair.card.record_id)
    return found == (party, connection, overlap.partner_account)


def _weakness(pair: Pair) -> tuple[bool, float, str]:
    return (pair.relation != Relation.SAME, -pair.confidence, pair.card.record_id)


def _others(others: list[Pair]) -> Iterable[str]:
    for relation, verb in ((Relation.SAME, "also matches"), (Relation.RELATED, "also related:")):
        found = [f"'{pair.card.name}'" for pair in others if pair.relation == relation]
        if found:
            more = len(found) - NAMED_OTHERS
            yield f"{verb} " + ", ".join(found[:NAMED_OTHERS]) + (f" and {more} more" if more > 0 else "")


def step(setup: Setup) -> Step:
    """The step of a deployment."""
    return Step("accounts.overlaps", topics.MATCH_PAIRS, TypeAdapter(Ours), cast(Any, Overlaps(setup).decide))
