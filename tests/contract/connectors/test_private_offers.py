"""What a seller asks of a private offer is read from each CRM, and what Tandem shows arrives there; nothing is told twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from pydantic import JsonValue

from connectors import hubspot, salesforce
from connectors.base import Applied, Source
from mappings.loader import load
from schemas.messages import MatchBy
from tests.contract.connectors.worlds.hubspot import HubSpotSummaries, in_portal
from tests.contract.connectors.worlds.reader import Reader, send
from tests.contract.connectors.worlds.salesforce import SalesforceOverlaps, SalesforceSummaries, in_org

DEALS = {"salesforce": load("salesforce")["deal"], "hubspot": load("hubspot")["deal"]}
ASKED: Mapping[str, JsonValue] = {
    "offer_request": "create",
    "buyer_account": "12345678901",
    "currency": "USD",
    "amount": "10000.5",
    "accept_by": "2026-12-31",
    "starts_on": "2027-01-01",
    "ends_on": "2027-12-31",
    "duration_months": 12,
    "schedule": ["2027-01-01 5000.00", "2027-07-01 5000.50"],
    "grants": ["seats=40", "robots=2"],
    "cosell": True,
    "problem": "Robots stand still while parts are missing",
    "industry": "Manufacturing",
    "lost_reason": "Price",
}
SHOWN = load("salesforce")["deal_offer"].examples[0].canonical


class SalesforceDeals(SalesforceSummaries):
    """Opportunities: what is asked is read, what is shown is written onto them."""

    table, entity = load("salesforce")["deal_offer"], "Opportunity"

    def asks(self, name: str, fields: Mapping[str, JsonValue]) -> str:
        named = {"Name": name, "StageName": "Qualification", "CloseDate": "2026-12-18"}
        return self.act({"fields": {**named, **DEALS["salesforce"].to_vendor(fields)}}, "Opportunity")

    def keys(self, count: int) -> Sequence[str]:
        return [self.asks(f"Deal {number}", {}) for number in range(count)]

    def source(self) -> Source:
        return salesforce.source(self.settings(), self.clock, "our-crm")


class SalesforceDealsByEvents(SalesforceDeals):
    """The same, by Change Data Capture."""

    changes = "cdc"


class HubSpotDeals(HubSpotSummaries):
    """Deals: what is asked is read, what is shown is written onto them."""

    table, object = load("hubspot")["deal_offer"], "deals"

    def asks(self, name: str, fields: Mapping[str, JsonValue]) -> str:
        texts = {name: hubspot_text(value) for name, value in DEALS["hubspot"].to_vendor(fields).items()}
        return self.act("deals", dealname=name, **texts)

    def keys(self, count: int) -> Sequence[str]:
        return [self.asks(f"Deal {number}", {}) for number in range(count)]

    def source(self) -> Source:
        return hubspot.source(self.settings(), self.clock, "our-hubspot")


def hubspot_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class ReadDeals:
    """A `SourceWorld` over the deals of a world that is written to as well."""

    def __init__(self, world: Any) -> None:
        self.world, self.table = world, DEALS[world.table.system]

    def restart(self) -> Source:
        source: Source = self.world.source()
        return source


WORLDS: Mapping[str, Callable[[], AbstractContextManager[Any]]] = {
    "salesforce by polling": in_org(SalesforceDeals),
    "salesforce by cdc": in_org(SalesforceDealsByEvents),
    "hubspot by search": in_portal(HubSpotDeals),
}


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[Any]:
    with WORLDS[request.param]() as opened:
        yield opened


def caught_up(reader: Reader) -> list[Any]:
    """What is told anew; events are a stream, whose look ends when nothing more comes."""
    before = len(reader.told)
    while reader.poll():
        pass
    return reader.told[before:]


def test_what_a_seller_asks_is_read_as_it_was_typed(world: Any):
    record_id = world.asks("Acme Robotics: 40 seats", ASKED)
    reader = Reader(ReadDeals(world))  # type: ignore[arg-type]
    caught_up(reader)
    found = next(change.row for change in reader.told if change.record_id == record_id)
    read = DEALS[world.table.system].to_canonical(found).model_dump(mode="json")
    assert {name: read[name] for name in ASKED} == dict(ASKED)


def test_what_tandem_shows_arrives_and_is_emptied_by_nulls(world: Any):
    (key,) = world.keys(1)
    (outcome,) = send(world, {key: SHOWN})
    assert isinstance(outcome, Applied)
    assert {name: value for name, value in world.read(key).items() if value is not None} == dict(SHOWN)
    world.wait(1)
    send(world, {key: dict.fromkeys(SHOWN)})
    assert set(world.read(key).values()) == {None}


def test_the_same_shown_twice_changes_the_deal_once(world: Any):
    (key,) = world.keys(1)
    for _ in range(2):
        send(world, {key: SHOWN})
    assert world.effects(key) == 1


def test_what_tandem_shows_says_nothing_new_of_the_deal_when_it_comes_back(world: Any):
    record_id = world.asks("Acme Robotics: 40 seats", ASKED)
    reader = Reader(ReadDeals(world))  # type: ignore[arg-type]
    caught_up(reader)
    before = {change.record_id: change.row for change in reader.told}
    world.wait(30)
    send(world, {record_id: SHOWN})
    world.wait(30)
    table = DEALS[world.table.system]
    for change in caught_up(reader):
        assert table.to_fields(change.row) == table.to_fields(before[change.record_id])


class SalesforcePrivateOffers(SalesforceOverlaps):
    """A `SinkWorld` of private offers, whose keys hold a slash."""

    table, match_by = load("salesforce")["private_offer"], MatchBy.EXTERNAL_ID
    entity, key_field = "Private_Offer__c", "Offer_Key__c"

    def good_of(self, deal: str) -> dict[str, JsonValue]:
        account = self.act({"fields": {"Name": "Acme Robotics"}})
        return {**self.table.examples[0].canonical, "deal": deal, "account": account}


def test_a_private_offer_is_one_record_of_its_own_at_its_deal():
    with in_org(SalesforcePrivateOffers)() as world:
        named = {"Name": "Acme", "StageName": "Qualification", "CloseDate": "2026-12-18"}
        deal = world.act({"fields": named}, "Opportunity")
        wanted = world.good_of(deal)
        for fields in (wanted, wanted, {**wanted, "state": "accepted"}):
            (outcome,) = send(world, {"aws/offer-abc123": fields})
            assert isinstance(outcome, Applied)
        (row,) = world.rows("Private_Offer__c")
        assert (row["Opportunity__c"], row["State__c"], row["Offer_Key__c"]) == (deal, "Accepted", "aws/offer-abc123")
        assert world.effects("aws/offer-abc123") == 2
