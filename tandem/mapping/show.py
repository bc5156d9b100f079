"""What `tandem map` shows a person: columns, refused rows, the overlaps in figures; it only draws."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from mappings.table import ID
from schemas.entities import Population
from tandem.mapping.explain import Explanation
from tandem.mapping.known import KnownPairs
from tandem.mapping.lists import POPULATION, AccountList
from tandem.mapping.pairs import Pair, Quality

SHOWN_REFUSED = 5  # of each list; all of them are in the file of --rejected
SHOWN_VALUES = 5
SHOWN_REASONS = 3
SAMPLE = 40  # characters
NAMES = {
    Population.CUSTOMER: "customer",
    Population.OPEN_OPPORTUNITY: "open opportunity",
    Population.PROSPECT: "prospect",
}


def console(stderr: bool) -> Console:
    """A console that takes what lists hold for text, never for markup, and leaves long lines to the terminal."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


def progress(to: Console) -> Progress:
    """A bar that goes away when it is done; nothing at all where nobody looks."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=to, transient=True, disable=not to.is_terminal)


def columns(to: Console, lists: Sequence[AccountList]) -> None:
    """Which column serves which field, with a cell of it, and what that leaves out."""
    table = _table("file", "field", "column", "sample")
    short = len({each.source.path.name for each in lists}) == len(lists)
    for each in lists:
        name = plain(each.source.path.name if short else each.source.name)
        if each.numbered:
            table.add_row(name, ID, "(none: the row number)", next(iter(each.accounts)))
        for field, column in each.columns.used.items():
            table.add_row(name, field, plain(column), plain(each.samples.get(column, ""))[:SAMPLE])
    to.print(table)
    for each in lists:
        name = each.source.name
        if each.columns.unused:
            to.print(plain(f"{name}: not used: {', '.join(each.columns.unused)}"))
        missing = [field for field in each.columns.missing if field != ID]
        if missing:
            to.print(f"{plain(name)}: no column for {', '.join(missing)}; --{each.source.side}-column names one")
        if POPULATION in missing:
            to.print(plain(f"{name}: without a population all its accounts count as prospects"))
        elif each.unknown:
            to.print(plain(f"{name}: {_unknown(each)}"))


def _unknown(each: AccountList) -> str:
    shown = ", ".join(f"{value!r} ({count:,})" for value, count in each.unknown.most_common(SHOWN_VALUES))
    more = len(each.unknown) - SHOWN_VALUES
    return f"populations that are not known count as prospect: {shown}" + (f" and {more} more" if more > 0 else "")


def refused(to: Console, each: AccountList, written: bool) -> None:
    """How many rows cannot be used, and what to do about the first of them."""
    if not each.refused:
        return
    to.print(plain(f"\n{each.source.name}: {len(each.refused):,} of {each.rows:,} rows cannot be used"), style="red")
    for row in each.refused[:SHOWN_REFUSED]:
        to.print(plain(f"  row {row.row}: {row.fault.reason} Remedy: {row.fault.remedy}"))
    more = len(each.refused) - SHOWN_REFUSED
    if more > 0:
        to.print(f"  and {more:,} more" + ("" if written else "; --rejected FILE writes them all"))


def matrix(to: Console, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Overlaps by population pair: our populations down, the partner's across."""
    table = _table("ours \\ theirs")
    for name in NAMES.values():
        table.add_column(name, justify="right")
    table.add_column("total", justify="right", style="bold")
    for mine, name in NAMES.items():
        row = [counts[mine.value][other.value] for other in NAMES]
        table.add_row(name, *(f"{count:,}" for count in row), f"{sum(row):,}")
    columns = [sum(counts[mine.value][other.value] for mine in NAMES) for other in NAMES]
    table.add_row("total", *(f"{count:,}" for count in columns), f"{sum(columns):,}", style="bold")
    to.print(table)


def top(to: Console, pairs: Sequence[Pair], ours: AccountList, theirs: AccountList) -> None:
    """The overlaps to look at first, each with what speaks for it and against it."""
    for pair in pairs:
        mine, other = ours.accounts[pair.ours], theirs.accounts[pair.theirs]
        names = f"{mine.name} ({NAMES[mine.population]})  =  {other.name} ({NAMES[other.population]})"
        to.print(plain(f"\n{pair.match.confidence:.3f}  {names}"), style="bold")
        to.print(plain(f"  {pair.ours}, {pair.theirs}: {'; '.join(pair.match.reasons[:SHOWN_REASONS])}"))
        if pair.match.doubts:
            to.print(plain(f"  but: {'; '.join(pair.match.doubts)}"), style="dim")


def explanation(to: Console, found: Explanation, ours: AccountList, theirs: AccountList) -> None:
    """Why one pair is an overlap or not, in the matcher's own terms."""
    mine, other = ours.accounts[found.ours], theirs.accounts[found.theirs]
    to.print(plain(f"{mine.name} ({found.ours})  and  {other.name} ({found.theirs})"), style="bold")
    to.print(plain(found.verdict))
    if found.match:
        to.print(f"confidence {found.match.confidence}")
    for title, sentences in (
        ("for it", found.match.reasons if found.match else ()),
        ("against it", found.match.doubts if found.match else ()),
    ):
        for sentence in sentences:
            to.print(plain(f"  {title}: {sentence}"))
    if found.shared:
        table = _table("shared key", "ours", "theirs", "")
        for key in found.shared:
            table.add_row(plain(key.key), f"{key.ours:,}", f"{key.theirs:,}", "hot: pairs nobody" if key.hot else "")
        to.print(table)


def quality(to: Console, found: Quality, known: KnownPairs) -> None:
    """Precision, recall and F1 in one line."""
    figures = f"precision {found.precision:.4f}, recall {found.recall:.4f}, F1 {found.f1:.4f}"
    to.print(f"against {found.known:,} known pairs: {figures} ({found.found:,} found, {found.correct:,} of them known)")
    if known.strange:
        first = ", ".join(known.strange[0])
        to.print(plain(f"{len(known.strange):,} known pairs have an id that is not in the lists, as {first}"))


def plain(text: str) -> str:
    """The text without what would steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table
