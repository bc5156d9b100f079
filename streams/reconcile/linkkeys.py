"""By what a record can be recognised in another system, and who else is so recognised; it links nothing.

* external id: one record's `source_id` is the other's id, or both have the same one (of at least six characters: shorter
  ones are counters, which two systems share by chance).
* exact key: an account's registered web domain, unless the countries differ, or a registration number; a contact's or
  lead's mail address; a deal's name and amount under the same, linked account (a name alone is no key: renewals repeat).
* score: what account matching finds under a common name, domain, phone or registration number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from schemas.entities import Account
from schemas.messages import LinkRule, record_ref
from streams.matching import keys as matching
from streams.matching import weights
from streams.matching.features import Features, features
from streams.matching.score import score
from streams.reconcile.book import Book
from streams.reconcile.rules import KEY_FIELD
from streams.reconcile.state import Known
from streams.reconcile.values import explicit_keys

LEAST_SOURCE_ID = 6
SURE = 0.9  # a match must be so sure to link two accounts by itself
NEAR = ("name:", "phone:")
EXACT = ("domain:", "id:")


@dataclass(frozen=True, slots=True)
class Claim:
    """Why two records are held for one thing."""

    rule: LinkRule
    confidence: float
    reason: str


# The fields that link keys are made of; for an account also its registration numbers.
KEYED = {
    "account": ("name", "website", "domains", "phone", "source_id", KEY_FIELD),
    "contact": ("email", KEY_FIELD),
    "lead": ("email", KEY_FIELD),
    "deal": ("name", "amount", "account", KEY_FIELD),
}


def same_keys(before: Known, now: Known) -> bool:
    """Whether nothing that a link key is made of differs (a deal's account is looked at when it is linked)."""
    numbers = [name for name in now.values if name.startswith("registration_ids.")]
    return all(before.values.get(name) == now.values.get(name) for name in (*KEYED[now.entity], *numbers))


def link_keys(book: Book, known: Known) -> tuple[str, ...]:
    """The keys under which a record is found, sorted."""
    found = [f"tandem:{known.values[KEY_FIELD]}"] if known.values.get(KEY_FIELD) else []
    if known.entity == "account":
        found.append(f"rid:{same_id(known.record_id)}")
        found += [f"src:{same_id(str(known.values['source_id']))}"] if known.values.get("source_id") else []
        found += [key for key in matching.keys(account(known)) if key.startswith((*NEAR, *EXACT))]
    elif known.entity == "deal":
        found += deal_keys(book, known)
    elif known.values.get("email"):
        found.append(f"email:{str(known.values['email']).strip().casefold()}")
    return tuple(sorted(found))


def deal_keys(book: Book, known: Known) -> list[str]:
    """The key of a deal, where its account is linked and its amount is known."""
    name, amount, parent = (known.values.get(each) for each in ("name", "amount", "account"))
    above = book.record(record_ref(known.connection, "account", str(parent))) if parent else None
    if above is None or above.group is None or name is None or amount is None:
        return []
    return [f"deal:{above.group}|{' '.join(str(name).casefold().split())}|{amount}"]


def claims(book: Book, known: Known) -> Iterator[dict[str, Claim]]:
    """Who may be the same thing, and why: one answer for each rule, the surest first. Of any connection, also its own."""
    yield {ref: Claim(LinkRule.EXPLICIT, 1.0, "both carry the same Tandem key") for ref in _explicit(book, known)}
    yield {ref: Claim(LinkRule.EXTERNAL_ID, 1.0, why) for ref, why in _external(book, known)}
    yield {ref: Claim(LinkRule.KEY, 1.0, why) for ref, why in _exact(book, known)}
    if known.entity == "account":
        yield dict(_scored(book, known))


def _explicit(book: Book, known: Known) -> Iterator[str]:
    for key in explicit_keys(known):
        yield from book.holders(known.entity, f"tandem:{key}")
        group = book.group(known.entity, key)
        yield from group.members.values() if group is not None else ()


def _external(book: Book, known: Known) -> Iterator[tuple[str, str]]:
    if known.entity != "account":
        return
    source_id = known.values.get("source_id")
    mine = same_id(known.record_id)
    for ref in book.holders("account", f"src:{mine}"):
        yield ref, f"it was imported from {known.record_id}"
    if source_id:
        for ref in book.holders("account", f"rid:{same_id(str(source_id))}"):
            yield ref, f"it was imported from {source_id}"
        if len(str(source_id)) >= LEAST_SOURCE_ID:
            for ref in book.holders("account", f"src:{same_id(str(source_id))}"):
                yield ref, f"both were imported from {source_id}"


def _exact(book: Book, known: Known) -> Iterator[tuple[str, str]]:
    for key in known.keys:
        kind, _, value = key.partition(":")
        if kind in {"email", "deal"}:
            words = f"same mail address {value}" if kind == "email" else "same account, name and amount"
            yield from ((ref, words) for ref in book.holders(known.entity, key))
        elif known.entity == "account" and key.startswith(EXACT):
            for ref in book.holders("account", key):
                other = book.living(ref)
                if other is not None and (kind == "id" or _same_country(known, other)):
                    yield ref, f"same {'web domain' if kind == 'domain' else 'registration number'} {value}"


def _same_country(one: Known, other: Known) -> bool:
    """Two countries are two companies of one family; an unknown one speaks against nothing."""
    mine, theirs = account(one).country, account(other).country
    return not (mine and theirs) or mine == theirs


def _scored(book: Book, known: Known) -> Iterator[tuple[str, Claim]]:
    """Per connection the best match and those that tie with it, if it is sure enough."""
    refs = dict.fromkeys(ref for key in known.keys if key.startswith(NEAR) for ref in book.holders("account", key))
    best: dict[str, dict[str, Claim]] = {}
    for ref in refs:
        other = book.living(ref) if ref != known.ref else None
        match = score(account(known), account(other)) if other is not None else None
        if other is not None and match is not None and match.confidence >= SURE:
            reason = "; ".join(match.reasons[:2])
            best.setdefault(other.connection, {})[ref] = Claim(LinkRule.SCORE, match.confidence, reason)
    for found in best.values():
        top = max(claim.confidence for claim in found.values())
        yield from ((ref, claim) for ref, claim in found.items() if claim.confidence >= top - weights.TIE)


def account(known: Known) -> Features:
    """An account as matching sees it."""
    values = known.values
    texts = tuple(values.get(name) for name in TEXTS)
    domains, ids = values.get("domains"), sorted(name for name in values if name.startswith("registration_ids."))
    return _features(
        tuple(None if text is None else str(text) for text in texts),
        tuple(map(str, domains)) if isinstance(domains, list) else (),
        tuple((name.partition(".")[2], str(values[name])) for name in ids if values[name]),
    )


TEXTS = ("name", "website", "country", "city", "postal_code", "street", "phone")


@lru_cache(maxsize=4096)
def _features(texts: tuple[str | None, ...], domains: tuple[str, ...], ids: tuple[tuple[str, str], ...]) -> Features:
    named = dict(zip(TEXTS, texts, strict=True))
    return features(Account.model_validate({**named, "domains": domains, "registration_ids": dict(ids)}))


def same_id(value: str) -> str:
    """An id to compare: Salesforce's long ids are the short ones with a checksum of three characters."""
    value = value.strip()
    return value[:15] if len(value) == 18 and value.isalnum() and not value.isdigit() else value
