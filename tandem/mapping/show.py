"""What `tandem map` shows a person: columns, refused rows, the overlaps in figures; it only draws."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import islice

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from mappings.columns import simplify
from mappings.table import ID, EntityMap
from schemas.entities import Population
from tandem.mapping.explain import Explanation
from tandem.mapping.files import in_options
from tandem.mapping.known import KnownPairs
from tandem.mapping.lists import POPULATION, SAMPLES, AccountList
from tandem.mapping.pairs import Pair, Quality
from tandem.mapping.summary import PLAYS, Sides

SHOWN_REFUSED = 5  # of each list; all of them are in the file of --rejected
SHOWN_VALUES = 5
SHOWN_REASONS = 3
SAMPLE = 24  # characters
WEIGHTY = frozenset(  # fields whose lack costs most: in evidence, or in what can be said of an overlap
    {"website", "contact_domains", "other_names", "country", "city", "phone", "population", "owner_name"}
)
NEAR = 0.85  # of a column name: "Acount Nmae" is near "account name", "Rank" is not near "Bank"
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


def columns(to: Console, lists: Sequence[AccountList], table: EntityMap) -> None:
    """Which column serves which field, with three cells of it and how it was found, and what that leaves out."""
    for each in lists:
        to.print(plain(f"{each.source.name}, {each.rows:,} rows"), style="bold")
        drawn = _table("field", "column", "found", "samples")
        if each.numbered:
            drawn.add_row(ID, "(none)", "row number", ", ".join(islice(each.accounts, SAMPLES)))
        for field, column in each.columns.used.items():
            drawn.add_row(field, plain(column), _found(each, table, field, column), _samples(each, column))
        to.print(drawn)
        _how(to, each)
        _left_out(to, each, table)
        to.print()


def _samples(each: AccountList, column: str) -> str:
    return plain(
        " | ".join(cell if len(cell) <= SAMPLE else f"{cell[: SAMPLE - 1]}…" for cell in each.samples.get(column, ()))
    )


def _found(each: AccountList, table: EntityMap, field: str, column: str) -> str:
    if field in each.source.columns:
        return "named"
    vendor = table.id_field if field == ID else table.fields[field].vendor
    return "by name" if simplify(column) == simplify(vendor or "") else "by alias"


def _how(to: Console, each: AccountList) -> None:
    if each.how:
        to.print(plain(f"{each.source.name}: {'; '.join(each.how)}"))
    for remark in each.remarks:
        to.print(plain(f"{each.source.name}: {in_options(str(remark), each.source.side)}"), style="yellow")


def _left_out(to: Console, each: AccountList, table: EntityMap) -> None:
    name, side = each.source.name, each.source.side
    if each.columns.unused:
        to.print(plain(f"{name}: not used: {', '.join(each.columns.unused)}"))
    missing = [field for field in each.columns.missing if field in WEIGHTY]
    for field, column in near(each, table):
        option = f"--{side}-column {field}={column!r}"
        to.print(plain(f"{name}: {column!r} may be the {field.replace('_', ' ')}: {option} says so"), style="yellow")
    if missing:
        more = len([field for field in each.columns.missing if field != ID]) - len(missing)
        others = f" and {more} fields of less weight" if more else ""
        to.print(f"{plain(name)}: no column for {', '.join(missing)}{others}; --{side}-column names one")
    if POPULATION in missing:
        to.print(plain(f"{name}: without a population all its accounts count as prospects"))
    elif each.unknown:
        to.print(plain(f"{name}: {_unknown(each)}"))


def near(each: AccountList, table: EntityMap) -> list[tuple[str, str]]:
    """Fields that no column serves, with a column that is not used and is called nearly so; each column once."""
    unused = {simplify(column): column for column in each.columns.unused}
    found = []
    for field in each.columns.missing:
        mapped = table.fields.get(field)
        names = (table.id_field or "", *table.id_aliases) if mapped is None else (mapped.vendor, *mapped.aliases)
        close = [match for name in names for match in get_close_matches(simplify(name), unused, n=1, cutoff=NEAR)]
        if close:
            found.append((field, unused.pop(close[0])))
    return found


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
    """Overlaps by population pair, each with its play: our populations down, the partner's across."""
    table = _table("ours \\ theirs")
    for name in NAMES.values():
        table.add_column(name, justify="right")
    table.add_column("total", justify="right", style="bold")
    for mine, name in NAMES.items():
        row = [counts[mine.value][other.value] for other in NAMES]
        cells = (f"{count:,}\n{PLAYS[mine, other].name}" for count, other in zip(row, NAMES, strict=True))
        table.add_row(name, *cells, f"{sum(row):,}")
    columns = [sum(counts[mine.value][other.value] for mine in NAMES) for other in NAMES]
    table.add_row("total", *(f"{count:,}" for count in columns), f"{sum(columns):,}", style="bold")
    to.print(table)


def counts(to: Console, found: Sides, bands: Mapping[str, int], families: int, twice: tuple[int, int] | None) -> None:
    """Why the two sides count differently, how sure the overlaps are, and what is only of one family."""
    to.print(f"{found.told()}")
    less = bands["not_shown"]
    more = f", {less:,} less sure than a deployment would show" if less else ""
    to.print(f"{bands['linked']:,} are linked, {bands['to_confirm']:,} wait to be confirmed{more}")
    if twice and any(twice):
        to.print(
            f"within one list, {twice[0]:,} of ours and {twice[1]:,} of theirs are duplicates of another row there"
        )
    if families:
        to.print(f"{families:,} further pairs are of one family, as parent and subsidiary: related, no overlap")


def introductions(to: Console, pairs: Sequence[Pair], ours: AccountList, theirs: AccountList) -> None:
    """Whom to ask for an introduction to our prospects that the partner knows."""
    if not pairs:
        return
    to.print("\nthe best introductions to ask for", style="bold")
    for number, pair in enumerate(pairs, 1):
        mine, other = ours.accounts[pair.ours], theirs.accounts[pair.theirs]
        ask = other.owner_name or other.owner_email
        whom = f"ask {ask} at the partner" if ask else "ask the partner who owns it"
        wants = mine.owner_name or mine.owner_email
        sure = f"{pair.match.confidence:.3f}"
        to.print(
            plain(f"{number:>3}. {mine.name}: their {NAMES[other.population]}, our prospect; {whom}"), style="bold"
        )
        detail = "; ".join(pair.match.reasons[:SHOWN_REASONS])
        to.print(plain(f"     {sure}{f', for {wants}' if wants else ''}: {detail} ({pair.ours}, {pair.theirs})"))


def families(to: Console, pairs: Sequence[Pair], ours: AccountList, theirs: AccountList) -> None:
    """The first pairs that are of one family, with their relation."""
    if pairs:
        to.print("\nof one family, not the same", style="bold")
    for pair in pairs[:SHOWN_VALUES]:
        names = f"{ours.accounts[pair.ours].name}  ~  {theirs.accounts[pair.theirs].name}"
        to.print(plain(f"  {names}: {pair.match.kin or 'related'} ({pair.ours}, {pair.theirs})"))


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
    """Why one pair is an overlap or not, in the matcher's own terms, each piece of evidence with its weight."""
    mine, other = ours.accounts[found.ours], theirs.accounts[found.theirs]
    to.print(plain(f"{mine.name} ({found.ours})  and  {other.name} ({found.theirs})"), style="bold")
    to.print(plain(found.verdict))
    for sentence in found.standing:
        to.print(plain(sentence))
    table = _table("", "weight", "evidence")
    for each in found.evidence:
        side = "for it" if each.weight > 0 else "against it" if each.weight < 0 else "no matter"
        table.add_row(side, f"{each.weight:+.1f}  {each.strength}", plain(each.sentence))
    if found.evidence:
        to.print(table)
    for sentence in found.would_change:
        to.print(plain(f"what would change it: {sentence}"))
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
