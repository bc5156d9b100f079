"""Plays the demo: sets the stage, runs the deployment, shows or judges it; every part is the one that `tandem up` runs."""

import json
import random
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.live import Live

from tandem.compose import Deployment, now
from tandem.demo import stage, verdict
from tandem.demo.edits import Editor, percentile
from tandem.demo.journeys import travel
from tandem.demo.show import Rates, screen
from tandem.demo.watch import Watch
from tandem.settings import load
from tandem.signals import stop_on_signals
from tandem.supervisor import Supervisor
from tandem.up import tree

QUIET_S = 1.5  # nothing new for so long, and everything agrees: the first load is done
PATIENCE_S = 720.0
MEASURED_EDITS = 60


@dataclass
class Play:
    """A running demo: its folder, CRM, deployment and what is seen of it."""

    root: Path
    folder: Path
    systems: stage.Systems
    config: Path
    deployment: Deployment
    supervisor: Supervisor
    watch: Watch
    started: float
    first_overlap_s: float | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def look(self, timeout: float) -> int:
        """Tend the processes and take in what the topics say; returns how many records that was."""
        self.supervisor.tend()
        count = self.watch.read(timeout)
        if self.first_overlap_s is None and self.watch.tally.written:
            self.first_overlap_s = time.monotonic() - self.started
        return count

    def faults(self) -> list[str]:
        """How the three CRMs differ from what was decided."""
        systems, tally, tables = self.systems, self.watch.tally, self.deployment.tables
        return [
            *verdict.in_salesforce(systems, tally, tables(stage.CRM)),
            *verdict.in_hubspot(systems, tally, tables(stage.MARKETING)),
            *verdict.at_the_partner(systems, tally, tables(stage.THEIRS)),
        ]


@contextmanager
def playing(folder: Path, bootstrap: str, workers: int, seed: int, say: Console) -> Iterator[Play]:
    """Start everything, hand it over, stop everything."""
    started, root = time.monotonic(), stage.checkout()
    say.print(
        "starting our Salesforce, HubSpot, PRM, LMS and AWS and a partner's HubSpot, emulated, with real companies"
    )
    with stage.systems(root, folder, seed) as systems:
        config = stage.write_config(folder, systems, bootstrap, workers)
        deployment = Deployment(load(config))
        with _running(deployment, config, folder, say) as supervisor:
            watch = Watch(deployment.conf)
            yield Play(root, folder, systems, config, deployment, supervisor, watch, started, stop=stop_on_signals())
            watch.close()


@contextmanager
def _running(deployment: Deployment, config: Path, folder: Path, say: Console) -> Iterator[Supervisor]:
    """The deployment's processes, and the embedded broker where it has one."""
    broker, supervisor = deployment.embedded, Supervisor()
    try:
        if broker is not None:
            say.print("starting the embedded broker")
            broker.start()
        deployment.admin.ensure(deployment.topics)
        for name in (stage.MARKETING, stage.THEIRS):
            list(deployment.prepare(name))
        say.print(f"starting sources, streams, sinks and the ledger; logs are in {folder / 'logs'}")
        supervisor = tree(deployment, config, folder / "logs")
        supervisor.tend()
        yield supervisor
    finally:
        supervisor.stop()
        if broker is not None:
            broker.stop()


def settle(play: Play, least_changes: int) -> list[str]:
    """Look on until so many changes are in, nothing new comes and the CRM agrees; returns what differs when patience is over."""
    started = quiet_since = time.monotonic()
    faults = ["nothing was seen yet"]
    while time.monotonic() - started < PATIENCE_S and not play.stop.is_set():
        if play.supervisor.given_up:
            return [f"{child.name} stopped with code {child.exit_code}" for child in play.supervisor.given_up]
        if play.look(0.2):
            quiet_since = time.monotonic()
        loaded = play.watch.tally.total >= least_changes
        if loaded and time.monotonic() - quiet_since > QUIET_S and play.deployment.caught_up():
            faults = play.faults()
            if not faults:
                break
            quiet_since = time.monotonic()
    return faults


def _editor(play: Play, seed: int) -> Editor:
    chance = random.Random(seed)  # noqa: S311  a demo, no secret
    return Editor(play.systems, play.watch.tally, now, chance)


def _expected(play: Play) -> int:
    """How many accounts there are to read."""
    found = play.systems
    return len(found.org.rows("Account")) + len(found.ours.rows("companies")) + len(found.partners.rows("companies"))


def play_once(play: Play, seed: int, as_json: bool) -> bool:
    """Load, measure edits, compare; returns whether anything was wrong."""
    faults = settle(play, _expected(play))
    loaded_s = time.monotonic() - play.started
    editor = _edited(play, seed, 0 if faults else MEASURED_EDITS)
    journeys = dict(travel(play.systems, play.watch.tally, play.look)) if not faults else {}
    faults = faults or settle(play, 0)
    tally = play.watch.tally
    ids = {row["Id"]: row["Source_Id__c"] for row in play.systems.org.rows("Account")}
    theirs = {row["id"]: row["properties"].get("source_id") for row in play.systems.partners.rows("companies")}
    found = verdict.quality(tally.active_of(stage.CRM), ids, theirs, play.root / "data" / "companies")
    result = {
        "ok": not faults and not editor.pending and all(each.ok for each in journeys.values()),
        "changes": tally.total,
        "overlaps": len(tally.active),
        "linked": len(tally.pairs),
        "conflicts": len(tally.conflicts),
        "written": tally.written,
        "dead_letters": len(tally.dead_letters),
        "precision": round(found.precision, 4),
        "recall": round(found.recall, 4),
        "seconds": round(time.monotonic() - play.started, 2),
        "load_seconds": round(loaded_s, 2),
        "first_overlap_seconds": round(play.first_overlap_s or 0.0, 2),
        "edits": len(editor.latencies_ms),
        "latency_ms": {
            "p50": round(percentile(editor.latencies_ms, 0.5), 1),
            "p99": round(percentile(editor.latencies_ms, 0.99), 1),
        },
        "journeys": {name: each.told() for name, each in journeys.items()},
        "differences": faults[: verdict.MAX_SHOWN],
    }
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        Console().print(screen(tally, 0.0, editor, play.supervisor, "done"))
        Console().print(result)
    return not result["ok"]


def _edited(play: Play, seed: int, count: int) -> Editor:
    """Make so many edits, one after the other, and wait until each has arrived."""
    editor, deadline = _editor(play, seed), time.monotonic() + PATIENCE_S
    for nth in range(count):
        editor.edit_theirs() if nth % 5 == 4 else editor.edit_ours()
        play.look(0.1)
        editor.arrived()
    while editor.pending and time.monotonic() < deadline and not play.stop.is_set():
        play.look(0.1)
        editor.arrived()
    return editor


def play_live(play: Play, seed: int) -> bool:
    """Show the table: the first load, then edits that travel, until Ctrl-C."""
    editor, rates, turns = _editor(play, seed), Rates(), 0
    expected, loaded = _expected(play), False
    console = Console()
    _say_next(play, console)
    with Live(console=console, refresh_per_second=4) as live:
        while not play.stop.is_set():
            play.look(0.25)
            editor.arrived()
            turns += 1
            if not loaded and turns % 8 == 0:
                loaded = play.watch.tally.total >= expected and play.deployment.caught_up()
            elif loaded and turns % 4 == 0:
                editor.edit_theirs() if turns % 20 == 0 else editor.edit_ours()
            phase = "" if loaded else f"loading {min(play.watch.tally.total, expected):,} of {expected:,} accounts"
            rate = rates.at(play.watch.tally.records)
            live.update(screen(play.watch.tally, rate, editor, play.supervisor, phase))
    console.print("stopping: sources, sink, streams, then the broker")
    return False


def _say_next(play: Play, console: Console) -> None:
    tandem = "tandem" if shutil.which("tandem") else sys.argv[0]
    console.print(
        "\nWhat to try while it runs, in another terminal:\n"
        f"  {tandem} check --config {play.config}\n"
        f"  {tandem} status --config {play.config}\n"
        f"  {tandem} conflicts list --config {play.config}\n"
        f"  {tandem} overlaps list --band to_confirm --config {play.config}\n"
        f"  {tandem} sharing show --config {play.config}\n"
        f"  {tandem} partners list --config {play.config}\n"
        f"  {tandem} registrations list --all --config {play.config}\n"
        f"  curl -s '{play.systems.org.base_url}/__sandbox__/dump?object=Partner_Overlap__c' | head -3\n"
        f"  {tandem} map data/companies/ours.csv data/companies/partner.csv --report report.html   (no broker at all)\n",
        soft_wrap=True,
        highlight=False,
    )
