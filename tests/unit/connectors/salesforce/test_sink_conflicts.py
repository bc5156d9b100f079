"""Writes that meet a record which is no longer what it was: changed, merged, deleted, or there under another spelling."""

from dataclasses import replace

import pytest

from connectors import salesforce
from connectors.base import Applied, Overtaken, Rejected, Retry
from connectors.errors import StopMapping
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, emulator
from schemas.messages import MatchBy, WriteAction
from tests.unit.connectors.salesforce.sink_world import SFDX, TABLES, SinkOrg, overlap, push, summary, write

ACME, OTHER = "001000000000001AAA", "001000000000002AAA"
ROW = f"/services/data/v59.0/sobjects/Account/{ACME}"
STAMP = "2026-11-22T10:00:00.000+0000"


@pytest.fixture
def acme():
    with emulator(OrgSettings(clock=lambda: START, sfdx=SFDX)) as running:
        yield SinkOrg(running)


@pytest.fixture
def scripted(settings, clock):
    return salesforce.sink(settings.model_copy(update={"bulk_rows": 0}), clock, "us")


def account_row(count, stamp=STAMP):
    return {"Id": ACME, "Partner_Count__c": count, "LastModifiedDate": stamp}


def changed(answer):
    return answer([{"errorCode": "PRECONDITION_FAILED", "message": "changed"}], 412)


def test_an_account_is_written_only_under_its_tag(org, scripted, answer):
    org.on("GET", ROW, answer(account_row(2), headers={"ETag": '"tag-1"'}))
    org.on("PATCH", ROW, answer("", 204))
    assert push(scripted, [summary(ACME, partner_count=3, expected={"partner_count": 2})]) == [Applied(ACME)]
    (sent,) = [request for request in org.calls("Account") if request.method == "PATCH"]
    assert sent.headers["If-Match"] == '"tag-1"'
    assert "If-Unmodified-Since" not in sent.headers
    assert (sent.headers["Sforce-Auto-Assign"], sent.body) == ("FALSE", {"Partner_Count__c": 3})


def test_any_other_record_is_written_only_if_it_was_not_modified_since(org, scripted, answer):
    record = "a01000000000001AAA"
    found = {"Id": record, "Status__c": "Active", "LastModifiedDate": STAMP}
    org.on("GET", "/services/data/v59.0/sobjects/Partner_Overlap__c/Overlap_Key__c/k%2F1", answer(found))
    org.on("PATCH", f"/services/data/v59.0/sobjects/Partner_Overlap__c/{record}", answer("", 204))
    assert push(scripted, [overlap("k/1", status="ended", expected={"status": "active"})]) == [Applied(record)]
    (sent,) = [request for request in org.requests if request.method == "PATCH"]
    assert sent.headers["If-Unmodified-Since"] == "Sun, 22 Nov 2026 10:00:00 GMT"
    assert len(org.calls("sobjects")) == 2


def test_a_record_that_changes_between_reading_and_writing_is_overtaken(org, scripted, answer):
    org.on("GET", ROW, answer(account_row(2)), answer(account_row(7)))
    org.on("PATCH", ROW, changed(answer))
    (outcome,) = push(scripted, [summary(ACME, partner_count=3, expected={"partner_count": 2})])
    assert outcome == Overtaken("partner_count is 7, expected was 2")


def test_a_change_of_another_field_in_between_lets_the_write_pass_in_the_end(org, scripted, answer):
    org.on("GET", ROW, answer(account_row(2)), answer(account_row(2, "2026-11-22T10:00:07.000+0000")))
    org.on("PATCH", ROW, changed(answer), answer("", 204))
    assert push(scripted, [summary(ACME, partner_count=3, expected={"partner_count": 2})]) == [Applied(ACME)]
    stamps = [request.headers["If-Unmodified-Since"] for request in org.requests if request.method == "PATCH"]
    assert [stamp.split()[4] for stamp in stamps] == ["10:00:00", "10:00:07"]


def test_a_record_that_others_keep_changing_is_tried_again_later(org, scripted, answer):
    org.on("GET", ROW, answer(account_row(2)))
    org.on("PATCH", ROW, changed(answer))
    (outcome,) = push(scripted, [summary(ACME, partner_count=3, expected={"partner_count": 2})])
    assert isinstance(outcome, Retry)
    assert len([request for request in org.requests if request.method == "PATCH"]) == 3


def test_an_external_id_that_several_records_have_is_refused_and_they_are_named(org, scripted, answer):
    urls = [
        "/services/data/v59.0/sobjects/Partner_Overlap__c/a01A",
        "/services/data/v59.0/sobjects/Partner_Overlap__c/a01B",
    ]
    org.on("GET", "/services/data/v59.0/sobjects/Partner_Overlap__c/Overlap_Key__c/k1", answer(urls, 300))
    (outcome,) = push(scripted, [overlap("k1", expected={"status": "active"}, status="ended")])
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.reason.split(": ")[-1]) == ("DUPLICATE_EXTERNAL_ID", "a01A, a01B")


def test_two_records_with_one_external_id_are_never_said_to_agree(org, scripted, answer):
    twice = [{"Id": each, "Overlap_Key__c": "k1", "Status__c": "Active"} for each in ("a01A", "a01B")]
    org.on_query(twice, path="query")
    error = {"statusCode": "DUPLICATE_EXTERNAL_ID", "message": "more than one record found", "fields": []}
    upsert = "/services/data/v59.0/composite/sobjects/Partner_Overlap__c/Overlap_Key__c"
    org.on("PATCH", upsert, answer([{"success": False, "errors": [error]}]))
    assert isinstance(push(scripted, [overlap("k1")])[0], Rejected)


def test_a_real_edit_in_between_is_seen_by_the_org_itself(acme):
    key = acme.account(Best_Partner__c="Globex")
    sink = acme.sink(bulk_rows=0)
    (outcome,) = push(sink, [summary(key, expected={"best_partner": "Globex"}, best_partner="Acme")])
    assert outcome == Applied(key)
    acme.edit("Account", key, Best_Partner__c="Initech")
    (late,) = push(sink, [summary(key, expected={"best_partner": "Acme"}, best_partner="Hooli")])
    assert late == Overtaken("best_partner is 'Initech', expected was 'Acme'")


def test_what_is_expected_is_compared_as_the_org_holds_it(acme):
    key = acme.account(Partner_Since__c="2026-11-22T11:00:00.000+0100", Partner_Count__c=2.0)
    expected = {"partner_since": "2026-11-22T10:00:00Z", "partner_count": 2}
    assert push(acme.sink(), [summary(key, expected=expected, partner_count=3)]) == [Applied(key)]


def test_an_owner_can_be_expected_though_it_cannot_be_written(acme):
    key = acme.account()
    owner = acme.row("User", Id=acme.row("Account", Id=key)["OwnerId"])["Email"]
    batch = [
        write("account", MatchBy.ID, key, {"city": "Berlin"}, expected={"owner_email": owner}),
        write("account", MatchBy.ID, acme.account(), {"city": "Bonn"}, expected={"owner_email": "else@where.example"}),
    ]
    assert [type(outcome) for outcome in push(acme.sink(), batch)] == [Applied, Overtaken]
    assert [type(outcome) for outcome in push(acme.sink(), batch[1:])] == [Overtaken]


def test_a_blank_that_the_mapping_takes_for_a_default_is_as_expected(acme):
    key = acme.account()
    update = write("account", MatchBy.ID, key, {"city": "Berlin"}, expected={"population": "prospect", "city": None})
    assert push(acme.sink(), [update]) == [Applied(key)]


def test_a_value_that_the_mapping_cannot_read_is_not_as_expected_and_is_told_as_it_is(acme):
    push(acme.sink(), [overlap("k1")])
    record = acme.row("Partner_Overlap__c", Overlap_Key__c="k1")
    acme.running.call(
        lambda: record.update(Confidence__c=970.0) or acme.org.store.put("Partner_Overlap__c", record, None)
    )
    batch = [overlap("k1", expected={"confidence": 0.5}, confidence=0.7)]
    (outcome,) = push(acme.sink(), batch)
    assert isinstance(outcome, Overtaken)
    assert "970" in outcome.found
    assert "970" in str(acme.sink().look(TABLES["overlap"], batch)[0]["confidence"])


def test_a_write_to_a_merged_record_goes_to_the_last_winner(acme):
    first, second, third = (acme.account(Name=name) for name in "abc")
    acme.act("merge", object="Account", master=second, losers=[first])
    acme.act("merge", object="Account", master=third, losers=[second])
    assert push(acme.sink(), [summary(first)]) == [Applied(third)]
    assert acme.row("Account", Id=third)["Partner_Count__c"] == 2
    assert push(acme.sink(), [summary(first)]) == [Applied(third, changed=False)]


def test_what_was_expected_of_a_merged_record_is_asked_of_the_winner(acme):
    loser, winner = acme.account(), acme.account(Best_Partner__c="Globex")
    acme.act("merge", object="Account", master=winner, losers=[loser])
    (late,) = push(acme.sink(), [summary(loser, expected={"best_partner": "Acme"}, best_partner="Hooli")])
    assert isinstance(late, Overtaken)
    (fine,) = push(acme.sink(), [summary(loser, expected={"best_partner": "Globex"}, best_partner="Hooli")])
    assert fine == Applied(winner)


def test_a_write_to_a_deleted_record_is_parked_with_the_remedy(acme):
    key = acme.account()
    acme.act("edit", object="Account", id=key, delete=True)
    (outcome,) = push(acme.sink(), [summary(key)])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "ENTITY_IS_DELETED"
    assert "recycle bin" in outcome.remedy


def test_a_merged_record_is_archived_already_and_its_winner_stays(acme):
    loser, winner = acme.account(), acme.account()
    acme.act("merge", object="Account", master=winner, losers=[loser])
    assert push(acme.sink(), [summary(loser, action=WriteAction.ARCHIVE)]) == [Applied(loser, changed=False)]
    assert [row["Id"] for row in acme.rows("Account")] == [winner]


def test_an_archive_of_what_is_no_id_is_refused_and_its_neighbours_go(acme):
    keys = [acme.account(), "001000000000999&x=1", acme.account()]
    outcomes = push(acme.sink(), [summary(key, action=WriteAction.ARCHIVE) for key in keys])
    assert [type(outcome) for outcome in outcomes] == [Applied, Rejected, Applied]
    assert acme.rows("Account") == []


def test_duplicates_are_refused_with_the_rule_and_the_records_that_it_found(acme):
    there = acme.account(Name="Acme")
    acme.rules({"kind": "duplicate", "object": "Account", "fields": ["Name"], "action": "block", "name": "One_Name"})
    new = write("account", MatchBy.EXTERNAL_ID, "crm/1", {"name": "Acme"})
    (outcome,) = push(acme.sink(), [new])
    assert (type(outcome), outcome.code) == (Rejected, "DUPLICATES_DETECTED")
    key = acme.account(Name="Globex")
    rename = write("account", MatchBy.ID, key, {"name": "Acme"}, expected={"name": "Globex"})
    (named,) = push(acme.sink(), [rename])
    assert f"The rule One_Name matched {there}" in named.reason


def test_an_alert_for_duplicates_does_not_stop_a_write(acme):
    acme.account(Name="Acme")
    acme.rules({"kind": "duplicate", "object": "Account", "fields": ["Name"], "action": "alert"})
    assert isinstance(push(acme.sink(), [write("account", MatchBy.EXTERNAL_ID, "crm/1", {"name": "Acme"})])[0], Applied)


def test_a_converted_lead_is_refused_and_the_remedy_names_where_to_write_instead(acme):
    lead = acme.act("edit", object="Lead", fields={"LastName": "Okafor", "Company": "Acme"})["id"]
    acme.act("convert-lead", lead_id=lead, status="Closed - Converted")
    (outcome,) = push(acme.sink(), [write("lead", MatchBy.ID, lead, {"title": "CTO"})])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert "account, contact or opportunity" in outcome.remedy


def test_no_assignment_rule_takes_a_record_from_its_owner(acme):
    admin = acme.org.admin_id
    acme.rules({"kind": "assignment", "object": "Account", "owner": admin})
    push(acme.sink(), [write("account", MatchBy.EXTERNAL_ID, "crm/1", {"name": "Acme"})])
    assert acme.row("Account", Tandem_Key__c="crm/1")["OwnerId"] == acme.org.integration_id


def test_keys_that_differ_in_case_only_never_meet_in_one_call(acme):
    outcomes = push(acme.sink(), [overlap("k1"), overlap("K1", status="ended"), overlap("k2")])
    assert all(isinstance(outcome, Applied) for outcome in outcomes)
    assert acme.calls() == 1 + 1 + 2


def test_short_and_long_ids_of_one_record_never_meet_in_one_call(acme):
    key = acme.account()
    outcomes = push(acme.sink(), [summary(key[:15]), summary(key, best_partner="Acme")])
    assert all(isinstance(outcome, Applied) for outcome in outcomes)
    row = acme.row("Account", Id=key)
    assert (row["Partner_Count__c"], row["Best_Partner__c"]) == (2, "Acme")


def test_two_hundred_writes_cost_two_calls_and_one_where_all_agree(acme):
    batch = [overlap(f"overlap/acme/b{number:032}") for number in range(200)]
    sink = acme.sink()
    push(sink, [overlap("first")])
    before = acme.calls()
    push(sink, batch)
    assert acme.calls() - before == 2
    push(sink, batch)
    assert acme.calls() - before == 3


def test_a_single_write_that_expects_something_costs_two_calls(acme):
    key, sink = acme.account(), acme.sink()
    push(sink, [summary(key)])
    before = acme.calls()
    push(sink, [summary(key, expected={"partner_count": 2}, partner_count=3)])
    assert acme.calls() - before == 2


def test_a_look_costs_one_call_for_many_and_leaves_nothing_behind(acme):
    keys = [acme.account(Partner_Count__c=number) for number in range(3)]
    sink = acme.sink()
    found = sink.look(TABLES["account_summary"], [summary(key, partner_count=9) for key in [*keys, OTHER, "no id"]])
    assert found == [{"partner_count": 0}, {"partner_count": 1}, {"partner_count": 2}, None, None]
    assert acme.calls() == 1
    assert [row["Partner_Count__c"] for row in acme.rows("Account")] == [0, 1, 2]


def test_a_look_also_tells_what_cannot_be_written(acme):
    key = acme.account()
    ask = write("account", MatchBy.ID, key, {"owner_email": None, "name": None, "shoe": None})
    (found,) = acme.sink().look(TABLES["account"], [ask])
    assert found["name"] == "Acme Robotics"
    assert "@" in found["owner_email"]
    assert "shoe" not in found


def test_an_org_that_cuts_its_answers_short_hides_no_record_from_the_comparison(acme):
    batch = [overlap(f"k{number}") for number in range(60)]
    push(acme.sink(), batch)
    acme.org.cursors._size = 25
    outcomes = push(acme.sink(), [*batch, overlap("new")])
    assert [outcome.changed for outcome in outcomes] == [False] * 60 + [True]


def test_a_mapping_that_spells_the_external_id_in_another_case_is_stopped_with_the_right_spelling(acme):
    push(acme.sink(), [overlap("k1")])
    tables = {**TABLES, "overlap": replace(TABLES["overlap"], external_id="overlap_key__c")}
    with pytest.raises(StopMapping, match="did you mean 'Overlap_Key__c'"):
        acme.sink().write(tables, [overlap("k1")])
