"""kill -9 of everything, at random, for two minutes, on a real Kafka: afterwards the CRM holds what the lists say, once."""

import csv
import random
import sys
import time
from pathlib import Path

import pytest

from schemas.entities import Account
from streams.matching import batch
from streams.matching.features import features
from streams.matching.selection import select
from tandem.demo import verdict
from tests.support import stage
from tests.support.brokers import real_kafka
from tests.support.deployment import Running, report, running

pytestmark = pytest.mark.chaos
SECONDS = 120  # longer where the machine is so slow that not enough has happened by then
LONGEST_S = 900
EDITS = 11_500  # some fall together between two polls; with the 11,190 accounts of the lists: over 20,000 changes
CHANGES, KILLS = 20_000, 15
EVERY_S = 2.5
POPULATIONS = ("Customer", "Open Opportunity", "Prospect")


def enough(run: Running) -> bool:
    """Whether as much has happened as this test promises."""
    return sum(run.watch.tally.changes.values()) > CHANGES and sum(run.kills.values()) >= KILLS


def edit_on(run: Running, ids: list[str], share: float, done: int) -> int:
    """Edit until the right share of all edits is done; returns how many that is."""
    goal = int(EDITS * share)
    for _ in range(done, goal):
        fields = {"Partner_Population__c": run.chance.choice(POPULATIONS), "Phone": str(run.chance.random())}
        run.emulator.edit("Account", run.chance.choice(ids), fields)
    return max(done, goal)


def edit_list(run: Running) -> None:
    """The partner delivers its list with some accounts gone, some renamed, some back."""
    with run.partner_list.open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    for row in run.chance.sample(rows, 40):
        row["population"] = run.chance.choice(POPULATIONS)
    gone = set(map(id, run.chance.sample(rows, 10)))
    stage.write_rows(run.partner_list, [row for row in rows if id(row) not in gone])


def expected(run: Running) -> dict[str, str]:
    """What one batch comparison of the two final lists says: our account to the partner's, the best one."""
    table = run.deployment.tables(stage.CRM)["account"]
    ours = {row["Id"]: features(_account(table.to_canonical(row))) for row in run.emulator.rows("Account")}
    theirs_table = run.deployment.tables(stage.LIST)["account"]
    with run.partner_list.open(newline="", encoding="utf-8") as source:
        columns = theirs_table.match_columns(tuple(csv.DictReader(source).fieldnames or ()))
        source.seek(0)
        theirs = {
            row["id"]: features(_account(theirs_table.to_canonical(_renamed(row, columns))))
            for row in csv.DictReader(source)
        }
    best: dict[str, dict[str, batch.Match]] = {}
    for overlap in batch.match(ours, theirs):
        best.setdefault(overlap.ours, {})[overlap.theirs] = overlap.match
    return {
        our_id: min(select(matches), key=lambda their_id: (-matches[their_id].confidence, their_id))
        for our_id, matches in best.items()
    }


def _account(entity: object) -> Account:
    assert isinstance(entity, Account)
    return entity


def _renamed(row: dict[str, str], columns) -> dict[str, str]:
    return {vendor: row[column] for vendor, column in columns.rows.items()}


@pytest.mark.parametrize("workers", [1, 2])
def test_two_minutes_of_kill_9_leave_every_overlap_in_the_crm_once_and_nothing_else(workers, tmp_path: Path):
    kafka = real_kafka(tmp_path / "kafka")
    kafka.start()
    seed = random.SystemRandom().randrange(10**6)
    sys.stderr.write(f"\nchaos: seed {seed}, {workers} worker(s)\n")
    try:
        with running(tmp_path, kafka, workers, seed, lambda folder: None) as run:
            ids = [row["Id"] for row in run.emulator.rows("Account")]
            started, next_kill, done, nth = time.monotonic(), time.monotonic() + 15, 0, 0
            while (elapsed := time.monotonic() - started) < SECONDS or (elapsed < LONGEST_S and not enough(run)):
                run.look(0.1)
                done = edit_on(run, ids, (elapsed - 10) / (SECONDS - 15), done)
                if time.monotonic() >= next_kill:
                    nth += 1
                    next_kill = time.monotonic() + run.chance.uniform(0.5, 2 * EVERY_S)
                    strike(run, kafka, nth)
            faults = run.settled(600)
            sys.stderr.write(report(run) + "\n")
            assert faults == []
            assert run.watch.tally.dead_letters == []
            assert {o.account: o.partner_account for o in run.watch.tally.active if verdict.holds(o)} == expected(run)
            assert enough(run)
            effective = run.emulator.ask("writes?object=Partner_Overlap__c")
            assert len(effective) == len(run.watch.tally.decided)
    finally:
        kafka.stop()


def strike(run: Running, kafka, nth: int) -> None:
    """Kill something: now and then the broker, otherwise a source, a stream worker or the sink."""
    if nth % 9 == 0:
        kafka.kill()
        kafka.start()
        run.kills["broker"] = run.kills.get("broker", 0) + 1
    elif nth % 9 == 4:
        edit_list(run)
    else:
        run.kill(run.chance.choice(["source", "stream", "sink"]))
