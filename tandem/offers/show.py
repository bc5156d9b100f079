"""Shows private offers to people at a terminal; it asks nothing."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tandem.ledger.offers import WAITING, Chain, Invitation, Match, Shown

HERE = "`tandem offers show NAME` says more, `tandem trace NAME` all."


def chains(found: Sequence[Chain], filtered: bool) -> None:
    """One line each, and below it what somebody has to do."""
    console = Console()
    if not found:
        console.print(
            "There are no such private offers."
            if filtered
            else "No deal has a private offer yet. A seller asks for one on the deal; `tandem offers link` ties an offer "
            "that was made by hand."
        )
        return
    table = _table("deal", "state", "offer", "agreement", "co-sell", "worth", "next step")
    for it in found:
        table.add_row(*map(escape, _cells(it)))
    console.print(table)
    for it in found:
        if it.approval == WAITING:
            console.print(f"[yellow]waits for approval[/]: {_title(it)}: `tandem offers approve {escape(it.deal)}`")
        if it.problem:
            console.print(f"[red]to be corrected[/]: {_title(it)}: {escape(it.problem)}")
    console.print(HERE)


def _cells(it: Chain) -> tuple[str, ...]:
    deal = f"{it.deal_name}\n{it.deal}" if it.deal_name else it.deal
    agreement = _id(it.agreements[-1]) if it.agreements else ""
    cosell = " ".join(filter(None, (_id(it.cosell), _words(it.cosell_status), _words(it.cosell_stage))))
    return (
        deal,
        _words(it.state) or "no offer",
        _id(it.offer or it.offer_set),
        agreement,
        cosell,
        _worth(it),
        it.next_step or "",
    )


def one(it: Shown) -> None:
    """The chain, what has to be done, and the latest steps."""
    console = Console()
    if it.chain is not None:
        _chain(console, it.chain)
    if it.match is not None:
        _match(console, it.match)
    if it.steps:
        console.print("\nWhat has happened, the latest last:")
    for step in it.steps:
        console.print(
            f"  [dim]{step.at:%Y-%m-%d %H:%M:%S}Z[/] {escape(step.step)} [dim]{escape(_words(step.state))}[/]"
        )
    name = it.chain.deal if it.chain else it.match.offer if it.match else ""
    console.print(f"\n`tandem trace {escape(name)}` tells every change, command and answer behind it.")


def _chain(console: Console, it: Chain) -> None:
    console.print(f"[bold]{_title(it)}[/]")
    cosell = ", ".join(filter(None, (it.cosell, _words(it.cosell_status), _words(it.cosell_stage))))
    lines = {
        "deal": ", the same as ".join((it.deal, *it.twins)),
        "state": _words(it.state) or "no private offer",
        "co-sell opportunity": cosell,
        "change set": it.change_set,
        "offer": it.offer,
        "offer set": it.offer_set,
        "agreements, oldest first": ", ".join(it.agreements),
        "licences": ", ".join(it.licenses),
        "worth": _worth(it),
        "to be accepted by": it.accept_by,
        "ends on": it.ends_on,
        "approval": it.approval,
        "next step": it.next_step,
        "to be corrected": it.problem,
        "last": it.step,
    }
    for name, value in lines.items():
        if value:
            console.print(f"{name}: {escape(value)}")
    for reason in it.reasons:
        console.print(f"  because {escape(reason)}")


def unlinked(found: Sequence[Match]) -> None:
    """Proposals with their reasons, then offers that fit no deal."""
    console = Console()
    if not found:
        console.print("Every offer that was made by hand is linked to its deal.")
        return
    for it in found:
        _match(console, it)


def _match(console: Console, it: Match) -> None:
    console.print(f"\n[bold]{escape(it.offer_name)}[/] {escape(it.offer)}: {escape(it.status)}")
    for reason in it.reasons:
        console.print(f"  because {escape(reason)}")
    for each in it.candidates:
        console.print(f"  {each['score']:.2f} {escape(each['name'])} [dim]{escape(each['deal'])}[/]")
        for reason in each["reasons"]:
            console.print(f"       {escape(reason)}")
    if it.status == "proposed" and it.deal:
        console.print(f"  `tandem offers link {escape(it.deal)} {escape(it.offer)}` if it is so")


def invitations(found: Sequence[Invitation]) -> None:
    """One line each."""
    console = Console()
    if not found:
        console.print("No invitation waits for an answer.")
        return
    table = _table("invitation", "what", "customer", "state", "expires")
    for it in found:
        customer = ", ".join(filter(None, (it.company, it.country)))
        table.add_row(*map(escape, (it.ref, it.title or "", customer, it.status or "", it.expires_at or "")))
    console.print(table)
    console.print("`tandem offers accept INVITATION` makes a deal of it, `tandem offers reject INVITATION` declines.")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _title(it: Chain) -> str:
    return escape(it.deal_name or it.deal)


def _worth(it: Chain) -> str:
    return " ".join(filter(None, (it.amount, it.currency)))


def _words(value: str | None) -> str:
    return (value or "").replace("_", " ")


def _id(ref: str | None) -> str:
    return (ref or "").split("/", 2)[-1]
