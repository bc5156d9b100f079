"""Why the marketplace refused, in words that a seller understands: which field of the deal it is, and what to do.

Marketplaces name what was wrong by a code, the change that it befell, and a sentence for engineers; there is no list of
the codes. So the first row of the table whose pattern is found in any of them explains it, and the marketplace's own words
go along. Where no row fits, they stand alone.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from streams.offers.parts import Problem


class Wording(NamedTuple):
    """What a pattern found in the marketplace's words means."""

    pattern: re.Pattern[str]
    field: str
    reason: str
    remedy: str


def _row(pattern: str, field: str, reason: str, remedy: str) -> Wording:
    return Wording(re.compile(pattern, re.IGNORECASE), field, reason, remedy)


# The more special first: the sentences name several things at once.
TABLE = (
    _row(r"service.?linked.?role|iam.?role|AWSServiceRoleForMarketplaceResale", "resale_authorization",
         "The role that lets resale authorisations be shared is missing in the reseller's or the manufacturer's account.",
         "Both have to set up the service-linked role for resale authorisations in the Marketplace management portal."),
    _row(r"resale.?authori[sz]ation", "resale_authorization", "The resale authorisation cannot be used.",
         "See that it is active, for this product and buyer, and not used up; else ask the manufacturer for a new one."),
    _row(r"idempoten|client.?request.?token", "offer_request", "This request was made before with other values.",
         "Change the deal and ask again; if it stays, tell whoever runs the hub."),
    _row(r"throttl|rate exceeded|too many requests|quota|limit ?exceeded|RETRIES_EXHAUSTED|unavailable|timed? ?out",
         "offer_request", "The marketplace was too busy.", "Nothing is wrong with the deal; ask again later."),
    _row(r"resource.?in.?use|locked|already being (processed|modified)|pending change", "offer_request",
         "Another change of this offer or product is at work.", "Wait until it is over, then ask again."),
    _row(r"access.?denied|not authori[sz]ed|forbidden|not permitted", "offer_request",
         "Our marketplace account may not do this.", "Tell whoever runs the hub: permissions or seller terms are missing."),
    _row(r"eula|legal.?term|document.*(url|version)", "eula", "The terms of use were not taken.",
         "Have `eula` in offers.toml checked: the version exists, or the address can be read by the marketplace."),
    _row(r"dimension|grant|max.?quantity|entitlement", "grants",
         "A dimension or quantity is not one of the product's.",
         "Use the product's own dimension keys, as `seats=40`; they are case-sensitive."),
    _row(r"schedule|installment|charge.?(date|amount)|UpdatePaymentScheduleTerms", "schedule",
         "The payment schedule was not taken.",
         "See that the days lie within the agreement, none is past, and the payments add up to the amount."),
    _row(r"currency", "currency", "The currency was not taken.",
         "Use a currency that the product and our payout account allow."),
    _row(r"availability|expir(y|ation)|end.?date.*past|UpdateAvailability", "accept_by",
         "The last day to accept was not taken.", "Enter a later day, within what the marketplace allows."),
    _row(r"validity|duration|agreement.?(start|end)|UpdateValidityTerms", "starts_on",
         "The duration or the days of the agreement were not taken.",
         "See that it begins after the last day to accept and ends after it begins."),
    _row(r"agreement", "replaces_agreement", "The agreement cannot be replaced.",
         "See that it is active, ours and the same buyer's, and that no other offer replaces it already."),
    _row(r"price|pricing|amount|rate.?card|UpdatePricingTerms", "amount", "The price was not taken.",
         "See that the amount is above zero, has no more decimals than its currency, and fits the product's pricing."),
    _row(r"buyer|account.?id|targeting|aws.?account|UpdateTargeting", "buyer_account",
         "The buyer's AWS account was not taken.",
         "Check its 12 digits with the buyer: it exists, is in good standing, and is not our own."),
    _row(r"product", "product", "The product cannot be offered.",
         "See that the product exists, is ours, and is public or limited, not a draft or restricted."),
    _row(r"description|UpdateInformation|\bname\b", "name", "The offer's name or description was not taken.",
         "Use plain characters; a name has at most 150 of them, a description 255."),
)  # fmt: skip
OTHER = Problem(
    field="offer_request",
    reason="The marketplace did not make the offer.",
    remedy="Correct the deal by what it says, or tell whoever runs the hub.",
)


def worded(lines: Iterable[str]) -> tuple[Problem, ...]:
    """One problem for each different thing that is wrong; a marketplace that says nothing has one all the same."""
    found: dict[tuple[str, str], list[str]] = {}
    remedies: dict[tuple[str, str], str] = {}
    for line in lines:
        row = next((row for row in TABLE if row.pattern.search(line)), None)
        name = (OTHER.field, OTHER.reason) if row is None else (row.field, row.reason)
        remedies[name] = OTHER.remedy if row is None else row.remedy
        found.setdefault(name, []).append(" ".join(line.split()))
    if not found:
        return (OTHER,)
    return tuple(
        Problem(
            field=name[0], reason=f"{name[1]} (AWS: {'; '.join(dict.fromkeys(words))[:400]})", remedy=remedies[name]
        )
        for name, words in found.items()
    )
