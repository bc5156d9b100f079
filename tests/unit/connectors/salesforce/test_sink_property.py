"""Whatever breaks on the way: one outcome for each write, in order, and the org ends as the last values say."""

from collections import Counter
from collections.abc import Sequence
from itertools import cycle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Applied, Outcome, Rejected, Retry
from connectors.errors import RetryLater
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, emulator
from schemas.messages import Parent, Write, WriteAction
from tests.unit.connectors.salesforce.sink_world import SFDX, TABLES, SinkOrg, overlap

BAD = "x" * 300
TRIES = 80
VALUES = st.sampled_from([None, "Acme", "Globex", 'Müller, "Söhne"', BAD])
SET = st.dictionaries(st.sampled_from(["partner_account_website", "partner_account"]), VALUES, min_size=1)
# Of one record: several sets, which go as one, or an archive; with its own parent, or without one.
ASKED = st.tuples(st.one_of(st.just("archive"), st.lists(SET, min_size=1, max_size=2)), st.booleans())
BATCHES = st.lists(st.dictionaries(st.integers(0, 4), ASKED, min_size=1), min_size=1, max_size=3)
ONCE = ["too_many_requests", "unavailable", "reset_before", "reset_after", "half_batch", "lock_row", "fail_job"]
FAULTS = st.lists(
    st.builds(
        lambda kind, nth, rows: {"kind": kind, "nth": tuple(nth), "rows": rows},
        st.sampled_from(ONCE),
        st.sets(st.integers(1, 14), min_size=1, max_size=4),
        st.integers(0, 3),
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def acme():
    with emulator(OrgSettings(clock=lambda: START, sfdx=SFDX)) as running:
        yield SinkOrg(running)


def armed(rule: dict) -> dict:
    if rule["kind"] not in ("half_batch", "fail_job"):
        rule = {name: value for name, value in rule.items() if name != "rows"}
    return rule if rule["kind"] in ("lock_row", "fail_job") else {**rule, "path": "/services/data/"}


def run(acme: SinkOrg, batch: Sequence[Write], bulk_rows: int, restarts) -> list[Outcome]:
    """As the runner does: what is to be tried again comes again, sometimes to a new process."""
    outcomes: dict[int, Outcome] = {}
    sink = acme.sink(bulk_rows=bulk_rows)
    for _ in range(TRIES):
        left = [index for index in range(len(batch)) if not isinstance(outcomes.get(index), Applied | Rejected)]
        if not left:
            return [outcomes[index] for index in range(len(batch))]
        try:
            found = sink.write(TABLES, [batch[index] for index in left])
        except RetryLater:
            sink = acme.sink(bulk_rows=bulk_rows) if next(restarts) else sink
            continue
        assert len(found) == len(left)
        assert all(isinstance(outcome, Applied | Rejected | Retry) for outcome in found)
        outcomes |= dict(zip(left, found, strict=True))
    raise AssertionError(f"no end after {TRIES} tries: {outcomes}")


class Model:
    """What the org must hold of each key: values and whether it has its parent; and how often it was changed."""

    def __init__(self) -> None:
        self.held: dict[str, dict] = {}
        self.parents: set[str] = set()
        self.effects: Counter[str] = Counter()

    def apply(self, key: str, wanted, with_parent: bool) -> type[Outcome]:
        if wanted == "archive":
            self.effects[key] += key in self.held
            self.held.pop(key, None)
            return Applied
        values = {name: value for each in wanted for name, value in each.items()}
        if BAD in values.values():
            return Rejected
        before = self.held.get(key)
        after = {"partner_account_website": None, "partner_account": None, "linked": False, **(before or {}), **values}
        if with_parent:
            after["linked"] = True
            self.parents.add(key)
        self.effects[key] += before != after
        self.held[key] = after
        return Applied


def asked(key: str, wanted, with_parent: bool) -> list[Write]:
    if wanted == "archive":
        return [overlap(key, action=WriteAction.ARCHIVE)]
    parent = Parent(field="account", entity="account", key=f"crm/{key}", fields={"name": key}) if with_parent else None
    return [overlap(key, parent, **values) for values in wanted]


def stored(acme: SinkOrg, prefix: str) -> dict[str, dict]:
    return {
        row["Overlap_Key__c"]: {
            "partner_account_website": row["Partner_Account_Website__c"],
            "partner_account": row["Partner_Account_Id__c"],
            "linked": row["Account__c"] is not None,
        }
        for row in acme.rows("Partner_Overlap__c")
        if row["Overlap_Key__c"].startswith(prefix)
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=BATCHES,
    faults=FAULTS,
    bulk_rows=st.sampled_from([0, 2]),
    restarts=st.lists(st.booleans(), min_size=1, max_size=5),
)
def test_whatever_breaks_each_write_has_its_outcome_and_the_last_values_stand(
    acme, batches, faults, bulk_rows, restarts
):
    prefix, model = f"{acme.key()}-", Model()
    for number, batch in enumerate(batches):
        acme.arm(*(armed(rule) for rule in faults if number == 0 or rule["kind"] != "fail_job"))
        writes: list[Write] = []
        expected: list[type[Outcome]] = []
        for name, (wanted, with_parent) in batch.items():
            key = f"{prefix}{name}"
            own = asked(key, wanted, with_parent)
            writes += own
            expected += [model.apply(key, wanted, with_parent)] * len(own)
        outcomes = run(acme, writes, bulk_rows, cycle(restarts))
        assert [type(outcome) for outcome in outcomes] == expected
    acme.arm()
    assert stored(acme, prefix) == model.held
    parents = {row["Tandem_Key__c"] for row in acme.rows("Account") if row["Tandem_Key__c"].startswith(f"crm/{prefix}")}
    assert parents == {f"crm/{key}" for key in model.parents}
    every = acme.running.call(lambda: acme.org.store.rows("Partner_Overlap__c"))
    effects: Counter[str] = Counter()
    for row in every:
        if row["Overlap_Key__c"].startswith(prefix):
            effects[row["Overlap_Key__c"]] += acme.effects(row["Id"])
    assert effects == +model.effects
