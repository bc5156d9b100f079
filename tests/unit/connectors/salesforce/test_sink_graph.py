"""A record and its parent land together or not at all."""

import pytest

from connectors import salesforce
from connectors.base import Applied, Overtaken, Rejected, Retry
from connectors.errors import RetryLater, StopMapping
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, emulator
from schemas.messages import MatchBy, Parent
from tests.unit.connectors.salesforce.sink_world import SFDX, TABLES, SinkOrg, overlap, push, write


@pytest.fixture
def acme():
    with emulator(OrgSettings(clock=lambda: START, sfdx=SFDX)) as running:
        yield SinkOrg(running)


def above(key="crm/a-1", name="Acme Robotics", **fields):
    return Parent(field="account", entity="account", key=key, fields={"name": name, **fields})


def account(acme, key="crm/a-1"):
    return acme.row("Account", Tandem_Key__c=key)


def child(acme, key="k1"):
    return acme.row("Partner_Overlap__c", Overlap_Key__c=key)


def test_both_are_made_and_the_record_points_to_its_parent(acme):
    (outcome,) = push(acme.sink(), [overlap("k1", above())])
    assert outcome == Applied(child(acme)["Id"])
    assert child(acme)["Account__c"] == account(acme)["Id"]
    assert account(acme)["Name"] == "Acme Robotics"


def test_a_parent_that_is_there_is_brought_to_its_values(acme):
    existing = acme.account(Tandem_Key__c="crm/a-1", Name="Old name")
    push(acme.sink(), [overlap("k1", above())])
    assert child(acme)["Account__c"] == existing
    assert account(acme)["Name"] == "Acme Robotics"


def test_a_parent_that_holds_its_values_is_not_touched(acme):
    existing = acme.account(Tandem_Key__c="crm/a-1")
    push(acme.sink(), [overlap("k1", above())])
    assert child(acme)["Account__c"] == existing
    writes = acme.running.call(lambda: acme.org.store.writes(existing))
    assert [each.user_id for each in writes] == [acme.org.admin_id]


def test_what_agrees_with_its_parent_and_points_to_it_costs_two_readings(acme):
    sink = acme.sink(bulk_rows=0)
    push(sink, [overlap("k1", above())])
    before = acme.calls()
    (again,) = push(sink, [overlap("k1", above())])
    assert again == Applied(child(acme)["Id"], changed=False)
    assert acme.calls() - before == 2


def test_one_that_points_elsewhere_is_moved_to_its_parent(acme):
    elsewhere = acme.account(Name="Elsewhere")
    push(acme.sink(), [overlap("k1", status="active", account=elsewhere)])
    (outcome,) = push(acme.sink(), [overlap("k1", above())])
    assert outcome.changed
    assert child(acme)["Account__c"] == account(acme)["Id"]


def test_a_refused_parent_keeps_its_record_away_and_is_named(acme):
    acme.rules({"kind": "validation", "object": "Account", "when": "Name = 'Nope'", "message": "not this one"})
    bad, good = push(acme.sink(), [overlap("k1", above("crm/a-1", "Nope")), overlap("k2", above("crm/a-2", "Yes"))])
    assert isinstance(bad, Rejected)
    assert bad.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "its parent account/crm/a-1 was refused: not this one" in bad.reason
    assert isinstance(good, Applied)
    assert [row["Overlap_Key__c"] for row in acme.rows("Partner_Overlap__c")] == ["k2"]


def test_a_refused_record_keeps_its_parent_away(acme):
    (bad,) = push(acme.sink(), [overlap("k1", above(), partner_account="x" * 5000)])
    assert (bad.code, bad.field) == ("STRING_TOO_LONG", "Partner_Account_Id__c")
    assert acme.rows("Account") == []


def test_more_failures_than_a_call_takes_leave_no_row_without_its_own_outcome(acme):
    acme.rules({"kind": "validation", "object": "Account", "when": "Name LIKE 'Nope%'", "message": "no"})
    names = ["Nope" if number % 4 else "Yes" for number in range(100)]
    batch = [overlap(f"k{number}", above(f"crm/{number}", name)) for number, name in enumerate(names)]
    outcomes = push(acme.sink(), batch)
    assert [isinstance(outcome, Applied) for outcome in outcomes] == [name == "Yes" for name in names]
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Rejected)} == {
        "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    }
    assert len(acme.rows("Account")) == len(acme.rows("Partner_Overlap__c")) == 25


def test_many_records_may_share_a_new_parent(acme):
    outcomes = push(acme.sink(), [overlap(f"k{number}", above()) for number in range(5)])
    assert all(isinstance(outcome, Applied) for outcome in outcomes)
    assert {row["Account__c"] for row in acme.rows("Partner_Overlap__c")} == {account(acme)["Id"]}


def test_a_record_known_by_id_gets_its_parent(acme):
    push(acme.sink(), [overlap("k1")])
    record = child(acme)["Id"]
    by_id = write("overlap", MatchBy.ID, record, {"status": "ended"}, parent=above())
    assert push(acme.sink(), [by_id]) == [Applied(record)]
    assert (child(acme)["Status__c"], child(acme)["Account__c"]) == ("Ended", account(acme)["Id"])


def test_a_record_that_changed_since_is_overtaken_and_its_parent_stays_away(acme):
    push(acme.sink(), [overlap("k1")])
    acme.edit("Partner_Overlap__c", child(acme)["Id"], Status__c="Ended")
    write_ = overlap("k1", above(), expected={"partner_name": "Acme", "status": "active"}, partner_name="Globex")
    (outcome,) = push(acme.sink(), [write_])
    assert isinstance(outcome, Overtaken)
    assert "status is 'ended', expected was 'active'" in outcome.found
    assert acme.rows("Account") == []


GRAPH = "/services/data/v59.0/composite/graph"


def graphs(answer, well, parent, child):
    nodes = [{**parent, "referenceId": "parent"}, {**child, "referenceId": "child"}]
    graph = {"graphId": "g0", "graphResponse": {"compositeResponse": nodes}, "isSuccessful": well}
    return answer({"graphs": [graph]})


def test_a_parent_that_goes_between_reading_and_writing_is_made_anew(org, settings, clock, answer):
    held = {"Id": "001000000000001AAA", "Tandem_Key__c": "crm/a-1", "Name": "Acme Robotics"}
    org.on_query([], [held], [], [], path="query")
    gone = {
        "httpStatusCode": 404,
        "body": [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}],
    }
    halted = {"httpStatusCode": 400, "body": [{"errorCode": "PROCESSING_HALTED", "message": "rolled back"}]}
    made = {"httpStatusCode": 201, "body": {"id": "a01000000000001AAA", "success": True, "errors": []}}
    org.on("POST", GRAPH, graphs(answer, False, gone, halted), graphs(answer, True, made, made))
    assert push(salesforce.sink(settings, clock, "us"), [overlap("k1", above())]) == [Applied("a01000000000001AAA")]
    sent = [request.body["graphs"][0]["compositeRequest"] for request in org.calls("graph")]
    assert [nodes[0]["method"] for nodes in sent] == ["GET", "PATCH"]
    assert [nodes[1]["body"]["Account__c"] for nodes in sent] == ["@{parent.Id}", "@{parent.id}"]


def test_another_number_of_graphs_than_were_sent_is_never_guessed_at(org, settings, clock, answer):
    org.on_query([], path="query")
    org.on("POST", GRAPH, answer({"graphs": []}))
    with pytest.raises(RetryLater, match="0 graphs for 1"):
        salesforce.sink(settings, clock, "us").write(TABLES, [overlap("k1", above())])


def test_a_text_that_reads_as_a_reference_is_refused_and_not_sent(acme):
    (outcome,) = push(acme.sink(), [overlap("k1", above(name="Acme @{parent.id}"))])
    assert isinstance(outcome, Rejected)
    assert "takes for a reference" in outcome.reason
    assert acme.rows("Account") == []


@pytest.mark.parametrize(
    "parent",
    [
        Parent(field="account", entity="shoe", key="s", fields={}),
        Parent(field="account", entity="account_summary", key="s", fields={}),
        Parent(field="shoe", entity="account", key="s", fields={"name": "A"}),
        Parent(field="account", entity="account", key="s", fields={"shoe": "A"}),
    ],
)
def test_a_parent_that_cannot_be_written_rejects_only_its_row(acme, parent):
    bad, good = push(acme.sink(), [overlap("k1", parent), overlap("k2")])
    assert isinstance(bad, Rejected)
    assert bad.remedy
    assert isinstance(good, Applied)


def test_a_parents_field_that_is_not_there_stops_the_parents_mapping(acme):
    acme.arm(
        {"kind": "refuse", "object": "Account", "code": "INVALID_FIELD_FOR_INSERT_UPDATE", "field": "Name", "nth": (1,)}
    )
    with pytest.raises(StopMapping, match=r"\[account\] fields.name"):
        push(acme.sink(), [overlap("k1", above())])


def test_a_busy_parent_is_tried_again(acme):
    acme.arm({"kind": "lock_row", "object": "Account", "nth": (1,)})
    batch = [overlap("k1", above())]
    (outcome,) = push(acme.sink(), batch)
    assert isinstance(outcome, Retry)
    assert push(acme.sink(), batch)[0].changed
