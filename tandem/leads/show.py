"""Shows leads and rehearsals of the routing to people at a terminal; it asks nothing."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from schemas.messages import LeadCandidate, LeadRouted
from tandem.leads.lists import Read
from tandem.leads.rehearsal import Outcome
from tandem.leads.running import Difference
from tandem.ledger.leads import Step


def routes(found: Sequence[LeadRouted], filtered: bool) -> None:
    """One line each."""
    console = Console()
    if not found:
        console.print("There are no such leads." if filtered else "No lead has been routed yet.")
        return
    table = _table("lead", "state", "partner", "answers by", "rule", "next step")
    for it in found:
        by = f"{it.respond_by:%Y-%m-%d %H:%M}" if it.respond_by is not None else ""
        who = it.partner_name or it.partner or ""
        table.add_row(*map(escape, (f"{it.name}\n{it.lead}", it.state, who, by, it.rule or "", it.next_step or "")))
    console.print(table)
    console.print("`tandem explain lead LEAD` says why.")


def one(it: LeadRouted, steps: Sequence[Step]) -> None:
    """Where it is, why, every partner that was looked at, and what has happened."""
    console = Console()
    console.print(f"[bold]{escape(it.name)}[/] {escape(it.lead)}")
    lines = {
        "state": it.state.value,
        "partner": it.partner_name or it.partner,
        "offer": str(it.assignment) if it.assignment else None,
        "answers by": f"{it.respond_by:%Y-%m-%d %H:%M} UTC" if it.respond_by is not None else None,
        "rule": it.rule,
        "rules": it.rules_version,
        "account": it.account,
        "deal": it.deal,
        "next step": it.next_step,
    }
    for name, value in lines.items():
        if value:
            console.print(f"{name}: {escape(value)}")
    for reason in it.reasons:
        console.print(f"  because {escape(reason)}")
    candidates(console, it.candidates, it.further)
    if steps:
        console.print("\nWhat has happened, the latest last:")
    for step in steps:
        who = f" {step.partner}" if step.partner else ""
        why = step.reasons[-1] if step.reasons else ""
        console.print(f"  [dim]{step.at:%Y-%m-%d %H:%M:%S}Z[/] {escape(step.state + who)}: {escape(why)}")


def candidates(console: Console, found: Sequence[LeadCandidate], further: int) -> None:
    """Every partner that was looked at, with why it won or lost."""
    if not found:
        return
    table = _table("", "partner", "score", "why")
    for it in found:
        mark = "[green]won[/]" if it.won else "lost" if it.eligible else "[dim]out[/]"
        table.add_row(mark, escape(it.name), f"{it.score:g}" if it.eligible else "", escape(", ".join(it.reasons)))
    console.print()
    console.print(table)
    if further:
        console.print(f"and {further:,} more that would have come later")


def outcomes(found: Sequence[Outcome], lists: Sequence[Read]) -> None:
    """Who would get each lead and why."""
    console = Console()
    table = _table("lead", "would go to", "rule", "why", "next")
    for it in found:
        name = f"{' '.join(filter(None, (it.lead.first_name, it.lead.last_name)))}, {it.lead.company}"
        if it.fact is None:
            table.add_row(escape(name), "[dim]left alone[/]", "", escape(it.left_alone or ""), "")
            continue
        others = ", ".join(each.name for each in it.fact.candidates if each.eligible and not each.won)
        why = it.fact.reasons[-1] if it.fact.partner else it.fact.reasons[0]
        table.add_row(*map(escape, (name, goes_to(it.fact), it.fact.rule or "", why, others)))
    console.print(table)
    for each in (refused for one_list in lists for refused in one_list.refused):
        console.print(f"[yellow]{escape(each.file)} row {each.row}[/]: {escape(each.reason)} {escape(each.remedy)}")
    console.print(f"\n{len(found):,} leads; nothing was written.")


def goes_to(fact: LeadRouted) -> str:
    """Who gets it, in one word or two."""
    return fact.partner_name or fact.partner or ("direct sales" if fact.state == "direct" else fact.state.value)


def differences(found: Sequence[Difference], total: int) -> None:
    """What other rules would have done."""
    console = Console()
    if not found:
        console.print(f"All {total:,} leads would have gone where they went.")
        return
    table = _table("lead", "went to", "would go to", "by the rule", "why")
    for it in found:
        table.add_row(*map(escape, (f"{it.name}\n{it.lead}", it.went_to, it.would_go_to, it.rule or "", it.why)))
    console.print(table)
    console.print(f"{len(found):,} of {total:,} leads would have gone elsewhere; nothing was written.")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
