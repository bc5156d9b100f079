"""A plan for people: a table of records and fields, before and after; it decides nothing."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tandem.planning.plan import Effect, Plan, RecordChange

COLOURS = {
    Effect.CREATE: "green",
    Effect.UPDATE: "yellow",
    Effect.ARCHIVE: "red",
    Effect.NOTHING: "dim",
    Effect.OVERTAKEN: "dim",
    Effect.REFUSED: "red",
}


def show(plan: Plan, console: Console, limit: int) -> None:
    """The records that would change, at most `limit` of them, and how many of each effect there are."""
    telling = [each for each in plan.records if each.effect is not Effect.NOTHING]
    if telling:
        console.print(_table(telling[:limit]))
    if len(telling) > limit:
        console.print(f"... and {len(telling) - limit:,} more: --limit shows them, --json and --out hold them all")
    counts = Counter(each.effect for each in plan.records)
    said = ", ".join(f"{counts[effect]:,} {effect}" for effect in Effect if counts[effect])
    console.print(f"{plan.connection}: {said or 'no write waits'}")


def _table(records: Sequence[RecordChange]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "record", "field", "before", "after", "why"):
        table.add_column(column, overflow="fold")
    for record in records:
        first = True
        why = "; ".join(record.reasons)
        colour = COLOURS[record.effect]
        for field in record.fields or (None,):
            table.add_row(
                f"[{colour}]{record.effect}[/]" if first else "",
                escape(record.record) if first else "",
                escape(field.field) if field else "",
                _value(field.before) if field else "",
                _value(field.after) if field else escape(record.note),
                escape(why) if first else "",
            )
            first = False
    return table


def _value(value: object) -> str:
    return "[dim]empty[/]" if value is None else escape(str(value))
