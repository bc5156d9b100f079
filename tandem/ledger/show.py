"""Shows the ledger's answers to people at a terminal; it asks nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tandem.ledger.answers import Candidate, Disagreement, Event, LedgerStatus, Letter, RoleStatus, Status, Trace
from tandem.ledger.letters import Done
from tandem.ledger.partnering import KINDS

COLOURS = {"running": "green", "paused": "yellow", "stopped": "red"}
DECIDED = frozenset({"link", "overlap", "match", "offer", "write", *KINDS})
SHORT = 12  # so much of an id tells one from another


def status(it: Status) -> None:
    """Connections, then what is parked or disputed, then what needs a person."""
    console = Console()
    if it.ledger.fed_at is None:
        console.print(
            f"Nothing has been told yet: there is no ledger at {escape(it.ledger.place)}. `tandem up` makes it."
        )
        return
    table = _table("connection", "", "state", "last change", "today", "waiting", "quota")
    for role in it.connections:
        table.add_row(*map(_plain, (role.connection, role.role)), _state(role), *map(_plain, _figures(role, it.as_of)))
    console.print(table)
    console.print(f"\n{_ledger(it.ledger, it.as_of)}")
    for name, counts in (("dead letters", it.dead_letters), ("conflicts", it.conflicts)):
        console.print(f"open {name}: {_counts(counts)}")
    for need in it.needs:
        console.print(f"[red]needs a person[/]: {escape(need)}")
    if it.ok:
        console.print("[green]Nothing needs a person.[/]")


def _state(role: RoleStatus) -> str:
    colour = COLOURS.get(role.state, "dim")
    until = f" until {_moment(role.until)}" if role.until and role.state == "paused" else ""
    reason = f": {role.reason}" if role.reason else ""
    return f"[{colour}]{role.state}[/]{escape(until + reason)}"


def _figures(role: RoleStatus, now: datetime) -> tuple[str, str, str, str]:
    quota = f"{role.used} of {role.quota}" if role.used is not None and role.quota is not None else ""
    if role.role == "source":
        last = _ago(role.last_change_at, now) if role.last_change_at else "none"
        return last, f"{role.changes_today} changes", "", quota
    return "", _counts(role.outcomes_today), str(role.waiting), quota


def _ledger(it: LedgerStatus, now: datetime) -> str:
    behind = f"{it.behind} records behind the topics" if it.behind else ""
    if it.feeding and not behind:
        return f"The ledger is up to date as of {_ago(it.fed_at, now)}."
    if it.feeding:
        return f"The ledger is being fed, {behind}."
    return f"[red]The ledger was last fed {_ago(it.fed_at, now)}[/]{behind and ', ' + behind}."


def trace(it: Trace) -> None:
    """The record, then its story, oldest first."""
    console = Console()
    console.print(f"[bold]{escape(it.title)}[/]")
    if it.key:
        console.print(f"Tandem key {escape(it.key)}: {escape(', '.join(it.members))}")
    if it.more:
        console.print(f"[dim]older events are left out (--limit {len(it.events)})[/]")
    for event in it.events:
        _event(console, event)
    if not it.events:
        console.print("Nothing has happened to it yet.")


def _event(console: Console, event: Event) -> None:
    console.print(f"\n[dim]{_moment(event.at)}[/] [bold]{event.kind}[/] {escape(event.what)}")
    console.print(f"  [dim]{escape(event.subject)} · {event.id}[/]")
    shown = ((name, pair) for name, pair in event.fields.items() if any(map(_is_something, pair)))
    for name, (before, after) in shown:
        console.print(f"  {escape(name)}: {escape(_value(before))} → {escape(_value(after))}")
    for reason in event.reasons:
        console.print(f"  because {escape(reason)}" if event.kind in DECIDED else f"  {escape(reason)}")
    if event.causes:
        console.print(f"  [dim]from {escape(', '.join(event.causes))}[/]")


def candidates(asked: str, found: Sequence[Candidate]) -> None:
    """Several are called so: which are there."""
    console = Console()
    console.print(f"{len(found)} records are called {escape(asked)}; name one of them:")
    for it in found:
        console.print(f"  {escape(it.name)}  [dim]{escape(it.what)}[/]")


def letters(found: Sequence[Letter]) -> None:
    """One line each, and what can be done."""
    console = Console()
    if not found:
        console.print("There are no such dead letters.")
        return
    table = _table("id", "parked", "stage", "what", "code", "state")
    for it in found:
        again = f" ({it.times} times)" if it.times > 1 else ""
        cells = (it.id[:SHORT], _moment(it.parked_at), it.stage, it.subject, it.code, it.status + again)
        table.add_row(*map(_plain, cells))
    console.print(table)
    console.print("\n`tandem deadletters show ID` says what to do; then `retry` or `discard`.")


def letter(it: Letter) -> None:
    """Everything that is known of one."""
    _fields(
        {
            "id": it.id,
            "state": it.status + (f" by {it.resolved_by} at {_moment(it.resolved_at)}" if it.resolved_at else ""),
            "note": it.note,
            "parked at": f"{it.stage}, {_moment(it.parked_at)}" + (f", {it.times} times" if it.times > 1 else ""),
            "what": it.subject,
            "field": it.field,
            "wrong": f"{it.code}: {it.reason}",
            "remedy": it.remedy,
            "origin": it.origin,
            "input": it.payload,
        }
    )


def done(found: Sequence[Done], what: str) -> None:
    """How many were dealt with, and why others were not."""
    console = Console()
    for it in found:
        if not it.done:
            console.print(f"[red]{it.id[:SHORT]} not {what}[/]: {escape(it.why)}")
    console.print(f"{sum(it.done for it in found)} of {len(found)} {what}.")


def conflicts(found: Sequence[Disagreement]) -> None:
    """One line each, and the records concerned."""
    console = Console()
    if not found:
        console.print("There are no such conflicts.")
        return
    table = _table("id", "found", "kind", "field", "records", "state")
    for it in found:
        state = "waits for a person" if it.open else "settled"
        cells = (it.id[:SHORT], _moment(it.found_at), it.kind, it.field or "", "\n".join(it.refs), state)
        table.add_row(*map(_plain, cells))
    console.print(table)


def conflict(it: Disagreement) -> None:
    """Everything that is known of one."""
    _fields(
        {
            "id": it.id,
            "state": "waits for a person" if it.open else "settled",
            "kind": it.kind,
            "records": ", ".join(it.refs),
            "Tandem key": it.key,
            "field": it.field,
            "stays": _value(it.kept) if it.field else None,
            "lost": _value(it.lost) if it.field else None,
            "why": it.reason,
            "remedy": it.remedy or None,
            "from": ", ".join(it.causes) or None,
            "found": _moment(it.found_at),
        }
    )


def _fields(found: Mapping[str, str | None]) -> None:
    console = Console()
    for name, value in found.items():
        if value:
            console.print(f"[bold]{name}[/]: {escape(value)}")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


def _plain(value: object) -> str:
    return escape(str(value))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items()) or "none"


def _value(value: Any) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, list) else value
    return str(shown) if _is_something(value) else "(empty)"


def _is_something(value: Any) -> bool:
    return value is not None and value not in ("", [])


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
