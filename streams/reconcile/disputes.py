"""Tells which value lost, where two systems have edited one field and neither had seen the other; it settles nothing."""

from collections.abc import Sequence

from mappings.ownership import FieldRule, Policy
from schemas.messages import ConflictFound, ConflictKind, identity
from streams.reconcile.book import Book
from streams.reconcile.desired import holding, members, winner
from streams.reconcile.fields import Edit
from streams.reconcile.state import Group, Known, clock
from streams.reconcile.values import No, localised, shows


def dispute(book: Book, before: Known, now: Known, edits: Sequence[Edit]) -> None:
    """Show each edit that made another one lose, or that lost itself, as settled by the rule of its field."""
    group = book.group_of(now)
    if group is None:
        return
    for edit in edits:
        rule = book.setup.ownership[group.entity].fields.get(edit.name)
        if rule is None or rule.policy in {Policy.MANUAL, Policy.FILL_BLANK} or edit.name not in now.at:
            continue
        having = holding(book, members(book, group), edit.name)
        chosen = winner(rule, having, edit.name)
        for other in having:
            if chosen is not None and other.ref != now.ref and _disputed(book, rule, chosen, before, now, other, edit):
                _show(book, group, rule, chosen, now, other, edit)


def _disputed(book: Book, rule: FieldRule, chosen: Known, before: Known, now: Known, other: Known, edit: Edit) -> bool:
    name, table = edit.name, book.setup.table(now.connection, now.entity)
    value = localised(book, other, now.connection, name)
    if table is None or isinstance(value, No) or shows(now, table, name, value):
        return False
    if rule.policy is Policy.OWNER and rule.owner == other.connection and chosen.ref == other.ref:
        return True  # who edits beside the system of record is told why the edit did not stay
    if name not in other.at or chosen.ref not in {now.ref, other.ref}:
        return False
    seen = shows(before, table, name, value)  # the edit was made on top of the other's value
    rules = book.setup.rules
    # Within the skew of their clocks nobody can say which edit was the later one.
    apart_ms = max(rules.window_s, rules.clock_skew_s) * 1000
    return not seen and abs(now.at[name] - other.at[name]) <= apart_ms


def _show(book: Book, group: Group, rule: FieldRule, chosen: Known, now: Known, other: Known, edit: Edit) -> None:
    name, loser = edit.name, other if chosen.ref == now.ref else now
    if rule.policy is Policy.OWNER and rule.owner == chosen.connection:
        why = f"{chosen.connection} is the system of record of {name}"
    else:
        mine, theirs = clock(chosen.at[name]), clock(loser.at[name])
        why = f"most recent wins: {chosen.connection} {mine} against {loser.connection} {theirs}"
    book.show(
        ConflictFound(
            id=identity("field", group.key, name, other.ref, book.cause),
            kind=ConflictKind.FIELD,
            entity=group.entity,
            key=group.key,
            refs=tuple(sorted((now.ref, other.ref))),
            field=name,
            kept=chosen.values.get(name),
            lost=loser.values.get(name),
            open=False,
            reason=f"{why}.",
            causes=(book.cause,),
            found_at=book.at,
        )
    )
