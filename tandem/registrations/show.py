"""Shows deal registrations to people at a terminal; it asks nothing."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tandem.ledger.registrations import IN_REVIEW, Registered, Shown

HERE = "`tandem registrations show NAME` says more, `tandem trace NAME` all."


def registrations(found: Sequence[Registered], filtered: bool) -> None:
    """One line each, and below it who has to decide."""
    console = Console()
    if not found:
        nothing = "There are no such registrations."
        console.print(
            nothing if filtered else "No partner has registered a deal that is not over. --all shows the others."
        )
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("registration", "partner", "status", "protected until", "deal", "next step"):
        table.add_column(column, overflow="fold")
    for it in found:
        row = (
            f"{it.name}\n{it.registration}", it.partner_name, _words(it.status), it.protected_until or "", it.deal or "",
            it.next_step or "",
        )  # fmt: skip
        table.add_row(*map(escape, row))
    console.print(table)
    for it in found:
        if it.status == IN_REVIEW and it.approvals:
            who = ", ".join(it.approvals[-1]["approvers"])
            console.print(
                f"[yellow]waits for[/] {escape(who)}: `tandem registrations approve {escape(it.registration)}`"
            )
    console.print(HERE)


def one(it: Shown) -> None:
    """How it stands and why, who decides, what was earned, and the latest steps."""
    console, found = Console(), it.registration
    console.print(f"[bold]{escape(found.name)}[/]")
    lines = {
        "registration": ", the same as ".join((found.registration, *found.twins)),
        "partner": f"{found.partner_name} ({found.partner})",
        "status": _words(found.status),
        "submitted": found.submitted_at,
        "approved": " by ".join(filter(None, (found.approved_at, found.approved_by))),
        "protected until": found.protected_until,
        "margin or fee, percent": found.margin_percent,
        "rule": found.rule,
        "stands against it": found.conflict_with,
        "account": found.account,
        "deal": found.deal,
        "next step": found.next_step,
    }
    for name, value in lines.items():
        if value:
            console.print(f"{name}: {escape(value)}")
    for each in found.missing:
        console.print(f"  missing: {escape(each)}")
    for reason in found.reasons:
        console.print(f"  because {escape(reason)}")
    for level in found.approvals:
        who = f"decided by {level['by']}" if level["by"] else f"waits for {', '.join(level['approvers'])}"
        late = ", escalated" if level["escalated"] else ""
        console.print(f"  level {level['level']}: {escape(who)}, due {level['due_at']}{late}")
    for due in it.fees:
        console.print(f"due to {escape(due.partner)}: {due.amount} {escape(due.currency)}, {escape(due.basis)}")
    _steps(console, it)
    console.print(f"\n`tandem trace {escape(found.registration)}` tells every change, ruling and write behind it.")


def _steps(console: Console, it: Shown) -> None:
    if it.steps:
        console.print("\nWhat has happened, the latest last:")
    for step in it.steps:
        why = step.reasons[0] if step.reasons else ""
        console.print(f"  [dim]{step.at:%Y-%m-%d %H:%M:%S}Z[/] {escape(_words(step.status))}: {escape(why)}")


def _words(value: str) -> str:
    return value.replace("_", " ")
