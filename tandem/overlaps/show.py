"""Shows overlaps to people at a terminal; it asks nothing."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tandem.ledger.overlaps import Counts, Standing, Verdict
from tandem.overlaps.hot import HotKey


def overlaps(found: Sequence[Standing], total: int) -> None:
    """One line each."""
    console = Console()
    if not found:
        console.print("There are no such overlaps.")
        return
    table = _table("overlap", "our account", "partner", "their account", "sure", "band", "why")
    for it in found:
        overlap = it.overlap
        band = overlap.kin or (overlap.band.value.replace("_", " ") if overlap.band else overlap.relation.value)
        theirs = f"{overlap.partner_account_name}\n{overlap.partner_account}"
        sure = f"{overlap.confidence:.2f}"
        _row(table, overlap.key, it.our_ref, overlap.partner_name, theirs, sure, band, overlap.main_reason)
    console.print(table)
    if total > len(found):
        console.print(f"{total - len(found)} more: --limit {total} shows all.")
    console.print("`tandem overlaps show OVERLAP` says why, `confirm` and `refuse` settle it for good.")


def one(it: Standing, verdicts: Sequence[Verdict], reasons: Sequence[str]) -> None:
    """An overlap with all that is known of it. `reasons`: what the evidence alone says now, for and against."""
    console, overlap = Console(), it.overlap
    console.print(
        f"[bold]{escape(it.our_ref)}[/] and {escape(overlap.partner_account_name)} of {escape(overlap.partner_name)} "
        f"({escape(overlap.partner_account)}): {overlap.relation.value}, {overlap.confidence:.2f}, "
        f"{overlap.band.value.replace('_', ' ') if overlap.band else 'no band'}, {overlap.status.value}"
    )
    for reason in overlap.reasons:
        console.print(f"  - {escape(reason)}")
    if reasons:
        console.print("The evidence alone, from the records as they are now:")
        for reason in reasons:
            console.print(f"  - {escape(reason)}")
    ruled(verdicts)


def ruled(verdicts: Sequence[Verdict]) -> None:
    """What people said."""
    for each in verdicts:
        review = f"; {each.review}" if each.review else ""
        said = f"{each.ours} and {each.theirs}: {each.verdict}, says {each.by} on {each.at[:10]}{review}"
        Console().print(escape(said), style="yellow" if each.review else None)


def counts(found: Counts) -> None:
    """Why two sides see different numbers."""
    console = Console()
    console.print(f"[bold]{escape(found.partner)}[/]: {found.said}.")
    console.print(f"{found.linked} are linked, {found.to_confirm} to be confirmed; {found.related} more are related.")
    console.print(
        f"We count {found.ours}, they count {found.theirs}: each side counts its own accounts, duplicates too."
    )


def hot(found: Sequence[HotKey]) -> None:
    """One line each."""
    console = Console()
    if not found:
        console.print("No match key is held by too many accounts.")
        return
    table = _table("key", "accounts", "comparisons saved", "told")
    for it in found:
        counted = ", ".join(f"{party.removeprefix('partner:')}: {count:,}" for party, count in it.counts.items())
        _row(table, it.key, counted, f"{it.skipped:,}", it.since)
    console.print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _row(table: Table, *cells: str) -> None:
    table.add_row(*map(escape, cells))
