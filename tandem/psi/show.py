"""Tells how far an intersection has come, with rate and time left, and what came of it; it only draws."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tandem.mapping.show import console
from tandem.psi.server import Tell

STEP = 0.1  # of the whole: how often a line is written where nobody looks at a terminal


@dataclass(slots=True)
class Pace:
    """How fast one stage goes: what was done before it began does not count."""

    clock: Callable[[], float]
    began: float
    first: int

    def told(self, done: int, total: int) -> str:
        """The rate, and the time left."""
        rate = (done - self.first) / max(self.clock() - self.began, 1e-6)
        if rate <= 0:
            return ""
        return f"{rate:,.0f} a second, {(total - done) / rate:.0f} s left"


@dataclass(slots=True)
class Lines:
    """Progress as lines on stderr, one for each tenth of a stage."""

    to: Console
    clock: Callable[[], float]
    _paces: dict[str, Pace] = field(default_factory=dict)
    _told: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, what: str, done: int, total: int) -> None:
        """As `server.Tell`."""
        with self._lock:
            pace = self._paces.setdefault(what, Pace(self.clock, self.clock(), done))
            tenth = int(done / max(1, total) / STEP)
            if tenth > self._told.get(what, -1):
                self._told[what] = tenth
                self.to.print(f"{what}: {done:,} of {total:,} {pace.told(done, total)}".rstrip())


@dataclass(slots=True)
class Bars:
    """Progress as bars."""

    progress: Progress
    clock: Callable[[], float]
    _tasks: dict[str, TaskID] = field(default_factory=dict)
    _paces: dict[str, Pace] = field(default_factory=dict)

    def tell(self, what: str, done: int, total: int) -> None:
        """As `server.Tell`."""
        if what not in self._tasks:
            self._paces[what] = Pace(self.clock, self.clock(), done)
            self._tasks[what] = self.progress.add_task(what, total=total, pace="")
        pace = self._paces[what].told(done, total).partition(",")[0]
        self.progress.update(self._tasks[what], completed=done, total=total, pace=pace)


@contextmanager
def progress(clock: Callable[[], float]) -> Iterator[Tell]:
    """How to tell progress on stderr, whoever looks."""
    to = console(stderr=True)
    if not to.is_terminal:
        yield Lines(to, clock).tell
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=to) as bars:
        yield Bars(bars, clock).tell


def outcome(ours: int, theirs: int | None, both: int | None, rows: int | None, out: Path | None, as_json: bool) -> None:
    """What a side has learned; None where it does not learn it."""
    if as_json:
        figures = {"elements_ours": ours, "elements_theirs": theirs, "elements_both": both, "rows": rows}
        typer.echo(json.dumps({**figures, "out": None if out is None else str(out)}))
        return
    to = console(stderr=False)
    if both is None:
        to.print(
            f"the join is over: the client had {theirs or 0:,} elements, we have {ours:,}. Which are in both, it alone knows."
        )
        return
    to.print(
        f"{both:,} of our {ours:,} elements are among the partner's {theirs or 0:,}: {rows or 0:,} of our accounts"
    )
    if out is not None:
        to.print(f"they are written to {out}")
