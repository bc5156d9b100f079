"""The connector against the strict emulator, under the faults of a bad day."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import salesforce
from connectors.base import Applied, Change, Retry
from connectors.errors import PauseConnection, RetryLater
from mappings.loader import load
from sandbox.salesforce.faults import FaultRule
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, emulator
from schemas.messages import MatchBy, Write

TABLES = load("salesforce")
ACCOUNT = {"account": TABLES["account"]}
SFDX = Path(__file__).parents[4] / "deploy" / "salesforce"


def clock():
    return START


@pytest.fixture
def acme():
    with emulator(OrgSettings(clock=lambda: START, sfdx=SFDX)) as running:
        yield running


@pytest.fixture
def settings(acme):
    auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}
    return salesforce.Settings(base_url=acme.base_url, auth=auth, changes="poll")


def accounts(acme, count):
    org = acme.org
    account = org.schema.require("Account")
    return [
        acme.call(lambda name=f"Account {number}": org.dml.create(account, {"Name": name}, org.admin_id))
        for number in range(count)
    ]


def summaries(keys, **fields):
    return [
        Write(
            id=key,
            connection="us",
            entity="account_summary",
            match_by=MatchBy.ID,
            key=key,
            fields={"partner_count": 2, **fields},
            decided_at=datetime(2026, 11, 22, tzinfo=UTC),
        )
        for key in keys
    ]


def arm(acme, **rule):
    acme.call(lambda: acme.org.faults.arm([FaultRule(**rule)]))


def effective(acme, key):
    ours = acme.org.integration_id
    return sum(1 for write in acme.org.store.writes(key) if write.changed and write.user_id == ours)


def test_a_connection_lost_after_the_write_can_be_sent_again_with_one_effect(acme, settings):
    keys = accounts(acme, 3)
    sink = salesforce.sink(settings, clock, "our-crm")
    arm(acme, kind="reset_after", method="PATCH", nth=(1,))
    with pytest.raises(RetryLater):
        sink.write(TABLES, summaries(keys))
    again = sink.write(TABLES, summaries(keys))
    assert again == [Applied(key, changed=False) for key in keys]
    assert [effective(acme, key) for key in keys] == [1, 1, 1]


def test_one_locked_row_is_retried_and_its_neighbours_are_written(acme, settings):
    keys = accounts(acme, 3)
    arm(acme, kind="lock_row", nth=(2,))
    outcomes = salesforce.sink(settings, clock, "our-crm").write(TABLES, summaries(keys))
    assert [type(outcome) for outcome in outcomes] == [Applied, Retry, Applied]


def test_a_token_that_runs_out_in_the_middle_of_a_walk_is_renewed(acme, settings):
    accounts(acme, 7)
    source = salesforce.source(settings.model_copy(update={"page_size": 2}), clock, "our-crm")
    arm(acme, kind="expired_token", path="queryAll", nth=(2, 5))
    events = list(source.changes(ACCOUNT, {}))
    assert sum(isinstance(event, Change) for event in events) == 7


def test_a_walk_over_an_org_that_answers_in_small_pages_tells_every_record_once(settings, acme):
    keys = accounts(acme, 25)
    acme.org.cursors._size = 10
    events = list(salesforce.source(settings, clock, "our-crm").changes(ACCOUNT, {}))
    assert [event.record_id for event in events] == sorted(keys)


def test_a_used_up_org_pauses_the_connection(acme, settings):
    acme.org.usage.used = acme.org.usage.maximum
    with pytest.raises(PauseConnection):
        list(salesforce.source(settings, clock, "our-crm").changes(ACCOUNT, {}))


def test_the_share_of_others_is_left_to_them(acme, settings):
    accounts(acme, 1)
    source = salesforce.source(settings, clock, "our-crm")
    list(source.changes(ACCOUNT, {}))
    acme.org.usage.used = int(acme.org.usage.maximum * 0.9)
    list(source.changes(ACCOUNT, {}))
    with pytest.raises(PauseConnection, match="left to others"):
        list(source.changes(ACCOUNT, {}))


def test_an_overlap_of_a_deleted_account_ends_without_it(acme, settings):
    (account,) = accounts(acme, 1)
    org = acme.org
    sink = salesforce.sink(settings, clock, "our-crm")
    fields = dict(TABLES["overlap"].examples[0].canonical) | {"account": account}
    write = Write(
        id="w", connection="us", entity="overlap", match_by=MatchBy.EXTERNAL_ID, key="k1", fields=fields,
        decided_at=datetime(2026, 11, 22, tzinfo=UTC),
    )  # fmt: skip
    (first,) = sink.write(TABLES, [write])
    acme.call(lambda: org.dml.delete(org.schema.require("Account"), account, org.admin_id))
    (second,) = sink.write(TABLES, [write.model_copy(update={"fields": {**fields, "status": "ended"}})])
    row = org.store.get("Partner_Overlap__c", first.target_id)
    assert second == Applied(first.target_id)
    assert (row["Status__c"], row["Account__c"]) == ("Ended", None)


def test_our_own_writes_come_back_marked_as_ours(acme, settings):
    mine, theirs = accounts(acme, 2)
    salesforce.sink(settings, clock, "our-crm").write(TABLES, summaries([mine]))
    changes = list(salesforce.source(settings, clock, "our-crm").changes(ACCOUNT, {}))
    assert {change.record_id: change.own for change in changes} == {mine: True, theirs: False}


def test_a_lookup_of_a_whole_batch_with_long_keys_stays_within_the_uri(acme, settings):
    keys = [f"{number:0200d}" for number in range(200)]
    write = summaries(keys)
    batch = [
        each.model_copy(update={"entity": "overlap", "match_by": MatchBy.EXTERNAL_ID, "fields": {"partner": "acme"}})
        for each in write
    ]
    outcomes = salesforce.sink(settings, clock, "our-crm").write(TABLES, batch)
    assert len(outcomes) == 200


def test_everything_is_well_in_an_org_with_the_package(settings):
    findings = list(salesforce.checker(settings, clock, "our-crm").check(list(TABLES.values())))
    assert [finding for finding in findings if not finding.ok] == []
    assert len(findings) > 30


def test_an_org_without_the_package_is_told_what_to_deploy():
    with emulator(OrgSettings(clock=lambda: START)) as bare:
        auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}
        checker = salesforce.checker(salesforce.Settings(base_url=bare.base_url, auth=auth), clock, "our-crm")
        wrong = [finding for finding in checker.check(list(TABLES.values())) if not finding.ok]
    assert "overlap -> Partner_Overlap__c" in [finding.subject for finding in wrong]
    assert "account.population -> Account.Partner_Population__c" in [finding.subject for finding in wrong]
    assert all("deploy deploy/salesforce" in finding.remedy for finding in wrong)


def test_a_wrong_secret_is_the_only_finding():
    with emulator(OrgSettings(clock=lambda: START)) as bare:
        auth = {"method": "client_credentials", "client_id": "tandem-sandbox", "client_secret": "wrong"}
        checker = salesforce.checker(salesforce.Settings(base_url=bare.base_url, auth=auth), clock, "our-crm")
        (finding,) = checker.check(list(TABLES.values()))
    assert not finding.ok
    assert "invalid_client" in finding.detail
    assert "connected app" in finding.remedy


def test_a_thousand_writes_in_batches_cost_two_calls_for_each(acme, settings):
    keys = accounts(acme, 1000)
    sink = salesforce.sink(settings, clock, "our-crm")
    before = acme.org.usage.used
    for start in range(0, 1000, 200):
        sink.write(TABLES, summaries(keys[start : start + 200]))
    # And one at the start of a process: whether a bulk job of an earlier one still runs.
    assert acme.org.usage.used - before == 1 + 10
