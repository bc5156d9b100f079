"""The demo's live table; it only draws."""

import time
from collections import Counter

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table

from schemas.entities import Population
from tandem.demo.edits import Editor, percentile
from tandem.demo.stage import CRM, PARTNER_NAME
from tandem.demo.watch import Tally
from tandem.supervisor import Supervisor

NAMES = {
    Population.CUSTOMER: "customer",
    Population.OPEN_OPPORTUNITY: "open opportunity",
    Population.PROSPECT: "prospect",
}


class Rates:
    """Records a second over the last few looks."""

    def __init__(self, seconds: float = 5.0) -> None:
        self._seconds, self._seen = seconds, [(time.monotonic(), 0)]

    def at(self, count: int) -> float:
        """The rate, given the count so far."""
        now = time.monotonic()
        self._seen.append((now, count))
        self._seen = [seen for seen in self._seen if now - seen[0] <= self._seconds]
        (start, first), (end, last) = self._seen[0], self._seen[-1]
        return (last - first) / (end - start) if end > start else 0.0


def matrix(tally: Tally) -> Table:
    """Active overlaps by population pair: our populations down, the partner's across."""
    counts = Counter((each.our_population, each.partner_population) for each in tally.active_of(CRM))
    table = Table(title=f"overlaps with {PARTNER_NAME}", title_justify="left", box=None, header_style="bold")
    table.add_column("ours \\ theirs")
    for theirs in Population:
        table.add_column(NAMES[theirs], justify="right")
    table.add_column("total", justify="right", style="bold")
    for ours in Population:
        row = [counts[ours, theirs] for theirs in Population]
        table.add_row(NAMES[ours], *map(str, row), str(sum(row)))
    return table


def figures(tally: Tally, rate: float, latencies_ms: list[float]) -> Table:
    """What came in, what was written, what was parked, how fast."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    changes = ", ".join(f"{count} from {name}" for name, count in sorted(tally.changes.items()))
    table.add_row("changes in", f"{tally.total} ({changes})" if changes else "0")
    table.add_row("overlaps found", str(len(tally.active)))
    table.add_row("accounts in both of our CRMs", str(len(tally.pairs)))
    table.add_row("records written", f"{tally.written} ({tally.settled - tally.written} needed no write)")
    table.add_row("dead letters", str(len(tally.dead_letters)))
    table.add_row("records a second", f"{rate:.0f}")
    if latencies_ms:
        p50, p99 = percentile(latencies_ms, 0.5), percentile(latencies_ms, 0.99)
        table.add_row("edit to overlap", f"p50 {p50:.0f} ms, p99 {p99:.0f} ms ({len(latencies_ms)} edits)")
    return table


def screen(tally: Tally, rate: float, editor: Editor, supervisor: Supervisor, phase: str) -> RenderableType:
    """The whole live view."""
    parts: list[RenderableType] = [figures(tally, rate, editor.latencies_ms), "", matrix(tally)]
    news = phase or (f"last edit: {editor.last}" if editor.last else "loaded; from here on accounts are edited")
    parts += ["", news]
    states = Counter(child.state for child in supervisor.children)
    parts += ["", f"processes: {', '.join(f'{count} {state}' for state, count in states.items())}   Ctrl-C stops"]
    return Panel(
        Group(*parts), title="Tandem: our two CRMs kept in step, and partner overlaps in all three", padding=(1, 2)
    )
