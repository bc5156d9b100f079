"""Shows white space and previews to a person at a terminal; it only draws."""

from rich.console import Console
from rich.table import Table

from mappings.icp import Band, Icp
from mappings.sharing import Level
from schemas.entities import Population
from streams.ecosystem.preview import Preview
from streams.ecosystem.whitespace import WORTH, White
from streams.sharing.gate import Gate

REASONS = 3
BANDS: tuple[Band, ...] = ("A", "B", "C", "D")
NAMES = {
    Population.CUSTOMER: "customer",
    Population.OPEN_OPPORTUNITY: "open opportunity",
    Population.PROSPECT: "prospect",
}
MEANS = {
    Level.ALL: "all accounts are shown",
    Level.OVERLAPS: "only overlaps are shown; the rest is counted",
    Level.COUNTS: "only counted",
    Level.HIDDEN: "hidden",
}


def white(to: Console, found: White, icp: Icp, gate: Gate, top: int) -> None:
    """The best rows that may be seen, then how many there are."""
    if found.rows:
        table = _table("fit", "known", "account", "with the partner", "why")
        for it in found.rows[:top]:
            population, *why = it.reasons
            shown = "; ".join(why[:REASONS])
            known = f"{it.fit.known:.0%}"
            table.add_row(f"{it.fit.band} {it.fit.score}", known, f"{it.account.name}\n{it.id}", population, shown)
        to.print(table)
        more = len(found.rows) - top
        if more > 0:
            to.print(f"and {more:,} more; --out FILE writes them all")
    _counts(to, found, gate)
    to.print(f"profile: {icp.label}")


def _counts(to: Console, found: White, gate: Gate) -> None:
    table = _table("with the partner", *(f"band {band}" for band in WORTH), "what the partner shows us")
    for population in Population:
        cells = [found.counts[population, band] for band in WORTH]
        texts = ["not told" if each is None else f"{each:,}" for each in cells]
        table.add_row(NAMES[population], *texts, MEANS[found.levels[population]])
    to.print(table)
    small = gate.terms.counts.small
    to.print(f"{found.told:,} accounts of the partner that we lack fit, as far as that may be told")
    if not found.complete:
        to.print(f"counts of fewer than {small} are not told where the partner does not show all accounts")
    if Level.ALL not in found.levels.values():
        remedy = 'sharing.toml of `--mappings FOLDER`: [partners.KEY] shows = "all", with `--partner KEY`'
        to.print(
            f"no account is named: the partner shows us none beside overlaps. Where it agreed to more, say so in {remedy}"
        )
    if not gate.open:
        to.print(f"nothing is shown: {gate.closed_by}")


def preview(to: Console, found: Preview, now: Icp, new: Icp) -> None:
    """How many accounts move from which band to which, and those that move farthest."""
    table = _table(f"now: {now.label}", *(f"{band} then" for band in BANDS))
    for before in BANDS:
        numbers = [found.moves.get((before, after), 0) for after in BANDS]
        table.add_row(f"band {before}", *(f"{number:,}" if number else "" for number in numbers))
    to.print(table)
    to.print(f"{found.moved:,} of {found.accounts:,} accounts change their band with {new.label}")
    for it in found.farthest:
        said = f"{it.before.band} {it.before.score} -> {it.after.band} {it.after.score}"
        to.print(f"  {it.name} ({it.id}): {said}: {'; '.join(it.after.reasons[:REASONS])}")


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name)
    return table
