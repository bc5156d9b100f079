"""How far a private offer has come, told from what was last read and from the day; it remembers and sends nothing.

Marketplaces know an offer only as a draft or as released; everything else follows from the change set, the last day to
accept, and the agreements. An offer whose day is over looks the same whether it ran out or was cancelled: it is cancelled
where our own command moved the day, or where the day was seen to be cut short between two reads. While the chain of
agreements goes on within the deal, the deal stays accepted with the newer agreement. That a buyer looked at an offer is
told by no marketplace, so it is no state.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from schemas.marketplace import AgreementStatus as A
from schemas.marketplace import ChangeSetStatus
from schemas.marketplace import OfferState as S
from streams.offers.chain import Chain
from streams.offers.parts import OfferCard
from streams.offers.state import AgreementRow

ENDS: Mapping[A, tuple[S, str]] = {
    A.ACTIVE: (S.ACCEPTED, "is active"),
    A.EXPIRED: (S.ENDED, "came to its last day"),
    A.ARCHIVED: (S.ENDED, "has ended, and the marketplace names no reason"),
    A.RENEWED: (S.RENEWED, "was renewed into a new one"),
    A.REPLACED: (S.REPLACED, "was replaced through another offer"),
    A.SUPERSEDED: (S.REPLACED, "was superseded by another revision"),
    A.CANCELLED: (S.TERMINATED, "was cancelled by the buyer before its last day"),
    A.TERMINATED: (S.TERMINATED, "was terminated by the marketplace, as for a payment that failed"),
    A.ROLLED_BACK: (S.TERMINATED, "was rolled back by the marketplace because of an error"),
}
AT_WORK = (ChangeSetStatus.PREPARING, ChangeSetStatus.APPLYING, ChangeSetStatus.SUCCEEDED)


class Observed(NamedTuple):
    """The state, why it is so in words, and the id of the change that was read."""

    state: S | None
    reason: str = ""
    cause: str = ""


NOTHING = Observed(None)


def observed(chain: Chain, today: date) -> Observed:
    """The state of a link. `today` is the day in UTC; the last day to accept counts in full."""
    current = chain.current
    if current is not None:
        return _agreed(current, chain.replaced)
    if chain.offer is not None and chain.offer.alive:
        return _offered(chain.offer, chain.cancelled, today)
    if chain.offer is not None:
        return Observed(S.CANCELLED, "The marketplace no longer has the offer.", chain.offer.change)
    if chain.made:
        return _making(chain)
    row = chain.authorization
    if not chain.linked and row is not None and row.record.status == "active":
        who = row.record.reseller_name or row.record.reseller_account or "the reseller"
        return Observed(S.PARTNER_ACTION, f"{row.record.name} authorises {who}, and there is no offer yet.", row.change)
    return NOTHING


def _agreed(row: AgreementRow, goes_on: bool) -> Observed:
    state, words = ENDS[row.record.status]
    if goes_on and state in {S.REPLACED, S.RENEWED}:
        words += ", which belongs to another deal"
    return Observed(state, f"Agreement {row.record_id} {words}.", row.change)


def _offered(card: OfferCard, cancelled: date | None, today: date) -> Observed:
    last = card.offer.accept_by
    over = last is not None and last < today
    if over and cancelled is not None and last is not None and last <= cancelled:
        return Observed(S.CANCELLED, f"We moved the last day to accept it to {last}.", card.change)
    if not card.offer.released:
        return Observed(S.DRAFT, f"Offer {card.record_id} is a draft.", card.change)
    if over and card.shortened:
        return Observed(S.CANCELLED, f"Its last day to accept was cut short to {last}.", card.change)
    if over:
        return Observed(S.EXPIRED, f"Its last day to accept was {last}, and there is no agreement.", card.change)
    until = f" until {last}" if last else ""
    return Observed(S.RELEASED, f"Offer {card.record_id} can be accepted{until}.", card.change)


def _making(chain: Chain) -> Observed:
    row, sent = chain.change_set, chain.creation
    if row is not None and row.record.status in AT_WORK:
        return Observed(S.CREATING, f"Change set {row.record_id} is {row.record.status}.", row.change)
    if row is not None:
        return Observed(S.CREATE_FAILED, f"Change set {row.record_id} is {row.record.status}.", row.change)
    if sent is not None and sent.status == "rejected":
        return Observed(S.CREATE_FAILED, f"The marketplace refused the request: {sent.reason}", sent.write)
    return Observed(S.CREATING, "The request to make the offer is on its way.", "" if sent is None else sent.write)
