"""What one overlap comes to at a partner: granted, withheld or taken back, and the writes that say so; it holds no state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from mappings.sharing import Level
from schemas.entities import OverlapStatus
from schemas.messages import MatchBy, ShareVerdict, Write, WriteAction, identity
from streams.sharing.gate import BLANK, Gate
from streams.sharing.state import Shown

ENTITY = "overlap"
STAMPS = frozenset({"first_seen", "last_changed"})  # the partner's own: since when it sees it, and when that changed
ENDED = OverlapStatus.ENDED.value


class Listing(NamedTuple):
    """An account on the partner's list: since when it is that company, and whether it is held back."""

    at: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What decides: the gate, the event, and how an account of the partner is listed."""

    gate: Gate
    cause: str
    at: datetime
    listing: Callable[[str], Listing | None]


@dataclass(frozen=True, slots=True)
class Settled:
    """The row as it is now, what is to be written, and what the audit says of it, if anything."""

    row: Shown
    writes: tuple[Write, ...] = ()
    verdict: ShareVerdict | None = None
    about: Mapping[str, object] = field(default_factory=dict)


def settled(asked: Asked, row: Shown) -> Settled:
    """Bring what stands in the partner's system to what may stand there."""
    offer, gate = row.offer, asked.gate
    if row.card is not None and row.fields is not None and _level(gate, row) not in {Level.ALL, Level.OVERLAPS}:
        return _taken_back(asked, row)
    if offer.overlap is None or offer.card is None or offer.theirs is None:
        return _ended(asked, row)
    fields = gate.overlap(offer.overlap, offer.card)
    if fields is None:
        return _withheld(row, gate.closed_by or f"the population is shared at level {_level(gate, row)}", gate)
    listing = asked.listing(offer.theirs)
    if listing is None or listing.held:
        moved = row.fields is not None and row.fields.get("account") != offer.overlap.partner_account
        kept = _ended(asked, row) if moved else Settled(row)
        return kept if listing is None or kept.writes else _withheld(row, "the partner's account is held back", gate)
    return _granted(asked, row, fields, max(offer.at, listing.at, asked.at))


def _level(gate: Gate, row: Shown) -> Level:
    card = row.offer.card or row.card
    return Level.HIDDEN if card is None else gate.level_of(card)


def _granted(asked: Asked, row: Shown, fields: dict[str, JsonValue], at: datetime) -> Settled:
    stands = row.fields
    if stands is not None and _seen(stands) == _seen(fields):
        return Settled(row)
    since = _stamp(at) if stands is None else stands["first_seen"]
    fields = {**fields, "first_seen": since, "last_changed": _later(stands, at)}
    now = row.model_copy(update={"fields": fields, "card": row.offer.card, "verdict": ShareVerdict.GRANTED})
    write = _write(asked, row, fields)
    if row.verdict is ShareVerdict.GRANTED:
        return Settled(now, (write,))
    left = tuple(sorted(name for name, value in fields.items() if value not in (None, [], "")))
    about = _about(row, asked.gate) | {"fields": left, "reasons": write.reasons}
    return Settled(now, (write,), ShareVerdict.GRANTED, about)


def _withheld(row: Shown, why: str, gate: Gate) -> Settled:
    """Nothing leaves; what stands there already, if anything, stays as it is."""
    if row.fields is not None or row.verdict in {ShareVerdict.WITHHELD, ShareVerdict.REVOKED}:
        return Settled(row)
    now = row.model_copy(update={"verdict": ShareVerdict.WITHHELD})
    return Settled(now, (), ShareVerdict.WITHHELD, _about(row, gate) | {"reasons": (why,)})


def _ended(asked: Asked, row: Shown) -> Settled:
    """The overlap is over: its record at the partner is closed and kept."""
    if row.fields is None or row.fields["status"] == ENDED:
        return Settled(row)
    stamp = _later(row.fields, asked.at)
    closing: dict[str, JsonValue] = {"status": ENDED, "ended_on": stamp, "last_changed": stamp}
    return Settled(
        row.model_copy(update={"fields": row.fields | closing, "verdict": None}), (_write(asked, row, closing),)
    )


def _taken_back(asked: Asked, row: Shown) -> Settled:
    """What was shared is emptied, then deleted: what its system keeps of deleted records is empty, too."""
    stamp = _stamp(asked.at)
    blank: dict[str, JsonValue] = {**BLANK, "status": ENDED, "ended_on": stamp, "last_changed": stamp}
    writes = (_write(asked, row, blank), _write(asked, row, {}, WriteAction.ARCHIVE))
    assert row.fields is not None  # noqa: S101  only what stands there is taken back
    left = tuple(sorted(name for name, value in row.fields.items() if value not in (None, [], "")))
    why = asked.gate.closed_by or f"the population is shared at level {_level(asked.gate, row)} now"
    now = row.model_copy(update={"fields": None, "card": None, "verdict": ShareVerdict.REVOKED})
    about = _about(row, asked.gate) | {"fields": left, "reasons": (why,)}
    return Settled(now, writes, ShareVerdict.REVOKED, about)


def _about(row: Shown, gate: Gate) -> dict[str, object]:
    card = row.offer.card or row.card
    population = None if card is None else (card.shared_as.partition(":")[2] or card.population)
    level = _level(gate, row).value
    return {"ref": row.offer.ref, "theirs": row.offer.theirs, "population": population, "level": level}


def _seen(fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in fields.items() if name not in STAMPS}


def _stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _later(stands: Mapping[str, JsonValue] | None, at: datetime) -> str:
    """That time, or that of the last change where it is later: clocks of several systems meet here."""
    return _stamp(at if stands is None else max(at, datetime.fromisoformat(str(stands["last_changed"]))))


def key(ref: str, connection: str) -> str:
    """The external id of our account's overlap in a partner's system."""
    return identity(ref, connection, "theirs")


def _write(asked: Asked, row: Shown, fields: Mapping[str, JsonValue], action: WriteAction = WriteAction.SET) -> Write:
    connection, external_id = row.offer.connection, key(row.offer.ref, row.offer.connection)
    reasons = fields.get("reasons") or ()
    return Write.model_validate(
        {
            "id": identity(connection, ENTITY, external_id, action, asked.cause, repr(sorted(fields.items()))),
            "connection": connection,
            "entity": ENTITY,
            "match_by": MatchBy.EXTERNAL_ID,
            "key": external_id,
            "fields": dict(fields),
            "action": action,
            "reasons": reasons,
            "causes": (asked.cause,),
            "decided_at": asked.at,
        }
    )
