"""What a registration lacks before anybody looks at it, in words that the partner can act on; it knows no other record."""

from collections.abc import Iterator
from datetime import timedelta

from mappings.engagement import Quality
from schemas.partners import Registration
from streams.matching.features import registered_domain
from streams.matching.tables import nameless_hosts
from streams.registrations.parts import Inputs

LABELS = {
    "company": "the customer's name", "contact_email": "the contact's mail address",
    "contact_last_name": "the contact's family name", "contact_first_name": "the contact's given name",
    "contact_phone": "the contact's phone number", "amount": "the expected amount", "currency": "the currency",
    "expected_close": "the expected day of closing", "deal_type": "referral, resale or co-sell",
    "website": "the customer's web address", "country": "the customer's country", "products": "what the customer wants",
    "user_email": "who registers it",
}  # fmt: skip


def missing(inputs: Inputs, rules: Quality) -> tuple[str, ...]:
    """All that is missing or wrong, each in a sentence; nothing where it can be judged."""
    record = inputs.registration
    found = [
        f"{name.replace('_', ' ').capitalize()}: enter {LABELS.get(name, name.replace('_', ' '))}."
        for name in rules.required
        if getattr(record, name) in {None, ""} or getattr(record, name) == ()
    ]
    found += [*_amount(record, rules), *_contact(inputs, rules), *_products(record, rules), *_close(inputs, rules)]
    return tuple(dict.fromkeys(found))


def mail_host(address: str | None) -> str:
    """The host of a mail address; empty for what is none."""
    name, at, host = (address or "").strip().rpartition("@")
    return host.casefold() if name and at and "." in host else ""


def _amount(record: Registration, rules: Quality) -> Iterator[str]:
    if record.amount is None:
        return
    if not record.amount.is_finite() or record.amount <= 0:
        yield "Amount: enter an amount above zero."
        return
    currency = (record.currency or "").upper()
    if not rules.minimum or not currency:
        return
    least = rules.minimum.get(currency)
    if least is None:
        yield f"Currency: use one of {', '.join(sorted(rules.minimum))}."
    elif record.amount < least:
        yield f"Amount: registrations begin at {least} {currency}."


def _contact(inputs: Inputs, rules: Quality) -> Iterator[str]:
    address = inputs.registration.contact_email
    if not address:
        return
    host = mail_host(address)
    if not host:
        yield "Contact email: enter a whole mail address."
    elif rules.refuse_free_mail and host in nameless_hosts():
        yield "Contact email: enter the contact's address at the customer, not one of a free mail service."
    elif rules.refuse_partner_mail and (registered_domain(host) or host) in inputs.partner.domains:
        yield "Contact email: enter the contact's address at the customer, not one of your own."


def _products(record: Registration, rules: Quality) -> Iterator[str]:
    known = {each.casefold() for each in rules.products}
    strange = [each for each in record.products if known and each.casefold() not in known]
    if strange:
        yield f"Products: {', '.join(strange)} cannot be registered; there are {', '.join(rules.products)}."


def _close(inputs: Inputs, rules: Quality) -> Iterator[str]:
    day = inputs.registration.expected_close
    if day is None:
        return
    last = inputs.today + timedelta(days=rules.closes_within_days)
    if day < inputs.today:
        yield f"Expected close: {day} is over; enter a day from today on."
    elif day > last:
        yield f"Expected close: enter a day until {last}."
