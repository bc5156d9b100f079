"""Which touches each record and fact proves, in words that a partner manager understands; it remembers nothing.

A fact is told anew whole, in order, by whoever decides it: its last word counts. What follows from it here is no more than
what it says now, so that a fact that was lost is set right by the next one about the same thing.
"""

from datetime import datetime
from typing import Any

from schemas.entities import OverlapStatus, Relation
from schemas.marketplace import OfferState, ReviewStatus
from schemas.messages import (
    CertificationDecided,
    CertificationStatus,
    LeadRouted,
    OfferLinkDecided,
    OverlapDecided,
    RegistrationDecided,
    RouteState,
    SignalChanged,
    TouchKind,
    identity,
    record_ref,
)
from schemas.partners import RegistrationStatus, SignalKind
from streams.attribution.book import Setup
from streams.attribution.state import Touch, start_of

TAKEN = frozenset({RouteState.ACCEPTED, RouteState.WORKING, RouteState.CONVERTED, RouteState.WON, RouteState.LOST})
# An approval that has lapsed was one; one that was withdrawn, refused or given back to the pool is none.
APPROVED = frozenset(
    {RegistrationStatus.APPROVED, RegistrationStatus.CONVERTED, RegistrationStatus.LOST, RegistrationStatus.EXPIRED}
)
OFFERED = frozenset(
    {
        OfferState.RELEASED, OfferState.ACCEPTED, OfferState.ENDED, OfferState.RENEWED, OfferState.REPLACED,
        OfferState.TERMINATED,
    }
)  # fmt: skip


def _touch(kind: TouchKind, ref: str, named: str, at: datetime, words: str, **more: Any) -> Touch:
    """Its name is of what proves it and of the partner as that names it: another partner's is another touch."""
    name = identity("touch", kind, ref, named)
    return Touch(
        **{"name": name, "kind": kind, "ref": ref, "named": named, "at": at, "words": words, "same": name, **more}
    )


def of_overlap(it: OverlapDecided) -> list[Touch]:
    """An overlap that stands, of the same company; it is dated by when it was first seen."""
    overlap = it.overlap
    if overlap.status is not OverlapStatus.ACTIVE or overlap.relation is not Relation.SAME:
        return []
    words = f"{overlap.partner_name} has the company too, as {overlap.partner_account_name!r}."
    return [
        _touch(
            TouchKind.OVERLAP,
            overlap.key,
            overlap.partner,
            overlap.first_seen,
            words,
            given=overlap.partner_name,
            accounts=(record_ref(it.connection, "account", overlap.account),),
            same=identity("overlap", overlap.partner, overlap.partner_account),
        )
    ]


def of_lead(it: LeadRouted) -> list[Touch]:
    """A partner brought the lead, or has accepted it from us; either ends where somebody disqualifies it."""
    if it.state is RouteState.CLOSED:
        return []
    about: dict[str, Any] = {"accounts": _some(it.account), "deal": it.deal}
    found, lead = [], it.inputs
    if lead is not None and lead.partner:
        home, at = it.lead.split("/", 1)[0], lead.created_at
        words = f"The lead {it.name} came from the partner."
        more = {**about, "home": home, "dated": at is not None, "name": identity("brought", it.lead, lead.partner)}
        more["same"] = more["name"]
        found.append(_touch(TouchKind.LEAD, it.lead, lead.partner, at or it.decided_at, words, **more))
    if it.partner and it.state in TAKEN:
        words = f"The partner has accepted the lead {it.name}."
        more = {**about, "given": it.partner_name or "", "dated": False}
        found.append(_touch(TouchKind.LEAD, it.lead, it.partner, it.decided_at, words, **more))
    return found


def of_registration(it: RegistrationDecided) -> list[Touch]:
    """A registration that was approved; it is dated by the approval."""
    if it.approved_at is None or it.status not in APPROVED:
        return []
    words = f"The partner's registration {it.name} was approved."
    about = {"given": it.partner_name, "accounts": _some(it.account), "deal": it.deal}
    return [_touch(TouchKind.REGISTRATION, it.registration, it.partner, it.approved_at, words, **about)]


def of_offer_link(it: OfferLinkDecided, setup: Setup) -> list[Touch]:
    """The cloud vendor has approved to co-sell the deal; a private offer of its marketplace is out. Told with the fact."""
    cloud, found = setup.rules.cloud, []
    about = {"given": cloud.name, "deal": it.deal, "dated": False}
    if it.cosell is not None and it.cosell_status is ReviewStatus.APPROVED:
        words = f"{cloud.name} has approved to co-sell the deal."
        found.append(_touch(TouchKind.COSELL, it.cosell, cloud.partner, it.decided_at, words, **about))
    if it.offer is not None and it.state in OFFERED:
        words = f"A private offer for the deal is out in {cloud.name}'s marketplace."
        found.append(_touch(TouchKind.OFFER, it.offer, cloud.partner, it.decided_at, words, **about))
    return found


def of_certification(it: CertificationDecided) -> list[Touch]:
    """Somebody at the partner was certified; it names no account, and counts where the partner has another touch."""
    if it.partner is None or it.status is CertificationStatus.REVOKED:
        return []
    ref = next(iter(it.evidence), f"{it.email}/{it.program}")
    words = f"{it.email} was certified: {it.name}."
    name = identity("touch", TouchKind.TRAINING, it.email, it.program, it.issued_on.isoformat(), it.partner)
    return [_touch(TouchKind.TRAINING, ref, it.partner, start_of(it.issued_on), words, name=name, same=name)]


def of_signal(it: SignalChanged, setup: Setup) -> list[Touch]:
    """A partner network told that the partner opened or won a deal of its own with the account.

    The network names the account by its id in our CRM, and not the CRM: it is looked for in each.
    """
    signal = it.record
    if signal is None or not signal.account:
        return []
    verb = "won" if signal.kind is SignalKind.DEAL_WON else "opened"
    what = f" ({signal.deal_name})" if signal.deal_name else ""
    words = f"The partner has {verb} a deal of its own with the account{what}."
    accounts = tuple(record_ref(crm, "account", signal.account) for crm in setup.connected.crms)
    return [_touch(TouchKind.SIGNAL, it.ref, signal.partner, signal.at, words, home=it.connection, accounts=accounts)]


def _some(ref: str | None) -> tuple[str, ...]:
    return () if ref is None else (ref,)
