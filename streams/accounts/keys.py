"""From a changed account to the match keys it holds: the first decision of account mapping; it never compares accounts."""

import hashlib
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, TypeAdapter

from schemas import topics
from schemas.entities import Account
from schemas.messages import AccountCard, AccountChanged, OursSeen, PairRuled, Presence
from streams.accounts import mirror
from streams.accounts.mirror import Sharing
from streams.decision import NOTHING, Decision, Emission, KeyState, Step
from streams.matching.features import VERSION, features
from streams.matching.keys import keys

ROW = ""
US = "us"
# What matching reads of an account: while none of it changes, features and keys stay as they are.
MATCHED = (
    "name", "website", "domains", "former_domains", "contact_domains", "other_names", "country", "city", "postal_code",
    "street", "phone",
)  # fmt: skip


class Known(BaseModel):
    """What is known of one record. `version` is the source's, `count` ours: it orders what the later decisions see.

    `read` is a digest of what the features came from, `ruled` the keys that rulings of people gave to the record.
    """

    version: int
    count: int = 0
    card: AccountCard | None = None
    features: str = ""
    keys: tuple[str, ...] = ()
    read: str = ""
    ruled: tuple[str, ...] = ()
    party: str = ""


class Keys:
    """The decision, for a deployment that shares overlaps so."""

    def __init__(self, sharing: Sharing) -> None:
        self._sharing = sharing

    def decide(self, state: KeyState[Known], event: AccountChanged | PairRuled) -> Decision:
        """Tell each match key of the account that it is held, changed or let go.

        An event older than what is known is ignored, and one that changes nothing that matching or an overlap shows (a
        duplicate, a replay, an echo of our own write) is remembered by its version only.
        """
        known = state.get(ROW) or Known(version=-1)
        if isinstance(event, PairRuled):
            return _ruled(known, event)
        if event.version < known.version:
            return NOTHING
        now = self._known(event, known)
        if (now.card, now.features) == (known.card, known.features):
            return Decision({ROW: known.model_copy(update={"version": event.version, "read": now.read})})
        listed = mirror.listed(self._sharing, event, known.features, now.features)
        return Decision({ROW: now}, [*_presences(event, known, now), *_ours(event, known, now), *listed])

    def _known(self, event: AccountChanged, known: Known) -> Known:
        version, count = event.version, known.count + 1
        if event.record is None:
            return Known(version=version, count=count, ruled=known.ruled, party=event.party)
        read, card = _digest(event.record), self._card(event, event.record)
        same: dict[str, Any] = {"version": version, "count": count, "card": card, "read": read, "party": event.party}
        if read == known.read and known.features:
            return known.model_copy(update=same)
        found = features(event.record)
        held = (*sorted(keys(found)), *known.ruled)
        return Known(**same, features=found.dumps(), keys=held, ruled=known.ruled)

    def _card(self, event: AccountChanged, account: Account) -> AccountCard:
        shown: dict[str, Any] = {
            "record_id": event.record_id,
            "name": account.name,
            "website": account.website,
            "population": account.population.value,
            "owner_name": account.owner_name,
        }
        if event.party == US:
            shown |= {
                "country": account.country,
                "industry": account.industry,
                "employees": account.employees,
                "annual_revenue": account.annual_revenue,
                "technologies": account.technologies,
                **self._sharing.asked_of(account),
            }
        return AccountCard.model_construct(**shown)


def _digest(account: Account) -> str:
    ids = sorted(account.registration_ids.items())
    text = repr((VERSION, [getattr(account, name) for name in MATCHED], ids))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _ruled(known: Known, event: PairRuled) -> Decision:
    """The record holds one more key from now on, whatever becomes of its others."""
    if event.key in known.ruled:
        return NOTHING
    ruled = (*known.ruled, event.key)
    if not known.features:
        return Decision({ROW: known.model_copy(update={"ruled": ruled})})
    now = known.model_copy(update={"ruled": ruled, "keys": (*known.keys, event.key)})
    said = Presence.model_construct(
        key=event.key,
        ref=event.ref,
        party=known.party,
        version=known.count,
        held=True,
        features=known.features,
        card=None if known.party == US else known.card,
        cause=event.cause,
        at=event.at,
    )
    return Decision({ROW: now}, [Emission(topics.MATCH_KEYS, event.key, said)])


def _presences(event: AccountChanged, known: Known, now: Known) -> Iterable[Emission]:
    """Every key let go; every key held, if it is new or the pair finder's view of the account changed."""
    ours = event.party == US
    shown = None if ours else now.card  # of our account a pair shows nothing: its overlaps learn it directly
    same = now.features == known.features and (ours or now.card == known.card)
    before, held = frozenset(known.keys), frozenset(now.keys)
    for key in known.keys:
        if key not in held:
            yield _presence(event, now.count, key)
    for key in now.keys:
        if not (same and key in before):
            yield _presence(event, now.count, key, now.features, shown)


def _presence(
    event: AccountChanged, count: int, key: str, features: str = "", card: AccountCard | None = None
) -> Emission:
    """Held with its features, or let go. Made without a check: all of it was checked when it came in."""
    said = Presence.model_construct(
        key=key,
        ref=event.ref,
        party=event.party,
        version=count,
        held=bool(features),
        features=features,
        card=card,
        cause=event.id,
        at=event.occurred_at,
    )
    return Emission(topics.MATCH_KEYS, key, said)


def _ours(event: AccountChanged, known: Known, now: Known) -> Iterable[Emission]:
    if event.party == US:
        seen = OursSeen.model_construct(
            ref=event.ref,
            connection=event.connection,
            version=now.count,
            card=now.card,
            features=now.features,
            cause=event.id,
            at=event.occurred_at,
        )
        yield Emission(topics.MATCH_PAIRS, event.ref, seen)


def step(sharing: Sharing) -> Step:
    """The step of a deployment that shares overlaps so."""
    return Step("accounts.keys", topics.ACCOUNT_CHANGES, TypeAdapter(Known), Keys(sharing).decide)
