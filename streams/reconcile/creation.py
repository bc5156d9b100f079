"""Makes a record where the ownership asks for one and none is: only once it is sure that there is none."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from mappings.ownership import Policy
from schemas.entities import LeadStatus
from schemas.messages import Parent, record_ref
from streams.reconcile import writes
from streams.reconcile.book import Book
from streams.reconcile.desired import Wish, because, holding, latest, members, winner
from streams.reconcile.groups import found
from streams.reconcile.rules import REFERENCES
from streams.reconcile.state import Group, Known
from streams.reconcile.values import No, held, localised


def complete(book: Book, known: Known) -> None:
    """Ask for the records that a living record lacks in other systems; where that was asked already, for what differs."""
    for connection in _lacking(book, known):
        group = found(book, known)
        wishes = list(_wishes(book, group, connection))
        parent = _parent(book, group, connection)
        sent = {wish.name: wish.value for wish in wishes}
        asked = {**sent, **({parent.field: parent.key} if parent else {})}
        if _asked_before(group, connection, asked) or not _enough(book, group, connection, sent):
            continue
        current = book.group(group.entity, group.key) or group
        book.keep_group(current.model_copy(update={"creating": {**current.creating, connection: asked}}))
        reason = f"{known.entity} {known.record_id} of {known.connection} is missing in {connection}"
        writes.create(book, group, connection, wishes, parent, reason)


def _asked_before(group: Group, connection: str, asked: Mapping[str, JsonValue]) -> bool:
    """A parent has a key before it has an id: that is no difference."""
    before = group.creating.get(connection)
    pointing = REFERENCES.get(group.entity, {})
    return before is not None and {**asked, **{name: before[name] for name in pointing if name in before}} == before


def _lacking(book: Book, known: Known) -> list[str]:
    """The connections in which the ownership wants a record and none is, or is claimed to be."""
    wanted = book.setup.ownership[known.entity].create
    if not wanted or not book.ready(known.entity):
        return []
    group = book.group_of(known)
    records = [known] if group is None else members(book, group)
    if any(each.contests or each.values.get("status") == LeadStatus.CONVERTED for each in records):
        return []
    there = {each.connection for each in records}
    gone = {} if group is None else group.gone
    return [name for name in wanted if name not in there and name not in gone and _can_create(book, name, known.entity)]


def _can_create(book: Book, connection: str, entity: str) -> bool:
    table = book.setup.table(connection, entity)
    return table is not None and table.writes and table.external_id is not None


def _enough(book: Book, group: Group, connection: str, sent: Mapping[str, JsonValue]) -> bool:
    table = book.setup.table(connection, group.entity)
    return table is not None and bool(sent) and all(name in sent for name in table.required)


def _wishes(book: Book, group: Group, connection: str) -> Iterator[Wish]:
    table, records = book.setup.table(connection, group.entity), members(book, group)
    for name, rule in book.setup.ownership[group.entity].fields.items():
        having = holding(book, records, name)
        blank = rule.policy is Policy.FILL_BLANK
        chosen = latest(having, name, filled=True) if blank else winner(rule, having, name)
        if table is None or chosen is None or rule.policy is Policy.MANUAL or name not in table.writable:
            continue
        value = localised(book, chosen, connection, name)
        if value is None or isinstance(value, No):
            continue
        stands = held(table, name, value)
        if not isinstance(stands, No):
            yield Wish(name, value, stands, chosen.at.get(name, 0), 0, because(rule, name, chosen))


def _parent(book: Book, group: Group, connection: str) -> Parent | None:
    """The parent that is itself still to be made there, so that both land together."""
    for name, entity in REFERENCES.get(group.entity, {}).items():
        for known in members(book, group):
            value = known.values.get(name)
            above = book.living(record_ref(known.connection, entity, str(value))) if value else None
            over = book.group_of(above) if above is not None else None
            if over is not None and connection in over.creating and book.setup.writable(connection, group.entity, name):
                return Parent(field=name, entity=entity, key=over.key, fields=over.creating[connection])
    return None
