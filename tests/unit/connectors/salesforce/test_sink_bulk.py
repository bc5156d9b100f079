"""Large batches as jobs of the Bulk API: every row has its outcome, and no job is lost or overtaken by its past."""

import pytest

from connectors.base import Applied, Overtaken, Rejected, Retry
from connectors.errors import RetryLater, StopMapping
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, emulator
from schemas.messages import WriteAction
from tests.unit.connectors.salesforce.sink_world import SFDX, TABLES, SinkOrg, overlap, push, summary

SUMMARY = TABLES["account_summary"]


@pytest.fixture
def acme():
    with emulator(OrgSettings(clock=lambda: START, sfdx=SFDX)) as running:
        yield SinkOrg(running)


def jobs(acme):
    return list(acme.org.jobs.all("ingest"))


def test_below_the_threshold_nothing_goes_as_a_job(acme):
    sink = acme.sink(bulk_rows=3)
    push(sink, [overlap("k1"), overlap("k2")])
    assert jobs(acme) == []
    push(sink, [overlap("k3"), overlap("k4"), overlap("k5")])
    (job,) = jobs(acme)
    assert (job.info.operation, job.info.extra, job.info.processed) == (
        "upsert",
        {"externalIdFieldName": "Overlap_Key__c"},
        3,
    )


def test_a_job_that_runs_is_waited_for_without_a_second_one(acme):
    sink, batch = acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2")]
    acme.pace("held")
    waits = []
    for _ in range(6):
        with pytest.raises(RetryLater, match="is under way") as later:
            sink.write(TABLES, batch)
        waits.append(later.value.after)
    assert waits == [5, 10, 20, 40, 60, 60]
    acme.pace("at_once")
    acme.running.call(acme.org.jobs.run_all)
    assert [outcome.changed for outcome in sink.write(TABLES, batch)] == [True, True]
    assert len(jobs(acme)) == 1


def test_a_job_that_is_complete_can_have_failed_rows_and_each_has_its_outcome(acme):
    batch = [overlap("k1"), overlap("k2", status="active", partner_account="x" * 5000), overlap("k3")]
    first, bad, third = push(acme.sink(bulk_rows=2), batch)
    assert [type(first), type(third)] == [Applied, Applied]
    assert isinstance(bad, Rejected)
    assert (bad.code, bad.field) == ("STRING_TOO_LONG", "Partner_Account_Id__c")
    assert acme.row("Partner_Overlap__c", Overlap_Key__c="k3")["Id"] == third.target_id
    assert [job.info.state for job in jobs(acme)] == ["JobComplete"]


def test_rows_that_a_failed_job_left_out_are_tried_again(acme):
    acme.arm({"kind": "fail_job", "nth": (1,), "rows": 1, "message": "InternalServerError : stopped"})
    sink, batch = acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2"), overlap("k3")]
    outcomes = push(sink, batch)
    assert [type(outcome) for outcome in outcomes] == [Applied, Retry, Retry]
    assert "InternalServerError: stopped" in outcomes[1].reason
    assert [outcome.changed for outcome in push(sink, batch)] == [False, True, True]


def test_a_job_that_failed_before_its_first_row_is_tried_again(acme):
    acme.arm({"kind": "fail_job", "nth": (1,)})
    sink, batch = acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2")]
    assert [type(outcome) for outcome in push(sink, batch)] == [Retry, Retry]
    assert [type(outcome) for outcome in push(sink, batch)] == [Applied, Applied]


def test_a_job_whose_columns_are_not_there_stops_the_mapping_and_names_its_line(acme):
    acme.arm({"kind": "fail_job", "nth": (1,), "message": "InvalidBatch : Field name not found : Status__c"})
    with pytest.raises(StopMapping, match=r"\[overlap\] fields.status"):
        push(acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2")])


def test_a_null_clears_its_field_and_a_field_that_a_row_does_not_name_is_left_alone(acme):
    sink = acme.sink(bulk_rows=2)
    full = {"partner_owner_name": "Dana", "partner_name": "Acme", "status": "active"}
    push(sink, [overlap("k1", **full), overlap("k2", **full)])
    push(sink, [overlap("k1", partner_owner_name=None), overlap("k2", partner_name="Globex")])
    stored = [acme.row("Partner_Overlap__c", Overlap_Key__c=key) for key in ("k1", "k2")]
    assert [(row["Partner_Owner_Name__c"], row["Partner_Name__c"]) for row in stored] == [
        (None, "Acme"),
        ("Dana", "Globex"),
    ]


def test_texts_of_every_kind_arrive_as_they_are(acme):
    texts = ['a "quoted", text', "two\nlines", "=1+1", "Müller & Söhne 日本", "#N/A", "'"]
    batch = [overlap(f"k{number}", partner_account_name=text) for number, text in enumerate(texts)]
    assert all(isinstance(outcome, Applied) for outcome in push(acme.sink(bulk_rows=2), batch))
    stored = [acme.row("Partner_Overlap__c", Overlap_Key__c=write.key)["Partner_Account_Name__c"] for write in batch]
    assert stored == texts


def test_what_agrees_already_is_no_row_of_the_job(acme):
    sink = acme.sink(bulk_rows=2)
    push(sink, [overlap("k1"), overlap("k2"), overlap("k3")])
    batch = [overlap("k1"), overlap("k2", status="ended"), overlap("k3", status="ended")]
    assert [outcome.changed for outcome in push(sink, batch)] == [False, True, True]
    assert [job.info.processed for job in jobs(acme)] == [3, 2]
    push(sink, batch)
    assert len(jobs(acme)) == 2


def test_a_job_whose_closing_was_not_answered_is_known_all_the_same(acme):
    sink, batch = acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2")]
    acme.arm({"kind": "reset_after", "method": "PATCH", "path": "jobs/ingest", "nth": (1,)})
    with pytest.raises(RetryLater, match="no answer"):
        sink.write(TABLES, batch)
    assert [outcome.changed for outcome in push(sink, batch)] == [True, True]
    assert len(jobs(acme)) == 1


def test_a_job_whose_closing_never_arrived_is_closed_later(acme):
    sink, batch = acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2")]
    acme.arm({"kind": "reset_before", "method": "PATCH", "path": "jobs/ingest", "nth": (1,)})
    assert [outcome.changed for outcome in push(sink, batch)] == [True, True]
    assert len(jobs(acme)) == 1


def test_a_new_process_lets_the_old_ones_job_end_before_it_writes_newer_values(acme):
    acme.pace("held")
    with pytest.raises(RetryLater):
        acme.sink(bulk_rows=2).write(TABLES, [overlap("k1"), overlap("k2")])
    restarted, newer = acme.sink(bulk_rows=2), [overlap("k1", status="ended")]
    for _ in range(3):
        with pytest.raises(RetryLater, match="is under way"):
            restarted.write(TABLES, newer)
    assert acme.rows("Partner_Overlap__c") == []
    acme.running.call(acme.org.jobs.run_all)
    assert [outcome.changed for outcome in push(restarted, newer)] == [True]
    assert acme.row("Partner_Overlap__c", Overlap_Key__c="k1")["Status__c"] == "Ended"
    assert acme.row("Partner_Overlap__c", Overlap_Key__c="k2")["Status__c"] == "Active"


def test_a_newer_value_that_comes_while_the_job_runs_is_written_after_it(acme):
    sink = acme.sink(bulk_rows=2)
    with pytest.raises(RetryLater):
        sink.write(TABLES, [overlap("k1"), overlap("k2")])
    outcomes = push(sink, [overlap("k1", status="ended"), overlap("k2")])
    assert [outcome.changed for outcome in outcomes] == [True, True]
    assert acme.row("Partner_Overlap__c", Overlap_Key__c="k1")["Status__c"] == "Ended"


@pytest.mark.parametrize("call", range(1, 9))
def test_a_token_that_runs_out_at_any_call_of_a_job_is_renewed(acme, call):
    acme.arm({"kind": "expired_token", "nth": (call,), "path": "/services/data/"})
    outcomes = push(acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2", status="active", partner_account="x" * 5000)])
    assert [type(outcome) for outcome in outcomes] == [Applied, Rejected]
    assert len(jobs(acme)) == 1


def test_an_aborted_job_is_begun_again(acme):
    acme.pace("held")
    sink, batch = acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2")]
    with pytest.raises(RetryLater):
        sink.write(TABLES, batch)
    (job,) = jobs(acme)
    acme.running.call(lambda: acme.org.jobs.set_state(job, "Aborted"))
    acme.pace("at_once")
    assert [type(outcome) for outcome in push(sink, batch)] == [Retry, Retry]
    assert [type(outcome) for outcome in push(sink, batch)] == [Applied, Applied]


def test_a_job_that_the_org_has_forgotten_is_begun_again(acme):
    sink, batch = acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2")]
    with pytest.raises(RetryLater):
        sink.write(TABLES, batch)
    acme.arm(
        {"kind": "refuse", "code": "NOT_FOUND", "status": 404, "method": "GET", "path": "jobs/ingest/", "nth": (1,)}
    )
    assert [type(outcome) for outcome in push(sink, batch)] == [Retry, Retry]
    assert [type(outcome) for outcome in push(sink, batch)] == [Applied, Applied]


def test_an_object_without_bulk_jobs_goes_in_collections(acme):
    acme.arm({"kind": "refuse", "code": "INVALIDENTITY", "method": "POST", "path": "jobs/ingest", "probability": 1.0})
    assert [type(outcome) for outcome in push(acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2")])] == [
        Applied,
        Applied,
    ]


def test_a_user_who_may_not_use_jobs_writes_in_collections(acme):
    acme.arm({"kind": "refuse", "code": "INSUFFICIENT_ACCESS", "path": "jobs/", "probability": 1.0})
    assert [type(outcome) for outcome in push(acme.sink(bulk_rows=2), [overlap("k1"), overlap("k2")])] == [
        Applied,
        Applied,
    ]


def test_rows_that_point_to_a_merged_account_go_to_the_winner_after_the_job(acme):
    loser, winner = acme.account(), acme.account()
    acme.act("merge", object="Account", master=winner, losers=[loser])
    outcomes = push(acme.sink(bulk_rows=2), [overlap("k1", account=loser), overlap("k2", account=winner)])
    assert [type(outcome) for outcome in outcomes] == [Applied, Applied]
    assert [acme.row("Partner_Overlap__c", Overlap_Key__c=key)["Account__c"] for key in ("k1", "k2")] == [
        winner,
        winner,
    ]
    assert len(jobs(acme)) == 1


def test_one_that_is_overtaken_is_no_row_of_the_job(acme):
    keys = [acme.account(Best_Partner__c="Globex") for _ in range(3)]
    acme.edit("Account", keys[1], Best_Partner__c="Initech")
    batch = [summary(key, best_partner="Acme", expected={"best_partner": "Globex"}) for key in keys]
    outcomes = push(acme.sink(bulk_rows=2), batch)
    assert [type(outcome) for outcome in outcomes] == [Applied, Overtaken, Applied]
    assert acme.row("Account", Id=keys[1])["Best_Partner__c"] == "Initech"


def test_archives_go_as_a_job_of_deletions(acme):
    keys = [acme.account() for _ in range(3)]
    acme.act("edit", object="Account", id=keys[1], delete=True)
    outcomes = push(acme.sink(bulk_rows=2), [summary(key, action=WriteAction.ARCHIVE) for key in keys])
    assert [outcome.changed for outcome in outcomes] == [True, False, True]
    assert acme.rows("Account") == []
    assert [job.info.operation for job in jobs(acme)] == ["delete"]


def test_many_writes_are_one_job_and_few_calls(acme):
    keys = acme.running.call(
        lambda: [
            acme.org.dml.create(acme.org.schema.require("Account"), {"Name": f"A {number}"}, acme.org.admin_id)
            for number in range(2500)
        ]
    )
    sink = acme.sink()
    assert sink.batch_size == 10_000
    before = acme.calls()
    outcomes = push(sink, [summary(key) for key in keys])
    assert all(outcome.changed for outcome in outcomes)
    # One to look for old jobs, two to read (2000 each), and create, upload, close, look, look, take the results.
    assert acme.calls() - before == 1 + 2 + 6
    assert [job.info.processed for job in jobs(acme)] == [2500]
