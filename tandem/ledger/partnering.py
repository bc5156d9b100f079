"""Finds what is told together of partners, leads, registrations and deals, and says in words what was decided of them.

The story of a deal is also that of the registrations and leads that it came from and of the touches that count for it; that
of a lead also of what its partner has of it; that of a registration also of its twins. It changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, or_, select

from tandem.ledger.answers import Event
from tandem.ledger.tables import Base

T = Base.metadata.tables
Values = Mapping[str, Any]


class Called(NamedTuple):
    """A partner by its key: how a story of it is headed, and the records that stand for it."""

    title: str
    refs: list[str]


def partner_called(asked: Connection, key: str) -> Called | None:
    """The partner of that key."""
    row = asked.execute(select(T["partner"].c.content).where(T["partner"].c.partner == key)).first()
    return None if row is None else Called(f"partner {key} {row.content['name']}", list(row.content["refs"]))


def together(asked: Connection, refs: Sequence[str]) -> list[str]:
    """The records, and those that are told with them."""
    found = dict.fromkeys(refs)
    deals = [ref for ref in refs if _entity(ref) == "deal"]
    for table, column in (("registration", "registration"), ("lead_route", "lead")):
        of = T[table].c
        found |= dict.fromkeys(asked.scalars(select(of[column]).where(of.deal.in_(deals)).order_by(of[column])))
    for ref in list(found):
        found |= dict.fromkeys(_companions(asked, ref))
    return list(found)


def _companions(asked: Connection, ref: str) -> list[str]:
    match _entity(ref):
        case "registration":
            return _standing(asked, ref, "registration", "registration", ("registration",), "twins")
        case "partner":
            return _standing(asked, ref, "partner", "partner", (), "refs")
        case "lead" | "partner_lead" as entity:
            return _passed_on(asked, ref, entity)
        case _:
            return []


def _standing(asked: Connection, ref: str, table: str, key: str, one: Sequence[str], several: str) -> list[str]:
    """The records of the registration or partner that a record stands for now."""
    record, row = T[f"{table}_record"].c, T[table].c
    which = select(record[key]).where(record.ref == ref)
    for content in asked.scalars(select(row.content).where(row[key].in_(which)).order_by(row.decided_at.desc())):
        members = [*(content[name] for name in one), *content[several]]
        if ref in members:
            return members
    return []


def _passed_on(asked: Connection, ref: str, entity: str) -> list[str]:
    """A lead and what it became in a PRM know each other by the writes that have passed it on."""
    write, outcome = T["write"].c, T["outcome"].c
    if entity == "lead":
        passed = select(write.id).where(write.key == ref, write.entity == "partner_lead")
        reached = select(outcome.connection, outcome.target_id).where(outcome.write_id.in_(passed)).distinct()
        rows = asked.execute(reached.where(outcome.target_id.is_not(None)))
        return sorted(f"{row.connection}/partner_lead/{row.target_id}" for row in rows)
    connection, _, record_id = ref.split("/", 2)
    reached = select(outcome.key).where(outcome.target_id == record_id, outcome.connection == connection)
    return sorted(set(asked.scalars(reached.where(outcome.entity == "partner_lead"))))


def subjects_of(asked: Connection, refs: Sequence[str]) -> set[str]:
    """What is decided beside the records themselves: touches, and the partners with their certifications."""
    touch, attribution, record = T["touch"].c, T["attribution"].c, T["partner_record"].c
    found = set(asked.scalars(select(touch.touch).where(or_(touch.deal.in_(refs), touch.ref.in_(refs)))))
    for content in asked.scalars(select(attribution.content).where(attribution.deal.in_(refs))):
        found.update(content["touches"])
    partners = select(record.partner).where(record.ref.in_([ref for ref in refs if _entity(ref) == "partner"]))
    rows = asked.execute(
        select(T["partner"].c.partner, T["partner"].c.content).where(T["partner"].c.partner.in_(partners))
    )
    keys = [row.partner for row in rows if set(row.content["refs"]) & set(refs)]
    certification = T["certification"].c
    held = select(certification.email, certification.program).where(certification.partner.in_(keys))
    return found | set(keys) | {f"{row.email}/{row.program}" for row in asked.execute(held)}


def _entity(ref: str) -> str:
    parts = ref.split("/", 2)
    return parts[1] if len(parts) == 3 else ""


def partner_events(rows: Iterable[Any]) -> Iterator[Event]:
    """What was decided, with what it changed; rows of `decision`, of each subject as they were said.

    A decision has the time of its cause, which may have been learnt of late: it is never told before one that it follows.
    """
    before: dict[tuple[str, str], tuple[Any, Values]] = {}
    for row in rows:
        it: Values = row.content
        told = KINDS[row.kind]
        since, last = before.get((row.kind, row.subject), (row.decided_at, {}))
        at = max(since, row.decided_at)
        before[row.kind, row.subject] = (at, it)
        fields = {
            name: (last.get(name), it.get(name))
            for name in told.shown
            if last.get(name) != it.get(name) and (last.get(name) or it.get(name))
        }
        yield Event(
            at, row.kind, row.id, row.subject, told.words(it), fields, row.reasons, row.causes, offset=row.at_offset
        )


def _of_partner(it: Values) -> str:
    people = len({each["email"] for each in it.get("certifications", ())})
    return f"{it['name']} is {it['status']}, tier {it.get('tier') or 'none'}, with {people} certified people"


def _of_certification(it: Values) -> str:
    until = f" until {it['expires_on']}" if it.get("expires_on") else ""
    return f"{it['email']}: {it['name']} is {it['status'].replace('_', ' ')}{until}"


def _of_notice(it: Values) -> str:
    return f"{it['about']}, due on {it['due_on']}: {it['words']}"


def _of_lead(it: Values) -> str:
    who = f" with {it.get('partner_name') or it['partner']}" if it.get("partner") else ""
    rule = f", by rule {it['rule']}" if it.get("rule") else ""
    return f"{it['name']} is {it['state']}{who}{rule}"


def _of_registration(it: Values) -> str:
    until = f", protected until {it['protected_until']}" if it.get("protected_until") else ""
    return f"{it['name']} is {it['status'].replace('_', ' ')}{until}"


def _of_fee(it: Values) -> str:
    return f"{it['partner']} is due {it['amount']} {it['currency']}, {it['kind'].replace('_', ' ')}: {it['basis']}"


def _of_touch(it: Values) -> str:
    back = "" if it.get("standing", True) else "taken back: "
    return f"{back}{it['partner_name']}: {it['words']}"


def _of_attribution(it: Values) -> str:
    brought = f"brought by {it['sourced_by']}" if it.get("sourced_by") else "brought by no partner"
    part = ", ".join(it.get("influenced_by", ()))
    shares = "; ".join(f"{name.replace('_', ' ')}: {_shares(found)}" for name, found in it.get("models", {}).items())
    worth = f" of {it['amount']} {it.get('currency') or ''}".rstrip() if it.get("amount") else ""
    return f"{brought}; a part in it: {part or 'nobody'}" + (f" ({shares}{worth})" if shares else "")


def _shares(found: Iterable[Values]) -> str:
    return ", ".join(f"{share['partner']} {share['amount']}" for share in found)


class Told(NamedTuple):
    """How a kind of decision is told: in words, and by which of its fields."""

    words: Callable[[Values], str]
    shown: tuple[str, ...] = ()


KINDS: Mapping[str, Told] = {
    "partner": Told(_of_partner, ("status", "tier", "tier_since", "tier_lapses_on", "revenue", "refs", "next_step")),
    "certification": Told(_of_certification, ("status", "issued_on", "expires_on", "level", "evidence")),
    "notice": Told(_of_notice),
    "lead": Told(_of_lead, ("state", "partner", "rule", "respond_by", "account", "deal", "next_step")),
    "registration": Told(
        _of_registration,
        (
            "status",
            "partner",
            "account",
            "deal",
            "protected_until",
            "conflict_with",
            "missing",
            "rule",
            "approvals",
            "next_step",
        ),
    ),
    "fee": Told(_of_fee, ("amount", "currency", "percent", "basis_amount")),
    "touch": Told(_of_touch, ("at", "deal", "standing")),
    "attribution": Told(_of_attribution, ("amount", "sourced_by", "influenced_by")),
}
