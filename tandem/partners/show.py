"""Shows partners to people at a terminal; it asks nothing."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tandem.ledger.partners import Line, Whole

Values = dict[str, Any]


def lines(found: Sequence[Line]) -> None:
    """One line each."""
    console = Console()
    if not found:
        console.print("No partner is active. `tandem partners list --all` shows all that are known.")
        return
    table = _table("partner", "name", "tier", "certified", "open leads", "onboarding", "lapses next")
    for it in found:
        people = _certified(it.certified, it.certifications)
        tier = it.tier or "none"
        state = tier if it.status == "active" else f"{tier} ({it.status})"
        cells = (it.partner, it.name, state, people, str(it.open_leads), it.onboarding, it.next_lapse_on or "")
        table.add_row(*map(escape, cells))
    console.print(table)
    console.print("`tandem partners show PARTNER` says more, `tandem trace PARTNER` all.")


def _certified(people: int, certifications: int) -> str:
    if not certifications:
        return "nobody"
    return f"{people} {'person' if people == 1 else 'people'}, {certifications} in force"


def one(it: Whole) -> None:
    """All of it, each part under its name; parts that hold nothing are left out."""
    console = Console()
    console.print(f"[bold]{escape(it.line.name)}[/] {escape(it.line.partner)}: {escape(it.line.status)}")
    for name, value in _fields(it).items():
        if value:
            console.print(f"{name}: {escape(value)}")
    for reason in it.reasons:
        console.print(f"  because {escape(reason)}")
    _part(console, "Certifications", it.certifications, ("email", "name", "status", "expires_on"))
    _part(console, "Onboarding", it.milestones, ("name", "due_on", "done_on", "missing"))
    _part(
        console,
        "Registrations, the latest first",
        it.registrations,
        ("registration", "name", "status", "protected_until"),
    )
    _part(console, "Leads, the latest first", it.leads, ("lead", "name", "state", "rule"))
    _part(console, "Fees, the latest first", it.fees, ("deal", "kind", "amount", "currency"))
    _attribution(console, it)


def _fields(it: Whole) -> dict[str, str]:
    since = f" since {it.tier_since}" if it.tier_since else ""
    until = f", until {it.tier_lapses_on} if nothing changes" if it.tier_lapses_on else ""
    return {
        "tier": f"{it.line.tier or 'none'}{since}{until}",
        "revenue that counts": " ".join(filter(None, (it.revenue, it.currency))),
        "records": ", ".join(it.refs),
        "people": ", ".join(it.people),
        "open leads": str(it.line.open_leads),
        "lapses next": it.line.next_lapse_on or "",
        "next step": it.line.next_step or "",
    }


def _attribution(console: Console, it: Whole) -> None:
    if not it.influenced:
        return
    console.print(f"\n[bold]Deals[/]: brought {it.sourced}, a part in {it.influenced}")
    table = _table("model", "amount", "deals")
    for each in it.attribution:
        worth = f"{each.amount} {each.currency or ''}".rstrip()
        table.add_row(*map(escape, (each.model.replace("_", " "), worth, str(each.deals))))
    console.print(table)


def notices(found: Sequence[Values]) -> None:
    """One line each."""
    console = Console()
    if not found:
        console.print("Nothing lapses soon and nothing is late.")
        return
    _part(console, "Notices", found, ("due_on", "partner", "about", "subject", "words"))


def _part(console: Console, title: str, rows: Sequence[Values], columns: Sequence[str]) -> None:
    if not rows:
        return
    console.print(f"\n[bold]{title}[/]")
    table = _table(*(name.replace("_", " ") for name in columns))
    for row in rows:
        table.add_row(*(escape(_cell(row[name])) for name in columns))
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value).replace("_", " ") if value in WORDS else str(value)


WORDS = frozenset({"in_force", "in_review", "referral_fee"})  # of ours, and no name of anything


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
