"""SOQL over HTTP: what is found, how it is printed and paged, and how a query is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.salesforce.testing import Emulator, emulator

from .conftest import Api, settings


@pytest.fixture(scope="module")
def shared() -> Iterator[Api]:
    """Read-only: three accounts, two contacts, two opportunities."""
    with emulator(settings()) as running:
        api = Api(running)
        acme = api.create("Account", Name="Acme Robotics", BillingCity="Lyon", NumberOfEmployees=50, Source_Id__c="a-1")
        running.org.clock.advance(10)
        globex = api.create("Account", Name="Globex", BillingCity="Ghent", NumberOfEmployees=7, ParentId=acme)
        running.org.clock.advance(86400)
        api.create("Account", Name="ACME O'Neil 100%", Industry="Energy")
        api.create("Contact", FirstName="Ida", LastName="Ng", AccountId=acme)
        api.create("Contact", LastName="Solo")
        for name, stage, amount in (("Big", "Closed Won", 100.5), ("Small", "Prospecting", 20)):
            api.create(
                "Opportunity", Name=name, StageName=stage, Amount=amount, CloseDate="2026-12-01", AccountId=globex
            )
        yield api


ACME, GLOBEX, ONEIL = "Acme Robotics", "Globex", "ACME O'Neil 100%"


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'globex'", [GLOBEX]),
        ("Name != 'Globex'", [ACME, ONEIL]),
        ("Name <> 'Globex' AND NumberOfEmployees = 50", [ACME]),
        ("Name LIKE 'acme%'", [ACME, ONEIL]),
        ("Name LIKE '%100\\%'", [ONEIL]),
        ("Name LIKE 'Globe_'", [GLOBEX]),
        ("Name = 'ACME O\\'Neil 100%'", [ONEIL]),
        ("(NOT Name LIKE 'Acme%')", [GLOBEX]),
        ("NumberOfEmployees > 7", [ACME]),
        ("NumberOfEmployees >= 7 AND NumberOfEmployees <= 7.0", [GLOBEX]),
        ("NumberOfEmployees = null", [ONEIL]),
        ("NumberOfEmployees != null", [ACME, GLOBEX]),
        ("NumberOfEmployees != 7", [ACME, ONEIL]),
        ("BillingCity IN ('lyon', 'GHENT')", [ACME, GLOBEX]),
        ("BillingCity NOT IN ('Lyon')", [GLOBEX, ONEIL]),
        ("BillingCity = ''", [ONEIL]),
        ("IsDeleted = null AND Name LIKE 'G%'", [GLOBEX]),
        ("IsDeleted != null", []),
        ("IsDeleted = false AND (Name = 'Globex' OR Industry = 'Energy')", [GLOBEX, ONEIL]),
        ("SystemModstamp >= 2026-11-22T10:00:10Z", [GLOBEX, ONEIL]),
        ("SystemModstamp > 2026-11-22T12:00:10.000+02:00", [ONEIL]),
        ("SystemModstamp < 2026-11-22T10:00:10.500Z", [ACME]),
        ("CreatedDate = TODAY", [ONEIL]),
        ("CreatedDate = YESTERDAY", [ACME, GLOBEX]),
        ("CreatedDate = LAST_N_DAYS:3", [ACME, GLOBEX, ONEIL]),
        ("Parent.Name = 'Acme Robotics'", [GLOBEX]),
        ("Account.Name = 'Globex'", [GLOBEX]),
        ("Owner.Username LIKE 'integration%'", [ACME, GLOBEX, ONEIL]),
        ("Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Ng')", [ACME]),
        ("Id NOT IN (SELECT AccountId FROM Opportunity)", [ACME, ONEIL]),
        ("Source_Id__c = 'A-1'", [ACME]),
    ],
)
def test_a_condition_finds_its_rows(shared: Api, where: str, found: list[str]) -> None:
    assert shared.names(f"SELECT Name FROM Account WHERE {where} ORDER BY CreatedDate, Id") == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("Name", [ONEIL, ACME, GLOBEX]),
        ("Name DESC", [GLOBEX, ACME, ONEIL]),
        ("NumberOfEmployees", [ONEIL, GLOBEX, ACME]),
        ("NumberOfEmployees DESC", [ONEIL, ACME, GLOBEX]),
        ("NumberOfEmployees ASC NULLS LAST", [GLOBEX, ACME, ONEIL]),
        ("NumberOfEmployees DESC NULLS LAST, Name", [ACME, GLOBEX, ONEIL]),
        ("Parent.Name NULLS LAST, Name DESC", [GLOBEX, ACME, ONEIL]),
        ("Name LIMIT 1 OFFSET 1", [ACME]),
    ],
)
def test_an_order_is_kept(shared: Api, order: str, found: list[str]) -> None:
    assert shared.names(f"SELECT Name FROM Account ORDER BY {order}") == found


def test_parents_are_nested_and_null_where_there_is_none(shared: Api) -> None:
    ida, solo = shared.query("SELECT name, Account.Name, account.Owner.Name FROM contact ORDER BY Name")["records"]
    assert list(ida) == ["attributes", "Name", "Account"]
    assert ida["attributes"]["type"] == "Contact"
    assert ida["Account"]["attributes"]["type"] == "Account"
    assert (ida["Account"]["Name"], ida["Account"]["Owner"]["Name"]) == (ACME, "Tandem Integration")
    assert solo["Account"] is None


def test_children_come_as_a_list_of_their_own(shared: Api) -> None:
    soql = "SELECT Name, (SELECT Name, Amount FROM Opportunities ORDER BY Amount DESC) FROM Account ORDER BY Name DESC"
    globex, acme, _ = shared.query(soql)["records"]
    assert acme["Opportunities"] is None
    assert (globex["Opportunities"]["totalSize"], globex["Opportunities"]["done"]) == (2, True)
    assert [(one["Name"], one["Amount"]) for one in globex["Opportunities"]["records"]] == [
        ("Big", 100.5),
        ("Small", 20.0),
    ]


def test_count_tells_the_size_without_records(shared: Api) -> None:
    assert shared.query("SELECT COUNT() FROM Account WHERE Name LIKE 'Acme%'") == {
        "totalSize": 2,
        "done": True,
        "records": [],
    }


def test_groups_are_counted_and_summed(shared: Api) -> None:
    soql = (
        "SELECT Account.Name, COUNT(Id), SUM(Amount) total, MAX(Amount), AVG(Amount) mean FROM Opportunity "
        "GROUP BY Account.Name"
    )
    assert shared.query(soql)["records"] == [
        {
            "attributes": {"type": "AggregateResult"},
            "Name": GLOBEX,
            "expr0": 2,
            "total": 120.5,
            "expr1": 100.5,
            "mean": 60.25,
        }
    ]


def test_groups_are_ordered_by_their_aggregates(shared: Api) -> None:
    soql = "SELECT StageName, COUNT(Id) n, MIN(Amount) least FROM Opportunity GROUP BY StageName ORDER BY MIN(Amount)"
    assert [one["StageName"] for one in shared.query(soql)["records"]] == ["Prospecting", "Closed Won"]


def test_all_fields_can_be_asked_for_with_a_limit(shared: Api) -> None:
    (row,) = shared.query("SELECT FIELDS(CUSTOM) FROM Account WHERE Name = 'Acme Robotics' LIMIT 1")["records"]
    assert row["Source_Id__c"] == "a-1"
    assert shared.refusal("GET", "query", params={"q": "SELECT FIELDS(ALL) FROM Account"})[1] == "MALFORMED_QUERY"


@pytest.mark.parametrize(
    ("soql", "code", "reason"),
    [
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id, FROM Account", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT * FROM Account", "MALFORMED_QUERY", "unexpected token: '*'"),
        ("SELECT Id FROM Account WHERE Name IN ()", "MALFORMED_QUERY", "unexpected token: ')'"),
        (
            "SELECT Id FROM Account WHERE Name = 'a' AND Phone = 'b' OR Phone = 'c'", "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        ("SELECT Id FROM Account ALL ROWS", "MALFORMED_QUERY", "unexpected token: 'ROWS'"),
        ("SELECT Id, Nope__c FROM Account", "INVALID_FIELD", "No such column 'Nope__c' on entity 'Account'."),
        ("SELECT Owner.Shoe FROM Account", "INVALID_FIELD", "No such column 'Shoe' on entity 'User'."),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Boss' in field path."),
        ("SELECT Id FROM Nope__c", "INVALID_TYPE", "sObject type 'Nope__c' is not supported."),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE", "Didn't understand relationship 'Nopes'"),
        (
            "SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD",
            "value of filter criterion for field 'SystemModstamp' must be of type dateTime and should not be",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD",
            "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Account ORDER BY Description", "MALFORMED_QUERY",
            "field 'Description' can not be sorted in a query call",
        ),
        ("SELECT Id FROM Account WHERE Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id"),
        ("SELECT Id FROM Account WHERE OwnerId = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("SELECT Id FROM Account WHERE CreatedDate LIKE '1%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Name n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
    ],
)  # fmt: skip
def test_a_query_that_does_not_fit_is_refused(shared: Api, soql: str, code: str, reason: str) -> None:
    status, refused, message = shared.refusal("GET", "query", params={"q": soql})
    assert (status, refused) == (400, code)
    lines = message.split("\n")
    assert lines[0] == ""
    assert lines[2].strip() == "^"
    assert lines[3].startswith("ERROR at Row:1:Column:")
    assert lines[4].startswith(reason)


def test_the_caret_stands_under_the_fault(shared: Api) -> None:
    soql = "SELECT Id,\n  Nope__c FROM Account"
    message = shared.refusal("GET", "query", params={"q": soql})[2]
    assert message.startswith("\n  Nope__c FROM Account\n  ^\nERROR at Row:2:Column:3\n")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "MALFORMED_QUERY"),
        ({"q": " "}, "MALFORMED_QUERY"),
        ({"q": "SELECT Id FROM Account OFFSET 2001"}, "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_a_query_that_is_empty_or_starts_too_far_is_refused(shared: Api, params: dict[str, str], code: str) -> None:
    assert shared.refusal("GET", "query", params=params)[:2] == (400, code)


def test_an_uri_of_more_than_16384_bytes_is_too_long(shared: Api) -> None:
    long = "SELECT Id FROM Account WHERE Name IN (" + ",".join(["'xxxxxxxx'"] * 1600) + ")"
    refused = shared("GET", "query", params={"q": long})
    assert refused.status_code == 414
    almost = shared("GET", "query", params={"q": "SELECT Id FROM Account"}, headers={"X-Padding": "x" * 16384})
    assert almost.status_code == 431


def load(running: Emulator, count: int) -> Api:
    api = Api(running)
    lines = "\n".join(f'{{"Name": "Account {number:05d}"}}' for number in range(count))
    assert api.sandbox("POST", "load", params={"object": "Account"}, data=lines).json()["loaded"] == count
    return api


def test_pages_follow_each_other_to_the_end_without_a_gap(salesforce: Emulator) -> None:
    api = load(salesforce, 450)
    page = api.query("SELECT Name FROM Account ORDER BY Name", headers={"Sforce-Query-Options": "batchSize=200"})
    names, sizes = [], []
    while True:
        assert page["totalSize"] == 450
        names += [one["Name"] for one in page["records"]]
        sizes.append(len(page["records"]))
        if page["done"]:
            break
        page = api("GET", page["nextRecordsUrl"], headers={"Sforce-Query-Options": "batchSize=200"}).json()
    assert sizes == [200, 200, 50]
    assert names == [f"Account {number:05d}" for number in range(450)]
    assert "nextRecordsUrl" not in page


def test_the_batch_size_is_2000_unless_said_and_never_under_200(salesforce: Emulator) -> None:
    api = load(salesforce, 2001)
    assert len(api.query("SELECT Id FROM Account")["records"]) == 2000
    few = api.query("SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=10"})
    assert len(few["records"]) == 200


def test_a_page_shows_the_rows_as_they_were_when_the_query_was_run(salesforce: Emulator) -> None:
    api = load(salesforce, 201)
    page = api.query("SELECT Id, Name FROM Account ORDER BY Name", headers={"Sforce-Query-Options": "batchSize=200"})
    last = api.query("SELECT Id FROM Account WHERE Name = 'Account 00200'")["records"][0]["Id"]
    api("PATCH", f"sobjects/Account/{last}", json={"Name": "Renamed"})
    assert api("GET", page["nextRecordsUrl"]).json()["records"][0]["Name"] == "Account 00200"


def test_a_locator_that_is_unknown_or_was_dropped_is_refused(salesforce: Emulator) -> None:
    api = load(salesforce, 201)
    small = {"Sforce-Query-Options": "batchSize=200"}
    first = api.query("SELECT Id FROM Account", headers=small)["nextRecordsUrl"]
    assert api.refusal("GET", "query/01gHs0000000000IAA-2000")[:2] == (400, "INVALID_QUERY_LOCATOR")
    for _ in range(10):
        api.query("SELECT Id FROM Account", headers=small)
    assert api.refusal("GET", first) == (400, "INVALID_QUERY_LOCATOR", "invalid query locator")
