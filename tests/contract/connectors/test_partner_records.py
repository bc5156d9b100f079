"""What Tandem shows of partners, leads, registrations and deals arrives in each CRM, once, and can be emptied."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from pydantic import JsonValue

from connectors.base import Applied
from mappings.loader import load
from mappings.table import EntityMap
from tests.contract.connectors.worlds.hubspot import HubSpotSummaries, in_portal
from tests.contract.connectors.worlds.reader import send
from tests.contract.connectors.worlds.salesforce import SalesforceSummaries, in_org

SHOWN = ("lead_assignment", "registration_outcome", "partner_standing", "deal_partner", "deal_attribution")
BARE: Mapping[str, Mapping[str, str]] = {
    "Account": {"Name": "Blue Reseller"},
    "Lead": {"LastName": "Okafor", "Company": "Acme Robotics"},
    "Opportunity": {"Name": "Acme", "StageName": "Qualification", "CloseDate": "2026-12-18"},
    "companies": {"name": "Blue Reseller"},
    "contacts": {"lastname": "Okafor", "company": "Acme Robotics"},
    "deals": {"dealname": "Acme"},
}


class InSalesforce(SalesforceSummaries):
    """A `SinkWorld` of the entity that is chosen."""

    def choose(self, table: EntityMap) -> None:
        self.table, self.entity = table, table.object

    def keys(self, count: int) -> Sequence[str]:
        return [self.act({"fields": BARE[self.entity]}, self.entity) for _ in range(count)]

    def partner(self) -> str:
        return self.act({"fields": BARE["Account"]})


class InHubSpot(HubSpotSummaries):
    """A `SinkWorld` of the entity that is chosen."""

    def choose(self, table: EntityMap) -> None:
        self.table, self.object = table, table.object

    def keys(self, count: int) -> Sequence[str]:
        return [self.act(self.object, **BARE[self.object]) for _ in range(count)]

    def partner(self) -> str:
        return self.act("companies", **BARE["companies"])


WORLDS: Mapping[str, Callable[[], AbstractContextManager[Any]]] = {
    "salesforce": in_org(InSalesforce),
    "hubspot": in_portal(InHubSpot),
}
CASES = [(system, entity) for system in WORLDS for entity in SHOWN if entity in load(system)]


@pytest.fixture(scope="module")
def opened() -> Iterator[Mapping[str, Any]]:
    with ExitStack() as stack:
        yield {system: stack.enter_context(open_world()) for system, open_world in WORLDS.items()}


@pytest.fixture(params=CASES, ids="-".join)
def world(opened: Mapping[str, Any], request: pytest.FixtureRequest) -> Any:
    system, entity = request.param
    opened[system].choose(load(system)[entity])
    return opened[system]


def shown(world: Any) -> dict[str, JsonValue]:
    """The first example, with a partner's record that is there."""
    fields = dict(world.table.examples[0].canonical)
    return fields | ({"partner_account": world.partner()} if "partner_account" in fields else {})


def test_what_tandem_shows_arrives_with_every_field_and_is_emptied_by_nulls(world: Any) -> None:
    (key,), fields = world.keys(1), shown(world)
    (outcome,) = send(world, {key: fields})
    assert isinstance(outcome, Applied)
    assert {name: value for name, value in world.read(key).items() if value is not None} == fields
    world.wait(1)
    send(world, {key: dict.fromkeys(fields)})
    assert set(world.read(key).values()) == {None}


def test_the_same_shown_twice_changes_the_record_once(world: Any) -> None:
    (key,), fields = world.keys(1), shown(world)
    outcomes = [send(world, {key: fields})[0] for _ in range(2)]
    assert outcomes == [Applied(key), Applied(key, changed=False)]
    assert world.effects(key) == 1


def test_only_what_differs_from_the_record_is_an_effect(world: Any) -> None:
    (key,), fields = world.keys(1), shown(world)
    send(world, {key: fields})
    name = "next_step" if "next_step" in fields else next(iter(fields))
    send(world, {key: {**fields, name: None}})
    assert (world.read(key)[name], world.effects(key)) == (None, 2)


def test_hubspot_holds_no_registrations_and_salesforce_all_that_is_shown() -> None:
    assert {entity for system, entity in CASES if system == "salesforce"} == set(SHOWN)
    assert {entity for system, entity in CASES if system == "hubspot"} == set(SHOWN) - {"registration_outcome"}
