"""From one change, word or ruling to links, writes and conflicts: puts the parts in order and decides nothing itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import JsonValue

from schemas import topics
from schemas.messages import CaughtUp, Changed, ChangeKind, Ruling, RulingGiven, identity, record_ref
from streams.decision import NOTHING, Decision, KeyState
from streams.reconcile import deletions, links
from streams.reconcile.book import Book
from streams.reconcile.creation import complete
from streams.reconcile.disputes import dispute
from streams.reconcile.fields import Lost, absorb
from streams.reconcile.linkkeys import link_keys, same_keys
from streams.reconcile.rules import ENTITIES, KEY_FIELD, REFERENCES, Setup
from streams.reconcile.rulings import rule
from streams.reconcile.state import MARK, META, Group, Known, Mark, Row, Send, Sent, entity_of
from streams.reconcile.values import No, held, of_record
from streams.reconcile.writes import settle

GONE = (ChangeKind.DELETED, ChangeKind.MERGED)
AT_ONCE = 100  # so many records that point to one are looked at in the same decision


@dataclass(frozen=True)
class Reconciliation:
    """The decision, for one deployment."""

    setup: Setup

    def decide(self, state: KeyState[Row], event: Changed | CaughtUp | RulingGiven) -> Decision:
        """What follows from one event. An event that is older than what is known of its record is ignored."""
        if isinstance(event, CaughtUp):
            book = Book(state, identity("caught-up", event.connection), event.at, setup=self.setup)
            _caught_up(book, event)
        elif isinstance(event, RulingGiven):
            book = Book(state, event.id, event.at, setup=self.setup)
            _ruled(book, event)
        else:
            table = self.setup.table(event.connection, event.ENTITY)
            if table is None or event.party != "us":
                return NOTHING
            book = Book(state, event.id, event.occurred_at, setup=self.setup)
            _changed(book, event)
        return book.decision()


def _changed(book: Book, event: Changed) -> None:
    known = book.record(event.ref)
    if known is not None and event.version < known.version:
        return
    if event.kind in GONE:
        _gone(book, event, known)
    elif event.record is not None:
        _seen(book, event, known)


def _gone(book: Book, event: Changed, known: Known | None) -> None:
    before = known or _unknown(event)
    # What was sent stays known: it may still come, if the record comes back.
    sends = {name: send.model_copy(update={"flight": False}) for name, send in before.sends.items()}
    dead = before.model_copy(update={"version": event.version, "alive": False, "sends": sends, "keys": ()})
    if known is None or not known.alive:
        book.keep(dead)
        return
    met = links.reindex(book, known, dead)
    deletions.gone(book, known, event)
    _unpoint(book, known, dead)
    book.keep(dead)
    if book.ready(known.entity):
        mates = [ref for entity, key in book.touched for ref in _members(book, entity, key)]
        links.look(book, [known.ref, *sorted(met), *links.around(book, mates)])
    _finish(book, sorted(met))


def _seen(book: Book, event: Changed, known: Known | None) -> None:
    table = book.setup.table(event.connection, event.ENTITY)
    if table is None or event.record is None:
        return
    before = known or _expected(book, event)
    values = of_record(event.record, table)
    now, edits = absorb(before, event, values, _lost(book, before), book.setup.rules.clock_skew_s)
    back = known is None or not known.alive
    if back:
        now = _returned(book, now)
    book.keep(now)
    _point(book, before if not back else None, now)
    met = set() if known is not None and not back and same_keys(known, now) else _rekey(book, known, now)
    current = book.record(event.ref)
    if current is not None:
        dispute(book, before, current, edits)
    if back or met:
        _look(book, [event.ref, *sorted(met)])
    _finish(book, [event.ref])


def _unknown(event: Changed) -> Known:
    return Known(connection=event.connection, entity=event.ENTITY, record_id=event.record_id, version=-1)


def _expected(book: Book, event: Changed) -> Known:
    """A record that is seen for the first time; one that we have asked for starts with what was sent for it."""
    fresh = _unknown(event)
    group = book.group(event.ENTITY, getattr(event.record, KEY_FIELD, None))
    table = book.setup.table(event.connection, event.ENTITY)
    sent = {} if group is None else group.creating.get(event.connection, {})
    if not sent or group is None or table is None:
        return fresh
    sends = {}
    for name, value in {**sent, KEY_FIELD: group.key}.items():
        stands = held(table, name, value) if name in table.fields else No("not mapped")
        if not isinstance(stands, No):
            sends[name] = Send(last=value, open=(Sent(1, stands, 0, 0),), flight=True)
    return fresh.model_copy(update={"seq": 1, "sends": sends})


def _returned(book: Book, known: Known) -> Known:
    """A record that is new or restored: back into its group, if its place there is still free."""
    deletions.count(book, known.connection, known.entity, 1)
    deletions.restored(book, known)
    group = book.group_of(known)
    if group is None or known.connection in group.members:
        return known.model_copy(update={"group": None})
    for ref in (*group.members.values(), known.ref):
        book.was_linked(ref, group if ref != known.ref else None)
    book.touched[group.entity, group.key] = None
    book.keep_group(group.model_copy(update={"members": {**group.members, known.connection: known.ref}}))
    return known


def _lost(book: Book, known: Known) -> Lost:
    def lost(name: str, old: JsonValue) -> bool:
        parent = REFERENCES.get(known.entity, {}).get(name)
        above = book.record(record_ref(known.connection, parent, str(old))) if parent and old else None
        return above is not None and not above.alive

    return lost


def _rekey(book: Book, before: Known | None, now: Known) -> set[str]:
    """Keep a record under its link keys; returns those that it meets newly, or no longer."""
    keyed = now.model_copy(update={"keys": link_keys(book, now)})
    book.keep(keyed)
    if before is not None and before.alive and before.keys == keyed.keys:
        return set()
    return links.reindex(book, before, keyed) | {now.ref}


def _point(book: Book, before: Known | None, now: Known) -> None:
    """Remember to which records this one points, so that it is looked at when those are linked."""
    for name, entity in REFERENCES.get(now.entity, {}).items():
        old, new = before.values.get(name) if before else None, now.values.get(name)
        if old != new and old is not None:
            book.put(f"child/{record_ref(now.connection, entity, str(old))}|{now.ref}", None)
        if old != new and new is not None:
            above = record_ref(now.connection, entity, str(new))
            book.put(f"child/{above}|{now.ref}", MARK)
            if book.get(f"parent/{above}", Mark) is None:
                book.put(f"parent/{above}", MARK)


def _unpoint(book: Book, known: Known, dead: Known) -> None:
    _point(book, known, dead.model_copy(update={"values": {}}))


def _look(book: Book, refs: Iterable[str]) -> None:
    """Look for counterparts; before everything is known, remember only that it has to be done."""
    for entity, some in _by_entity(refs).items():
        if book.ready(entity):
            for ref in some:
                known = book.living(ref)
                if known is not None and known.group is None:
                    deletions.heirs_of(book, known)
            links.look(book, some)
        else:
            for ref in some:
                book.put(_todo(entity, ref), MARK)


def _by_entity(refs: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for ref in refs:
        found.setdefault(entity_of(ref), []).append(ref)
    return found


def _todo(entity: str, ref: str) -> str:
    return f"todo/{entity}/{ref}"


def _finish(book: Book, refs: Iterable[str]) -> None:
    """Write what has to be written: to the groups of these records, to those that changed, and to what points to them."""
    refs = dict.fromkeys(refs)
    children = _children(book)
    for ref in children:
        known = book.living(ref)
        if known is not None and known.entity == "deal":
            _look(book, sorted(_rekey(book, known, known)))
    refs |= dict.fromkeys(children)
    groups: dict[str, Group] = {}
    for ref in refs:
        known = book.living(ref)
        if known is not None:
            complete(book, known)
    keys = [*book.touched, *((k.entity, k.group) for ref in refs if (k := book.living(ref)) is not None and k.group)]
    for entity, key in dict.fromkeys(keys):
        group = book.group(entity, key)
        if group is not None:
            groups[group.name] = group
    for name in groups:
        _settle(book, name)


def _settle(book: Book, name: str) -> None:
    group = book.get(name, Group)
    if group is None:
        return
    first = book.living(next(iter(sorted(group.members.values()))))
    if first is not None:
        complete(book, first)
    settled = book.get(name, Group)
    if settled is not None:
        settle(book, settled)


def _children(book: Book) -> list[str]:
    """The records that point to an account whose counterparts changed; very many of them wait for their turn."""
    found: list[str] = []
    accounts = {ref for entity, key in book.touched if entity == "account" for ref in _members(book, entity, key)}
    for ref in sorted(accounts | {ref for ref in book.relinked if entity_of(ref) == "account"}):
        if book.get(f"parent/{ref}", Mark) is None:
            continue
        names = book.scan(f"child/{ref}|", 1_000_000)
        found += [name.partition("|")[2] for name in names]
    for ref in found[AT_ONCE:]:
        book.put(_todo(entity_of(ref), ref), MARK)
    if len(found) > AT_ONCE and book.meta.word is not None:
        _go_on(book, book.meta.word)
    return found[:AT_ONCE]


def _members(book: Book, entity: str, key: str) -> list[str]:
    group = book.group(entity, key)
    return [] if group is None else list(group.members.values())


def _caught_up(book: Book, event: CaughtUp) -> None:
    """A connection has told everything; once all have, what waited is linked, a chunk at a time."""
    if event.connection in book.setup.tables:
        meta = book.meta
        caught = {**meta.caught, event.connection: tuple(sorted(event.entities))}
        book.put(META, meta.model_copy(update={"caught": caught, "word": event}))
    room = book.setup.rules.chunk
    for entity in ENTITIES:
        if entity not in book.setup.ownership or not book.ready(entity):
            continue
        names = book.scan(f"todo/{entity}/", room)
        refs = [name.removeprefix(f"todo/{entity}/") for name in names]
        for name in names:
            book.put(name, None)
        for ref in refs:
            known = book.living(ref)
            if known is not None:
                _rekey(book, known, known)
        _look(book, refs)
        _finish(book, refs)
        room -= len(names)
        if room <= 0:
            _go_on(book, event)
            return


def _go_on(book: Book, word: CaughtUp | RulingGiven) -> None:
    """More waits than one decision should do: the same word once more, behind what has come meanwhile."""
    book.say(topics.OUR_CHANGES, topics.ONE_ORDER, word)


def _ruled(book: Book, event: RulingGiven) -> None:
    if event.ruling in {Ruling.LINK, Ruling.UNLINK}:
        refs = rule(book, event)
        _look(book, links.around(book, refs))
        _finish(book, refs)
    elif not deletions.release(book, event.connection or "", event.ruling is Ruling.CONFIRM_DELETIONS):
        _go_on(book, event)
