"""All that a partner can see, put together for people to look at before it does; what leaves is decided by the gate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import JsonValue

from schemas.entities import Account, Overlap
from schemas.messages import AccountCard, ShareDecided, ShareVerdict
from streams.sharing.gate import Counts, Gate, Met
from streams.sharing.policy import NO_RULINGS, Consent, asked_of, given

Row = dict[str, JsonValue]
OF_A_ROW = frozenset({ShareVerdict.GRANTED, ShareVerdict.REVOKED})


class Holding(NamedTuple):
    """An account of ours, and the overlap with the partner, where there is one."""

    record_id: str
    account: Account
    overlap: Overlap | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What the partner sees: records in its own system, rows of a report or list, and counts."""

    overlaps: Sequence[Row]
    rows: Sequence[Row]
    counts: Counts


def view(gate: Gate, holdings: Iterable[Holding]) -> View:
    """What the partner sees of these accounts of ours; accounts that it put there too fast are not to be among them."""
    found = list(holdings)
    overlaps = [gate.overlap(each.overlap, card(gate, each)) for each in found if each.overlap is not None]
    rows = [gate.row(each.account, each.record_id, meets=each.overlap is not None) for each in found]
    met = [_met(gate, each.record_id, each.account, each.overlap) for each in found if each.overlap is not None]
    return View([each for each in overlaps if each], [each for each in rows if each], gate.counts(met))


def card(gate: Gate, held: Holding) -> AccountCard:
    """What could be shown of an account of ours."""
    it = held.account
    said = it.model_dump(include={"name", "website", "population", "owner_name"})
    more = asked_of(gate.terms.rules, it)
    return AccountCard.model_validate({"record_id": held.record_id, **said, **more})


def _met(gate: Gate, record_id: str, account: Account, overlap: Overlap) -> Met:
    return Met(record_id, gate.population(account), overlap.partner_account, overlap.partner_population)


def consent_of(entries: Iterable[ShareDecided]) -> Consent:
    """What people ruled, by the audit of one partner in its order."""
    found = NO_RULINGS
    for each in entries:
        said = given(each.by or "", each.decided_at)
        if each.verdict is ShareVerdict.CONSENTED:
            found = Consent(theirs=said)
        elif each.verdict is ShareVerdict.WITHDRAWN:
            found = Consent(withdrawn=said)
    return found


def as_told(entry: ShareDecided) -> Row | None:
    """An entry of the audit as the partner may read it: what it saw itself, and what its own list led to."""
    at = entry.decided_at.isoformat()
    if entry.verdict is ShareVerdict.WITHHELD:
        return None
    if entry.verdict in OF_A_ROW:
        return {"verdict": entry.verdict, "account": entry.theirs, "fields": list(entry.fields), "at": at}
    return {"verdict": entry.verdict, "count": entry.count, "at": at}
