"""Shows sharing to people at a terminal; it asks nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from schemas.messages import ShareDecided
from tandem.sharing.asking import Agreed, Preview, theirs

NOT_SHOWN = "·"
ROWS = 10


def partners(found: Sequence[Agreed]) -> None:
    """One partner below the other."""
    console = Console()
    if not found:
        console.print("No partner is connected and none has an entry in sharing.toml: nothing leaves.")
    for it in found:
        _partner(console, it)


def _partner(console: Console, it: Agreed) -> None:
    gate = it.gate
    state = "[green]shared[/]" if gate.open else f"[yellow]nothing leaves[/]: {escape(gate.closed_by)}"
    console.print(f"[bold]{escape(it.name)}[/] {escape(gate.terms.partner)}: {state}")
    table = Table(box=None, show_header=False, pad_edge=False)
    caps = gate.terms.caps
    most = f"{caps.adds_per_day} or {caps.changed_share:.0%} of the list a day, {caps.least} in any case"
    lines = {
        "we agreed": gate.terms.ours or "no",
        "they agreed": theirs(gate) or "no",
        "written into": ", ".join(it.into) or "no system",
        "they see": ", ".join(f"{name} {level}" for name, level in gate.terms.levels.items()),
        "fields": ", ".join(sorted(gate.terms.fields)),
        "we see": ", ".join(f"{name} {level}" for name, level in gate.terms.shows.items()),
        "caps": f"{caps.largest_list} accounts; {most}",
        "held back": f"about {it.held} accounts; `tandem sharing release` lets them through" if it.held else "",
        "rulings": "" if it.known else "not known: there is no ledger yet",
    }
    for name, value in lines.items():
        if value:
            table.add_row(f"  {name}", escape(value))
    console.print(table)


def preview(it: Preview) -> None:
    """What the partner could see: the first rows of each kind, and the counts."""
    console, gate = Console(), it.agreed.gate
    if not gate.open:
        console.print(f"Nothing leaves to {escape(it.agreed.name)}: {escape(gate.closed_by)}.")
        return
    console.print(f"Of {it.accounts} accounts of {escape(it.connection)}, {escape(it.agreed.name)} can see:")
    _rows(console, "overlaps in its own system", it.seen.overlaps)
    _rows(console, "accounts in a report or list", it.seen.rows)
    _counts(console, it)


def _rows(console: Console, title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    console.print(f"\n[bold]{title}[/]: {len(rows)}")
    if not rows:
        return
    names = [name for name in rows[0] if any(row[name] not in (None, "", [], {}) for row in rows[:ROWS])]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows[:ROWS]:
        table.add_row(*(escape(_cell(row[name])) for name in names))
    console.print(table)
    if len(rows) > ROWS:
        console.print(f"and {len(rows) - ROWS} more; `--json` has them all")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _counts(console: Console, it: Preview) -> None:
    counts = it.seen.counts
    console.print(f"\n[bold]counts[/]: our population, then theirs; {NOT_SHOWN} is not shown")
    table = Table(box=None, pad_edge=False, header_style="bold")
    others = list(counts.theirs)
    for name in ("", *others, "all"):
        table.add_column(name.replace("_", " "))
    for mine in counts.ours:
        cells = [_number(counts.cells[mine, other]) for other in others]
        table.add_row(escape(mine.replace("_", " ")), *cells, _number(counts.ours[mine]))
    table.add_row("all", *(_number(counts.theirs[other]) for other in others), _number(counts.total))
    console.print(table)


def _number(value: int | None) -> str:
    return NOT_SHOWN if value is None else str(value)


def audit(found: Sequence[ShareDecided]) -> None:
    """One line for each entry."""
    console = Console()
    if not found:
        console.print("The audit has no entry of that kind.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("when", "partner", "what", "our account", "theirs", "how many", "by", "why"):
        table.add_column(name, overflow="fold")
    for it in found:
        when = f"{it.decided_at:%Y-%m-%d %H:%M:%S}"
        cells = (it.partner, it.verdict.value, it.ref or "", it.theirs or "", str(it.count or ""), it.by or "")
        table.add_row(when, *map(escape, cells), escape("; ".join(it.reasons)))
    console.print(table)
