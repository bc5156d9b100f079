"""What the source asks, word by word, and what it makes of answers that an org seldom gives."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Change, place
from connectors.errors import StopMapping
from connectors.salesforce.source import SalesforceSource
from mappings.loader import load

ACCOUNT = load("salesforce")["account"]
TABLES = {"account": ACCOUNT}
QUERY = "/services/data/v59.0/queryAll/"
DESCRIBE = "/services/data/v59.0/sobjects/Account/describe"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def row(record_id, seconds=0, by="005000000000009AAA", **fields):
    at = (NOON + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    system = {"Id": record_id, "SystemModstamp": at, "LastModifiedById": by, "IsDeleted": False}
    mapped = {path.partition(".")[0]: None for path in ACCOUNT.vendor_fields}
    owner = {"attributes": {"type": "User"}, "Name": "Dana Reyes", "Email": "dana@acme.com"}
    return {"attributes": {"type": "Account"}, **system, **mapped, "Name": "Acme", "Owner": owner, **fields}


@pytest.fixture
def now():
    return [NOON]


@pytest.fixture
def start(settings, now):
    def build(**changes):
        return SalesforceSource(settings.model_copy(update={"changes": "poll", **changes}), lambda: now[0])

    return build


def asked(org):
    return [request.query["q"] for request in org.calls("queryAll")]


def poll(source, cursors):
    """Events of one poll; the cursors are saved as they go."""
    events = []
    saved = {place("account", slot): value for slot, value in cursors.items()}
    for event in source.changes(TABLES, saved):
        events.append(event)
        if event.cursor is None:
            cursors.pop(event.slot, None)
        else:
            cursors[event.slot] = event.cursor
    return [event.record_id for event in events if isinstance(event, Change)]


def test_it_asks_for_the_mapped_fields_and_four_of_the_system(org, start):
    org.on_query([])
    assert list(start().changes(TABLES, {})) == []
    assert asked(org) == [
        "SELECT Id, SystemModstamp, LastModifiedById, IsDeleted, AnnualRevenue, BillingCity, BillingCountry,"
        " BillingPostalCode, BillingStreet, Description, Industry, Name, Named_Account__c, NumberOfEmployees,"
        " Owner.Email, Owner.Name, Partner_Population__c, Phone, Source_Id__c, Tandem_Key__c, Technologies__c, Website"
        " FROM Account ORDER BY SystemModstamp, Id LIMIT 2000"
    ]


def test_a_change_carries_the_row_without_the_attributes_of_the_wire(org, start):
    org.on_query([row("001A")])
    (change,) = start().changes(TABLES, {})
    assert change.row["Owner"] == {"Name": "Dana Reyes", "Email": "dana@acme.com"}
    assert "attributes" not in change.row
    assert ACCOUNT.to_fields(change.row)["owner_name"] == "Dana Reyes"


@pytest.mark.parametrize(("by", "own"), [("005000000000001AAA", True), ("005000000000001", True), ("005X", False)])
def test_it_says_whether_tandems_own_user_made_the_change(org, start, by, own):
    org.on_query([row("001A", by=by)])
    (change,) = start().changes(TABLES, {})
    assert (change.actor, change.own) == (by, own)


def test_a_record_that_shows_up_later_than_its_stamp_is_told(org, start):
    cursors = {}
    org.on_query([row("001A", 0), row("001C", 500)], [row("001A", 0), row("001B", 30), row("001C", 500)])
    source = start()
    assert poll(source, cursors) == ["001A", "001C"]
    assert poll(source, cursors) == ["001B"]


def test_a_poll_reads_again_from_the_overlap_before_the_newest_stamp(org, start):
    cursors = {}
    source = start()
    org.on_query([row("001A", 0)], [row("001A", 0), row("001B", 601)], [])
    for _ in range(3):
        poll(source, cursors)
    assert " WHERE SystemModstamp >= 2026-11-22T12:00:01Z ORDER" in asked(org)[2]
    assert set(cursors) == {"", "seen:001B"}


def test_a_long_backlog_is_read_page_by_page_within_equal_stamps(org, start):
    one, two, three = row("001A"), row("001B"), row("001C")
    org.on_query([one, two], [{"SystemModstamp": three["SystemModstamp"]}], [one, two], [three])
    assert poll(start(page_size=2), {}) == ["001A", "001B", "001C"]
    assert "ORDER BY SystemModstamp DESC LIMIT 1" in asked(org)[1]
    assert "(SystemModstamp = 2026-11-22T12:00:00Z AND Id > '001B') OR SystemModstamp > 2026" in asked(org)[3]


def test_an_answer_that_the_org_cut_short_is_continued(org, start, answer):
    one, two = row("001A"), row("001B", 1)
    cut = answer({"records": [one], "done": False, "nextRecordsUrl": "/services/data/v59.0/query/01g-1"})
    newest = answer({"records": [{"SystemModstamp": two["SystemModstamp"]}], "done": True})
    org.on("GET", QUERY, cut, newest, cut, answer({"records": [two], "done": True}))
    assert poll(start(), {}) == ["001A", "001B"]


def test_a_walk_that_pauses_between_pages_loses_no_record_that_showed_up_behind_it(org, start):
    """001C is of the first page's time but came after that page was read; 001D is of an hour later."""
    one, two, three, later = row("001A", 0), row("001B", 10), row("001C", 5), row("001D", 5000)
    cursors = {}
    source = start(page_size=2)
    org.on_query([one, two], [{"SystemModstamp": two["SystemModstamp"]}], [one, two], [later])
    assert poll(source, cursors) == ["001A", "001B", "001D"]
    org.on_query([one, three], [{"SystemModstamp": later["SystemModstamp"]}], [one, three], [two, later], [])
    assert poll(source, cursors) == ["001C"]
    assert set(cursors) == {"", "seen:001D"}


def test_a_quiet_org_is_not_read_again_and_again(org, start, now):
    cursors = {}
    source = start()
    org.on_query([row("001A", 0), row("001B", 5)])
    assert poll(source, cursors) == ["001A", "001B"]
    now[0] += timedelta(seconds=600)
    poll(source, cursors)
    assert cursors == {"": "2026-11-22T12:00:05Z 001B"}
    org.on_query([])
    poll(source, cursors)
    assert "Id > '001B'" in asked(org)[-1]


def test_an_org_that_was_quiet_for_less_than_the_overlap_is_read_again(org, start, now):
    cursors = {}
    source = start()
    org.on_query([row("001A", 0)])
    poll(source, cursors)
    now[0] += timedelta(seconds=599)
    poll(source, cursors)
    assert set(cursors) == {"seen:001A"}


def test_a_restart_does_not_take_its_own_absence_for_a_quiet_org(org, start, now):
    cursors = {}
    org.on_query([row("001A", 0)])
    poll(start(), cursors)
    now[0] += timedelta(days=1)
    poll(start(), cursors)
    assert set(cursors) == {"seen:001A"}


NO_COLUMN = (
    "\nBillingStreet, Name, Partner_Population__c\n   ^\nERROR at Row:1:Column:99\nNo such column"
    " 'Partner_Population__c' on entity 'Account'. If you are attempting to use a custom field, be sure to append"
    " the '__c' after the custom field name. Please reference your WSDL or the describe call for the names."
)
NO_RELATION = "ERROR at Row:1:Column:9\nDidn't understand relationship 'Owner' in field path. If you are"


@pytest.mark.parametrize(
    ("message", "key", "nearest"),
    [
        (NO_COLUMN, "fields.population", "'Partner_Populations__c'"),
        (NO_RELATION, "fields.owner_", "'OwnerId'"),
    ],
)
def test_a_missing_field_stops_the_mapping_and_names_its_line_and_the_nearest_field(
    org, start, refusal, answer, message, key, nearest
):
    org.on("GET", QUERY, refusal("INVALID_FIELD", message))
    fields = [{"name": name} for name in ("Name", "OwnerId", "Partner_Populations__c")]
    org.on("GET", DESCRIBE, answer({"fields": fields}))
    with pytest.raises(StopMapping) as raised:
        list(start().changes(TABLES, {}))
    assert f"mappings/salesforce.toml, [account] {key}" in raised.value.reason
    assert f"did you mean {nearest}" in raised.value.remedy
    assert "deploy deploy/salesforce and assign the permission set Tandem_Integration" in raised.value.remedy


def test_a_missing_object_stops_the_mapping(org, start, refusal):
    org.on("GET", QUERY, refusal("INVALID_TYPE", "sObject type 'Account' is not supported."))
    with pytest.raises(StopMapping, match=r"mappings/salesforce.toml, \[account\] does not fit Account in Salesforce"):
        list(start().changes(TABLES, {}))


def test_a_field_in_another_case_would_read_as_empty_and_stops_the_mapping(org, start):
    found = row("001A")
    found["website"] = found.pop("Website")
    org.on_query([found])
    with pytest.raises(StopMapping, match="without 'Website'") as raised:
        list(start().changes(TABLES, {}))
    assert "did you mean 'website'" in raised.value.remedy
