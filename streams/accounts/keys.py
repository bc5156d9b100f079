"""From a changed account to the match keys it holds: the first decision of account mapping; it never compares accounts."""

from pydantic import BaseModel, TypeAdapter

from schemas import topics
from schemas.entities import Account
from schemas.messages import AccountCard, AccountChanged, OursSeen, Presence
from streams.decision import NOTHING, Decision, Emission, KeyState, Step
from streams.matching.features import features
from streams.matching.keys import keys

ROW = ""


class Known(BaseModel):
    """What is known of one record. `version` is the source's, `count` ours: it orders what the later decisions see."""

    version: int
    count: int = 0
    card: AccountCard | None = None
    features: str = ""
    keys: tuple[str, ...] = ()


def decide(state: KeyState[Known], event: AccountChanged) -> Decision:
    """Tell each match key of the account that it is held, changed or let go.

    An event older than what is known is ignored, and one that changes nothing that matching or an overlap shows (a
    duplicate, a replay, an echo of our own write) is remembered by its version only.
    """
    known = state.get(ROW) or Known(version=-1)
    if event.version < known.version:
        return NOTHING
    now = _known(event, known.count + 1)
    if (now.card, now.features) == (known.card, known.features):
        return Decision({ROW: known.model_copy(update={"version": event.version})})
    emissions = [*_presences(event, known, now), *_ours(event, known, now)]
    return Decision({ROW: now}, emissions)


def _known(event: AccountChanged, count: int) -> Known:
    if event.record is None:
        return Known(version=event.version, count=count)
    found = features(event.record)
    return Known(
        version=event.version,
        count=count,
        card=_card(event.record_id, event.record),
        features=found.dumps(),
        keys=tuple(sorted(keys(found))),
    )


def _card(record_id: str, account: Account) -> AccountCard:
    return AccountCard(
        record_id=record_id,
        name=account.name,
        website=account.website,
        population=account.population,
        owner_name=account.owner_name,
    )


def _presences(event: AccountChanged, known: Known, now: Known) -> list[Emission]:
    """Every key let go; every key held, if it is new or the pair finder's view of the account changed."""
    ours = event.party == "us"
    shown = None if ours else now.card  # of our account a pair shows nothing: its overlaps learn it directly
    same = now.features == known.features and (ours or now.card == known.card)
    gone = [key for key in known.keys if key not in now.keys]
    held = [key for key in now.keys if not (same and key in known.keys)]
    messages = [_presence(event, now.count, key, held=False) for key in gone]
    messages += [_presence(event, now.count, key, held=True, features=now.features, card=shown) for key in held]
    return [Emission(topics.MATCH_KEYS, message.key, message) for message in messages]


def _presence(
    event: AccountChanged, count: int, key: str, *, held: bool, features: str = "", card: AccountCard | None = None
) -> Presence:
    return Presence(
        key=key,
        ref=event.ref,
        party=event.party,
        version=count,
        held=held,
        features=features,
        card=card,
        cause=event.id,
        at=event.occurred_at,
    )


def _ours(event: AccountChanged, known: Known, now: Known) -> list[Emission]:
    if event.party != "us" or now.card == known.card:
        return []
    seen = OursSeen(
        ref=event.ref,
        connection=event.connection,
        version=now.count,
        card=now.card,
        cause=event.id,
        at=event.occurred_at,
    )
    return [Emission(topics.MATCH_PAIRS, event.ref, seen)]


STEP = Step("accounts.keys", topics.ACCOUNT_CHANGES, TypeAdapter(Known), decide)
