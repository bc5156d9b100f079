"""Every error code of the facts, refused by the org on each way that a write can go, meets its recovery."""

import pytest

from connectors.base import Applied, Rejected, Retry
from connectors.errors import PauseConnection, RetryLater, StopMapping
from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, emulator
from schemas.messages import Parent
from tests.unit.connectors.salesforce.sink_world import SFDX, TABLES, SinkOrg, overlap, push, summary

RETRIED = """UNABLE_TO_LOCK_ROW SERVER_UNAVAILABLE QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG TOO_MANY_APEX_REQUESTS
    TXN_SECURITY_METERING_ERROR UNKNOWN_EXCEPTION""".split()
ALONE = "ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED".split()
PAUSING = """REQUEST_LIMIT_EXCEEDED LIMIT_EXCEEDED STORAGE_LIMIT_EXCEEDED API_DISABLED_FOR_ORG
    API_CURRENTLY_DISABLED""".split()
PARKED = """FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION FIELD_INTEGRITY_EXCEPTION
    REQUIRED_FIELD_MISSING STRING_TOO_LONG INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST INVALID_EMAIL_ADDRESS
    NUMBER_OUTSIDE_VALID_RANGE DUPLICATES_DETECTED DUPLICATE_VALUE DUPLICATE_EXTERNAL_ID INSUFFICIENT_ACCESS
    INSUFFICIENT_ACCESS_OR_READONLY INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY INVALID_CROSS_REFERENCE_KEY
    ENTITY_IS_LOCKED CANNOT_UPDATE_CONVERTED_LEAD INACTIVE_OWNER_OR_USER CANNOT_EXECUTE_FLOW_TRIGGER""".split()
STOPPING = "INVALID_FIELD INVALID_TYPE INVALID_FIELD_FOR_INSERT_UPDATE".split()
RESOLVED = "ENTITY_IS_DELETED NOT_FOUND".split()
BY_MESSAGE = [
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "AcmeTrigger: UNABLE_TO_LOCK_ROW, unable to obtain access", Retry),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "System.LimitException: Too many SOQL queries: 101", Retry),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "AcmeTrigger: null pointer", Rejected),
]
WAYS = ["collection", "job", "graph"]


@pytest.fixture(scope="module")
def acme():
    with emulator(OrgSettings(clock=lambda: START, sfdx=SFDX)) as running:
        yield SinkOrg(running)


@pytest.fixture(params=WAYS)
def way(request, acme):
    acme.arm()
    return request.param


def batch(acme, way):
    parent = (
        Parent(field="account", entity="account", key="crm/a-1", fields={"name": "Acme"}) if way == "graph" else None
    )
    return [overlap(acme.key(), parent), overlap(acme.key(), parent)]


def sink_of(acme, way):
    return acme.sink(bulk_rows=2 if way == "job" else 0)


def refuse_the_first_row(acme, code, message=None, **rule):
    acme.arm({"kind": "refuse", "object": "Partner_Overlap__c", "code": code, "message": message, "nth": (1,), **rule})


@pytest.mark.parametrize("code", RETRIED)
def test_a_busy_row_is_tried_again_and_then_lands(acme, way, code):
    refuse_the_first_row(acme, code)
    sink, writes = sink_of(acme, way), batch(acme, way)
    busy, other = push(sink, writes)
    assert isinstance(busy, Retry)
    assert code in busy.reason
    assert isinstance(other, Applied)
    again, _ = push(sink, writes)
    assert isinstance(again, Applied)


@pytest.mark.parametrize("code", ALONE)
def test_a_row_that_fell_with_a_neighbour_lands_by_itself(acme, way, code):
    refuse_the_first_row(acme, code)
    outcomes = push(sink_of(acme, way), batch(acme, way))
    assert [type(outcome) for outcome in outcomes] == [Applied, Applied]


@pytest.mark.parametrize("code", PAUSING)
def test_a_quota_or_a_switch_pauses_the_connection(acme, way, code):
    refuse_the_first_row(acme, code)
    sink, writes = sink_of(acme, way), batch(acme, way)
    with pytest.raises(PauseConnection, match=code) as paused:
        push(sink, writes)
    assert paused.value.remedy
    assert all(isinstance(outcome, Applied) for outcome in push(sink, writes))


@pytest.mark.parametrize("code", PARKED)
def test_a_bad_row_is_parked_with_a_remedy_and_its_neighbour_lands(acme, way, code):
    refuse_the_first_row(acme, code, field="Status__c")
    bad, other = push(sink_of(acme, way), batch(acme, way))
    assert isinstance(bad, Rejected)
    assert (bad.code, bad.field) == (code, "Status__c")
    assert code in bad.reason
    assert len(bad.remedy) > 10
    assert isinstance(other, Applied)


@pytest.mark.parametrize("code", STOPPING)
def test_a_schema_that_does_not_fit_stops_the_mapping(acme, way, code):
    refuse_the_first_row(acme, code, field="Status__c")
    with pytest.raises(StopMapping, match=r"\[overlap\] fields.status"):
        push(sink_of(acme, way), batch(acme, way))


@pytest.mark.parametrize("code", RESOLVED)
def test_a_row_that_is_gone_without_a_winner_is_parked(acme, way, code):
    refuse_the_first_row(acme, code)
    gone, other = push(sink_of(acme, way), batch(acme, way))
    assert isinstance(gone, Rejected)
    assert gone.code == code
    assert isinstance(other, Applied)


@pytest.mark.parametrize(("code", "message", "kind"), BY_MESSAGE)
def test_a_trigger_is_busy_or_broken_as_its_message_says(acme, way, code, message, kind):
    refuse_the_first_row(acme, code, message)
    outcome, _ = push(sink_of(acme, way), batch(acme, way))
    assert isinstance(outcome, kind)


def test_a_code_that_nobody_has_classified_parks_its_row(acme, way):
    refuse_the_first_row(acme, "A_CODE_OF_NEXT_SUMMER")
    outcome, other = push(sink_of(acme, way), batch(acme, way))
    assert isinstance(outcome, Rejected)
    assert isinstance(other, Applied)


CALLS = {"collection": "composite/sobjects", "job": "jobs/ingest", "graph": "composite/graph"}


def refuse_the_call(acme, way, code, status=None, nth=(1,)):
    method = "PATCH" if way == "collection" else "POST"
    acme.arm({"kind": "refuse", "code": code, "status": status, "method": method, "path": CALLS[way], "nth": nth})


def test_a_token_that_ran_out_is_renewed_once(acme, way):
    refuse_the_call(acme, way, "INVALID_SESSION_ID")
    outcomes = push(sink_of(acme, way), batch(acme, way))
    assert [type(outcome) for outcome in outcomes] == [Applied, Applied]


@pytest.mark.parametrize("status", [406, 408, 420, 429, 500, 502, 503, 504])
def test_a_busy_org_is_waited_for(acme, way, status):
    refuse_the_call(acme, way, "SOMETHING_ELSE", status)
    sink, writes = sink_of(acme, way), batch(acme, way)
    with pytest.raises(RetryLater):
        sink.write(TABLES, writes)
    assert all(isinstance(outcome, Applied) for outcome in push(sink, writes))


@pytest.mark.parametrize("code", PAUSING)
def test_a_quota_that_refuses_the_whole_call_pauses_the_connection(acme, way, code):
    refuse_the_call(acme, way, code, 403)
    with pytest.raises(PauseConnection, match=code):
        push(sink_of(acme, way), batch(acme, way))


@pytest.mark.parametrize("code", [*STOPPING, "NOT_FOUND"])
def test_a_schema_that_refuses_the_whole_call_stops_the_mapping(acme, code):
    acme.arm({"kind": "refuse", "code": code, "message": "The requested resource does not exist", "nth": (1,),
              "method": "PATCH", "path": "composite/sobjects"})  # fmt: skip
    with pytest.raises(StopMapping):
        push(sink_of(acme, "collection"), batch(acme, "collection"))


@pytest.mark.parametrize("way", ["collection", "graph"])
@pytest.mark.parametrize("code", ["JSON_PARSER_ERROR", *PARKED])
def test_a_call_that_is_refused_because_of_one_row_is_halved_until_that_row_is_alone(acme, way, code):
    refuse_the_call(acme, way, code, nth=(1, 2))
    bad, other = push(sink_of(acme, way), batch(acme, way))
    assert isinstance(bad, Rejected)
    assert bad.code == code
    assert isinstance(other, Applied)


@pytest.mark.parametrize("status", [412])
def test_a_record_that_changed_in_between_is_read_again_and_then_written(acme, status):
    key = acme.account()
    acme.arm({"kind": "refuse", "code": "PRECONDITION_FAILED", "status": status, "method": "PATCH", "nth": (1,)})
    (outcome,) = push(acme.sink(), [summary(key, expected={"partner_count": None})])
    assert outcome == Applied(key)
    assert acme.effects(key) == 1
