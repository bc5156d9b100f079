"""Ties solutions and private offers to opportunities, after reading what is tied already; it never ties one twice.

AssociateOpportunity has neither token nor conflict (botocore's model), so each write looks first. An opportunity has
one offer or one offer set: another one takes its place by Disassociate and Associate. A repeat after a crash between
the two finishes the swap; where AWS refuses the new one for good, the old one is put back.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from connectors.aws.errors import Refused
from connectors.aws_partner_central import refusals
from connectors.aws_partner_central.central import OFFER_SETS, OFFERS, SOLUTIONS, Central, Denied
from connectors.aws_partner_central.locks import CLOSED, spelt
from connectors.aws_partner_central.opportunities import BUSY_S, absent, locked
from connectors.aws_partner_central.opportunity import Nested
from connectors.aws_partner_central.validation import INVALID
from connectors.base import Applied, Outcome, Overtaken, Rejected
from connectors.judging import overtaken
from mappings.table import EntityMap
from schemas.messages import Write

NAMED = re.compile(r"arn:aws[a-z-]*:aws-marketplace:[a-z]{2}(-[a-z]+)+-\d:\d{12}:AWSMarketplace/(Offer|OfferSet)/\S+")
KINDS = {OFFERS: "Offer", OFFER_SETS: "OfferSet"}
ASSOCIATE, DISASSOCIATE = "AssociateOpportunity", "DisassociateOpportunity"
LINKED = "give an offer of the Marketplace seller account that is linked to Partner Central"


class Tied(NamedTuple):
    """One thing that an opportunity is tied to."""

    kind: str
    id: str


class Associations:
    """Writes of the entities `cosell_solution` and `cosell_offer`."""

    def __init__(self, central: Central, clock: Callable[[], datetime]) -> None:
        self._central, self._clock = central, clock
        self._taken: dict[str, Sequence[Tied]] = {}

    def solution(self, table: EntityMap, write: Write) -> Outcome:
        """Ties one solution, beside those that are tied."""
        wanted = table.to_vendor(write.fields).get(SOLUTIONS)
        if not isinstance(wanted, str):
            return Rejected(INVALID, "solution: it is missing.", "give the solution's id, as S-0000001", "solution")
        latest = self._central.opportunity(write.key)
        if latest is None:
            return absent(write, self._clock())
        if wanted in _related(latest, SOLUTIONS):
            return Applied(write.key, changed=False)
        failed = self._call(table, ASSOCIATE, write.key, Tied(SOLUTIONS, wanted))
        return Applied(write.key) if failed is None else self._said(failed, latest)

    def offer(self, table: EntityMap, write: Write) -> Outcome:
        """Ties one offer or offer set in place of what is tied, or unties what is."""
        values = table.to_vendor(write.fields)
        wanted = [Tied(kind, str(value)) for kind, value in values.items() if value is not None]
        wrong = _wrong(table, wanted)
        if wrong is not None:
            return wrong
        latest = self._central.opportunity(write.key)
        if latest is None:
            return absent(write, self._clock())
        tied = [Tied(kind, id_) for kind in KINDS for id_ in _related(latest, kind)]
        # An offer leaves no room for a set; nothing that a write does not name is untied for nothing.
        others = [each for each in tied if each not in wanted and (wanted or each.kind in values)]
        missing = [each for each in wanted if each not in tied]
        if not others and not missing:
            self._taken.pop(write.key, None)
            return Applied(write.key, changed=False)
        half_done = bool(missing) and not tied
        beaten = None if half_done else overtaken(table, write, _row(latest))
        return beaten or self._swap(table, write, latest, others, missing)

    def look(self, table: EntityMap, write: Write) -> Mapping[str, JsonValue] | None:
        """What is tied, in the fields of a write."""
        latest = self._central.opportunity(write.key)
        if latest is None:
            return None
        if write.entity == "cosell_solution":
            wanted = write.fields.get("solution")
            return {"solution": wanted if wanted in _related(latest, SOLUTIONS) else None}
        found = table.to_fields(_row(latest))
        return {name: found.get(name) for name in write.fields}

    def _swap(self, table: EntityMap, write: Write, latest: Nested, others: list[Tied], missing: list[Tied]) -> Outcome:
        former = others or self._taken.get(write.key) or _expected(table, write, missing)
        self._taken[write.key] = former
        for each in others:
            failed = self._call(table, DISASSOCIATE, write.key, each)
            if isinstance(failed, Rejected):
                del self._taken[write.key]
            if failed is not None:
                return self._said(failed, latest)
        for each in missing:
            failed = self._call(table, ASSOCIATE, write.key, each)
            if isinstance(failed, Rejected):
                failed = self._put_back(table, write, former, failed)
            if failed is not None:
                return self._said(failed, latest)
        del self._taken[write.key]
        return Applied(write.key)

    def _put_back(self, table: EntityMap, write: Write, former: Sequence[Tied], failed: Rejected) -> Outcome:
        for each in former:
            refused = self._call(table, ASSOCIATE, write.key, each)
            if isinstance(refused, Rejected):
                del self._taken[write.key]
                lost = f"{each.id}, which was tied before, could not be put back: {refused.reason}"
                remedy = f"tie {each.id} again by hand; {failed.remedy}"
                return Rejected(failed.code, f"{failed.reason}; and {lost}", remedy, failed.field)
            if refused is not None:
                return refused
        del self._taken[write.key]
        return failed

    @staticmethod
    def _said(failed: Outcome, latest: Nested) -> Outcome:
        """A refusal while the review has locked the opportunity waits for the review."""
        review = latest.get("LifeCycle", {}).get("ReviewStatus")
        return Overtaken(locked(review)) if isinstance(failed, Rejected) and spelt(review) in CLOSED else failed

    def _call(self, table: EntityMap, operation: str, id_: str, each: Tied) -> Outcome | None:
        """Why it failed; None where it is done."""
        field = next((name for name, it in table.fields.items() if it.vendor == each.kind), None)
        try:
            self._central.write(
                operation, OpportunityIdentifier=id_, RelatedEntityType=each.kind, RelatedEntityIdentifier=each.id
            )
        except Denied as denied:
            return Rejected("AccessDeniedException", str(denied), LINKED, field)
        except Refused as refused:
            said = refusals.outcome(table, refused, BUSY_S)
            if self._is_so(operation, id_, each):
                return None
            if isinstance(said, Rejected) and said.field is None:
                return Rejected(said.code, said.reason, said.remedy, field)
            return said
        return None

    def _is_so(self, operation: str, id_: str, each: Tied) -> bool:
        """Whether what was refused is as it was asked for: somebody was faster, or the first reading was old."""
        latest = self._central.opportunity(id_) or {}
        return (each.id in _related(latest, each.kind)) is (operation == ASSOCIATE)


def _wrong(table: EntityMap, wanted: Sequence[Tied]) -> Rejected | None:
    if len(wanted) > 1:
        reason = "an opportunity has one offer or one offer set, not both."
        return Rejected(INVALID, reason, "leave one of them empty", "offer_set")
    for each in wanted:
        found = NAMED.fullmatch(each.id)
        if found is None or found[2] != KINDS[each.kind]:
            field = next(name for name, it in table.fields.items() if it.vendor == each.kind)
            remedy = f"give arn:aws:aws-marketplace:<region>:<seller>:AWSMarketplace/{KINDS[each.kind]}/<id>"
            return Rejected(INVALID, f"{field}: {each.id!r} is no full name of the catalog.", remedy, field)
    return None


def _related(latest: Nested, kind: str) -> Sequence[str]:
    return latest.get("RelatedEntityIdentifiers", {}).get(kind) or ()


def _row(latest: Nested) -> dict[str, object]:
    return {kind: next(iter(_related(latest, kind)), None) for kind in KINDS}


def _expected(table: EntityMap, write: Write, missing: Sequence[Tied]) -> Sequence[Tied]:
    """What the decision took to be tied: after a crash between the two calls nothing else remembers it."""
    known = {name: value for name, value in (write.expected or {}).items() if name in table.writable}
    tied = [Tied(kind, str(value)) for kind, value in table.to_vendor(known).items() if value is not None]
    return [each for each in tied if each not in missing]
