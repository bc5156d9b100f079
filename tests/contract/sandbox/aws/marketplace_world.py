"""A marketplace without a wire: requests and answers are checked against botocore's models, events are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator

from sandbox.aws.core import BusEvent, Clock, ServiceError, World
from sandbox.aws.marketplace.agreements import Agreements
from sandbox.aws.marketplace.catalog import Catalog
from sandbox.aws.marketplace.making import change, fixed_price, validity, whole_offer
from sandbox.aws.marketplace.seeds import ANALYTICS, BUYERS

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
BUYER = BUYERS[0]


@dataclass
class Pace:
    """Seconds that a change set stays PREPARING, and then APPLYING."""

    change_set_preparing: float = 30.0
    change_set_applying: float = 180.0


@cache
def operation(service: str, name: str) -> Any:
    return get_session().get_service_model(service).operation_model(name)


def conform(shape: Any, value: Any, what: str) -> None:
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), f"{what}: {report.generate_report()}"


class Marketplace:
    """`catalog(...)` and `agreements(...)` call an operation; `events` are those told since `forget()`."""

    def __init__(self, seed: int = 1) -> None:
        self.events: list[BusEvent] = []
        self.world = World(Clock(lambda: START), self.events.append, Random(seed))
        self.world.services["marketplace-catalog"] = self.its_catalog = Catalog(self.world, Pace())
        self.world.services["marketplace-agreement"] = self.its_agreements = Agreements(self.world)

    def call(self, service: str, name: str, request: dict[str, Any]) -> dict[str, Any]:
        conform(operation(service, name).input_shape, request, f"the request of {name}")
        self.world.tick()
        answer = self.world.services[service].handle(name, request)
        conform(operation(service, name).output_shape, answer, f"the answer of {name}")
        return answer

    def catalog(self, name: str, **request: Any) -> dict[str, Any]:
        catalog = {} if name == "BatchDescribeEntities" else {"Catalog": "AWSMarketplace"}
        return self.call("marketplace-catalog", name, catalog | request)

    def agreements(self, name: str, **request: Any) -> dict[str, Any]:
        return self.call("marketplace-agreement", name, request)

    def act(self, name: str, **arguments: Any) -> Any:
        held = dict(self.its_catalog.acts) | dict(self.its_agreements.acts)
        return held[name](**arguments)

    def later(self, seconds: float = 211) -> None:
        """By default until a change set has ended."""
        self.world.clock.advance(seconds)
        self.world.tick()

    def told(self, *words: str) -> list[BusEvent]:
        return (
            [one for one in self.events if any(word in one.detail_type for word in words)]
            if words
            else list(self.events)
        )

    def forget(self) -> None:
        self.events.clear()

    # Change sets

    def start(self, *changes: dict[str, Any], **more: Any) -> str:
        return str(self.catalog("StartChangeSet", ChangeSet=list(changes), **more)["ChangeSetId"])

    def described(self, change_set: str) -> dict[str, Any]:
        return self.catalog("DescribeChangeSet", ChangeSetId=change_set)

    def done(self, *changes: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Starts a change set, waits for its end and describes it."""
        started = self.start(*changes, **more)
        self.later()
        return self.described(started)

    def failures(self, *changes: dict[str, Any]) -> dict[str, list[str]]:
        """The error codes of a change set that has to fail, by change type."""
        told = self.done(*changes)
        assert told["Status"] == "FAILED", told
        return {
            one["ChangeType"]: [error["ErrorCode"] for error in one["ErrorDetailList"]]
            for one in told["ChangeSet"]
            if one["ErrorDetailList"]
        }

    def details(self, entity: str) -> dict[str, Any]:
        found: dict[str, Any] = self.catalog("DescribeEntity", EntityId=entity)["DetailsDocument"]
        return found

    def listed(self, kind: str = "Offer", **more: Any) -> list[str]:
        return [one["EntityId"] for one in self.catalog("ListEntities", EntityType=kind, **more)["EntitySummaryList"]]

    def found(self, *filters: tuple[str, str], party: str = "Proposer", **more: Any) -> list[str]:
        asked = [("PartyType", party), ("AgreementType", "PurchaseAgreement"), *filters]
        told = self.agreements("SearchAgreements", filters=[{"name": n, "values": [v]} for n, v in asked], **more)
        return [one["agreementId"] for one in told["agreementViewSummaries"]]

    def agreement(self, agreement: str) -> dict[str, Any]:
        return self.agreements("DescribeAgreement", agreementId=agreement)


def direct_offer(**more: Any) -> list[dict[str, Any]]:
    """A whole private offer as AWS's sample asks for one. `more`: any of name, product, amount, currency, grants,
    charges, accept_by, duration, starts, ends, buyers, released, description, eula."""
    name, until = more.pop("name", "Acme Robotics 2027"), more.pop("accept_by", datetime(2026, 12, 6).date())
    create = change(
        "Offer", "CreateOffer", {"ProductId": more.pop("product", ANALYTICS), "Name": name}, name="CreateOffer"
    )
    price = fixed_price(
        more.pop("amount", "12000.00"), more.pop("currency", "USD"), more.pop("grants", {"seats": 40}),
        more.pop("charges", None), START.date(),
    )  # fmt: skip
    terms = validity(more.pop("duration", "P12M"), more.pop("starts", None), more.pop("ends", None))
    return whole_offer(create, name, until, *price, terms, buyers=more.pop("buyers", (BUYER,)), **more)


def refused(code: str, status: int) -> Any:
    """Expects a ServiceError of this code and status."""

    def fits(error: BaseException) -> bool:
        return isinstance(error, ServiceError) and (error.code, error.status) == (code, status)

    return pytest.raises(ServiceError, check=fits)
