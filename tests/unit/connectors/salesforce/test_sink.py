"""What the sink sends, byte by byte where it matters, and what it makes of each kind of refusal."""

from datetime import UTC, datetime

import pytest

from connectors.base import Applied, Rejected, Retry
from connectors.errors import PauseConnection, RetryLater, StopMapping
from connectors.salesforce.sink import SalesforceSink
from mappings.loader import load
from schemas.messages import MatchBy, Write

TABLES = load("salesforce")
OVERLAP, SUMMARY = TABLES["overlap"], TABLES["account_summary"]
UPSERT = "/services/data/v59.0/composite/sobjects/Partner_Overlap__c/Overlap_Key__c"
UPDATE = "/services/data/v59.0/composite/sobjects"
RETRIEVE = "/services/data/v59.0/composite/sobjects/Account"
ACME, GLOBEX = "001000000000001AAA", "001000000000002AAA"


def overlap(key, **fields):
    return _write("overlap", MatchBy.EXTERNAL_ID, key, {"status": "active", **fields})


def summary(key, **fields):
    return _write("account_summary", MatchBy.ID, key, {"partner_count": 2, **fields})


def _write(entity, match_by, key, fields):
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Write(id=key, connection="us", entity=entity, match_by=match_by, key=key, fields=fields, decided_at=at)


def fine(record_id="a01000000000001AAA"):
    return {"id": record_id, "success": True, "errors": []}


def refused(code, message="as Salesforce says", *fields):
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


@pytest.fixture
def sink(settings, clock):
    return SalesforceSink(settings.model_copy(update={"compare": False}), clock)


@pytest.fixture
def comparing(settings, clock):
    return SalesforceSink(settings, clock)


def sent(org):
    return [request.body["records"] for request in org.requests if request.method == "PATCH"]


def test_an_upsert_goes_to_the_external_id_with_attributes_first_and_the_three_headers(org, sink, answer):
    org.on("PATCH", UPSERT, answer([fine()]))
    sink.write(TABLES, [overlap("k1", ended_on=None)])
    (request,) = org.calls("composite")
    assert request.body == {
        "allOrNone": False,
        "records": [
            {
                "attributes": {"type": "Partner_Overlap__c"},
                "Overlap_Key__c": "k1",
                "Status__c": "Active",
                "Ended_On__c": None,
            }
        ],
    }
    assert next(iter(request.body["records"][0])) == "attributes"
    assert request.headers["Sforce-Auto-Assign"] == "FALSE"
    assert request.headers["Sforce-Duplicate-Rule-Header"].startswith("allowSave=true")
    assert request.headers["Sforce-Call-Options"] == "client=tandem"


def test_an_update_names_the_id_in_the_row(org, sink, answer):
    org.on("PATCH", UPDATE, answer([fine(ACME)]))
    assert sink.write(TABLES, [summary(ACME)]) == [Applied(ACME)]
    assert sent(org) == [[{"attributes": {"type": "Account"}, "Id": ACME, "Partner_Count__c": 2}]]


def test_another_number_of_results_than_records_is_never_guessed_at(org, sink, answer):
    org.on("PATCH", UPSERT, answer([fine()]), answer([]))
    for results in (1, 0):
        with pytest.raises(RetryLater, match=f"{results} results for 2 records"):
            sink.write(TABLES, [overlap("k1"), overlap("k2")])


def test_a_busy_row_is_to_be_retried_and_a_bad_one_is_rejected_with_the_field(org, sink, answer):
    results = [refused("UNABLE_TO_LOCK_ROW"), refused("STRING_TOO_LONG", "too large", "Partner_Name__c"), fine("a01")]
    org.on("PATCH", UPSERT, answer(results))
    busy, bad, good = sink.write(TABLES, [overlap("k1"), overlap("k2"), overlap("k3")])
    assert busy == Retry("UNABLE_TO_LOCK_ROW: as Salesforce says")
    assert isinstance(bad, Rejected)
    assert (bad.code, bad.field) == ("STRING_TOO_LONG", "Partner_Name__c")
    assert "max_length" in bad.remedy
    assert good == Applied("a01")


@pytest.mark.parametrize("code", ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED"])
def test_an_innocent_row_is_sent_again_alone(org, sink, answer, code):
    first = answer([refused(code), refused("REQUIRED_FIELD_MISSING"), refused(code)])
    org.on("PATCH", UPSERT, first, answer([fine("a01")]), answer([refused(code)]))
    outcomes = sink.write(TABLES, [overlap("k1"), overlap("k2"), overlap("k3")])
    assert [len(records) for records in sent(org)] == [3, 1, 1]
    assert outcomes[0] == Applied("a01")
    assert isinstance(outcomes[1], Rejected)
    assert isinstance(outcomes[2], Retry)


def test_a_full_org_pauses_the_connection(org, sink, answer):
    org.on("PATCH", UPSERT, answer([refused("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")]))
    with pytest.raises(PauseConnection, match="storage limit exceeded"):
        sink.write(TABLES, [overlap("k1")])


def test_a_field_that_may_not_be_written_stops_the_mapping_and_names_its_line(org, sink, answer):
    org.on("PATCH", UPSERT, answer([refused("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create", "Status__c")]))
    with pytest.raises(StopMapping, match=r"\[overlap\] fields.status: Salesforce refuses Partner_Overlap__c.Status"):
        sink.write(TABLES, [overlap("k1")])


def test_an_external_id_that_is_none_stops_the_mapping(org, sink, refusal):
    org.on("PATCH", UPSERT, refusal("NOT_FOUND", "Provided external ID field does not exist or is not accessible", 404))
    with pytest.raises(StopMapping, match=r"\[overlap\] does not fit Partner_Overlap__c"):
        sink.write(TABLES, [overlap("k1")])


def test_a_table_without_an_external_id_cannot_be_written_by_one(sink):
    write = summary("k1").model_copy(update={"match_by": MatchBy.EXTERNAL_ID})
    with pytest.raises(StopMapping, match="names none"):
        sink.write(TABLES, [write])


def test_writes_by_id_and_by_external_id_keep_their_order_in_one_batch(org, sink, answer):
    org.on("PATCH", UPSERT, answer([fine("a01"), fine("a03")]))
    org.on("PATCH", UPDATE, answer([fine("a02")]))
    batch = [overlap("k1"), overlap("a02").model_copy(update={"match_by": MatchBy.ID}), overlap("k3")]
    assert [outcome.target_id for outcome in sink.write(TABLES, batch)] == ["a01", "a02", "a03"]


def test_what_agrees_is_not_sent(org, comparing, answer):
    agreeing = {"Id": "a01", "Overlap_Key__c": "k1", "Status__c": "Active"}
    differing = {"Id": "a02", "Overlap_Key__c": "k2", "Status__c": "Ended"}
    org.on_query([agreeing, differing], path="query")
    org.on("PATCH", UPSERT, answer([fine("a02"), fine("a03")]))
    outcomes = comparing.write(TABLES, [overlap("k1"), overlap("k2"), overlap("k3")])
    assert outcomes == [Applied("a01", changed=False), Applied("a02"), Applied("a03")]
    assert [record["Overlap_Key__c"] for record in sent(org)[0]] == ["k2", "k3"]
    assert org.calls("query")[0].query["q"] == (
        "SELECT Overlap_Key__c, Id, Status__c FROM Partner_Overlap__c WHERE Overlap_Key__c IN ('k1','k2','k3')"
    )


def test_a_batch_that_agrees_costs_one_call(org, comparing, answer):
    org.on("POST", RETRIEVE, answer([{"Id": ACME, "Partner_Count__c": 2.0}]))
    assert comparing.write(TABLES, [summary(ACME)]) == [Applied(ACME, changed=False)]
    assert sent(org) == []
    assert org.calls("composite")[0].body == {"ids": [ACME], "fields": ["Id", "Partner_Count__c"]}


def test_an_unknown_id_is_left_to_the_write_to_tell(org, comparing, answer):
    org.on("POST", RETRIEVE, answer([None]))
    org.on("PATCH", UPDATE, answer([refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")]))
    (outcome,) = comparing.write(TABLES, [summary(ACME)])
    assert isinstance(outcome, Rejected)


def test_a_key_that_is_no_id_does_not_stop_its_neighbours(org, comparing, answer, refusal):
    org.on("POST", RETRIEVE, refusal("MALFORMED_ID", "malformed id k1"))
    org.on("PATCH", UPDATE, answer([refused("MALFORMED_ID", "Account ID: id value of incorrect type"), fine(ACME)]))
    bad, good = comparing.write(TABLES, [summary("k1"), summary(ACME)])
    assert isinstance(bad, Rejected)
    assert good == Applied(ACME)


def test_a_field_that_cannot_be_read_stops_the_mapping_before_anything_is_sent(org, comparing, refusal):
    message = "No such column 'Status__c' on entity 'Partner_Overlap__c'."
    org.on("GET", "/services/data/v59.0/query/", refusal("INVALID_FIELD", message))
    with pytest.raises(StopMapping, match=r"\[overlap\] fields.status"):
        comparing.write(TABLES, [overlap("k1")])
    assert sent(org) == []


def test_what_no_converter_can_read_is_overwritten(org, comparing, answer):
    org.on_query([{"Id": "a01", "Overlap_Key__c": "k1", "Status__c": "Perhaps"}], path="query")
    org.on("PATCH", UPSERT, answer([fine("a01")]))
    assert comparing.write(TABLES, [overlap("k1")]) == [Applied("a01")]


REFERENCE = {"name": "Account__c", "type": "reference", "referenceTo": ["Account"]}
DESCRIBE = "/services/data/v59.0/sobjects/{}/describe"


@pytest.fixture
def deleted_parent(org, answer):
    """The overlap's account is gone; what `MasterRecordId` says decides what becomes of the write."""

    def script(master, *results):
        org.on("GET", DESCRIBE.format("Partner_Overlap__c"), answer({"fields": [REFERENCE]}))
        org.on("GET", DESCRIBE.format("Account"), answer({"fields": [{"name": "Id"}, {"name": "MasterRecordId"}]}))
        org.on_query([{"Id": ACME, "IsDeleted": True, "MasterRecordId": master}, {"Id": GLOBEX, "IsDeleted": False}])
        org.on("PATCH", UPSERT, *(answer(result) for result in results))

    return script


def test_a_write_that_points_to_a_merged_account_goes_to_the_winner(org, sink, deleted_parent):
    deleted_parent(GLOBEX, [refused("ENTITY_IS_DELETED", "entity is deleted"), fine("a02")], [fine("a01")])
    outcomes = sink.write(TABLES, [overlap("k1", account=ACME), overlap("k2", account=GLOBEX)])
    assert outcomes == [Applied("a01"), Applied("a02")]
    assert [record["Account__c"] for record in sent(org)[1]] == [GLOBEX]
    looked_up = org.calls("queryAll")[0].query["q"]
    assert looked_up == f"SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE Id IN ('{ACME}')"


def test_a_write_that_points_to_a_deleted_account_is_written_without_it(org, sink, deleted_parent):
    deleted_parent(None, [refused("ENTITY_IS_DELETED"), refused("ENTITY_IS_DELETED")], [fine("a01"), fine("a02")])
    outcomes = sink.write(TABLES, [overlap("k1", account=ACME), overlap("k2", account=ACME, status="ended")])
    assert outcomes == [Applied("a01"), Applied("a02")]
    again = [(record["Account__c"], record["Status__c"]) for record in sent(org)[1]]
    assert again == [(None, "Active"), (None, "Ended")]


def test_a_write_whose_own_record_is_deleted_is_rejected_with_the_remedy(org, sink, deleted_parent):
    deleted_parent(None, [refused("ENTITY_IS_DELETED", "entity is deleted")])
    (outcome,) = sink.write(TABLES, [overlap("k1", account=GLOBEX)])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "ENTITY_IS_DELETED"
    assert "recycle bin" in outcome.remedy
    assert len(sent(org)) == 1


def test_a_parent_that_may_not_be_empty_leaves_the_vendors_second_word(org, sink, deleted_parent):
    deleted_parent(None, [refused("ENTITY_IS_DELETED")], [refused("REQUIRED_FIELD_MISSING", "missing", "Account__c")])
    (outcome,) = sink.write(TABLES, [overlap("k1", account=ACME)])
    assert (outcome.code, outcome.field) == ("REQUIRED_FIELD_MISSING", "Account__c")
