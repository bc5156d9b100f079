"""A running AWS per test, on a clock that stands, and what its tests ask it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.aws.testing import Emulator, emulator

ACE = "partnercentral-selling"
PLAIN = {"Catalog": "AWS"}


def opportunity(**changes: Any) -> dict[str, Any]:
    """A complete request for CreateOpportunity; a change of "Project.Title" goes to its place, None takes it away."""
    body: dict[str, Any] = {
        "Catalog": "AWS", "ClientToken": "token-1", "Origin": "Partner Referral",
        "PartnerOpportunityIdentifier": "006A", "OpportunityType": "Net New Business",
        "PrimaryNeedsFromAws": ["Co-Sell - Deal Support"],
        "Customer": {"Account": {
            "CompanyName": "Acme Robotics", "Industry": "Manufacturing", "WebsiteUrl": "https://acme.example",
            "Address": {"CountryCode": "US", "StateOrRegion": "Ohio", "PostalCode": "43004"},
        }},
        "Project": {
            "Title": "Acme line 4", "CustomerBusinessProblem": "The robots of line 4 stand still too often.",
            "CustomerUseCase": "Industrial Software", "DeliveryModels": ["SaaS or PaaS"],
            "ExpectedCustomerSpend": [
                {"Amount": "1000.00", "CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS"}
            ],
        },
        "LifeCycle": {"Stage": "Qualified", "TargetCloseDate": "2027-03-31", "NextSteps": "Send the quote"},
    }  # fmt: skip
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = body
        for name in parents:
            place = place[name]
        place[last] = value
        if value is None:
            del place[last]
    return body


class Partner:
    """Partner Central as a partner's boto3 sees it."""

    def __init__(self, aws: Emulator) -> None:
        self.aws, self.api = aws, aws.client(ACE)

    def create(self, **changes: Any) -> str:
        return str(self.api.create_opportunity(**opportunity(**changes))["Id"])

    def get(self, number: str, catalog: str = "AWS") -> dict[str, Any]:
        found = dict(self.api.get_opportunity(Catalog=catalog, Identifier=number))
        found.pop("ResponseMetadata")
        return found

    def whole(self, number: str, catalog: str = "AWS") -> dict[str, Any]:
        """What an update has to send so that nothing is lost."""
        found = self.get(number, catalog)
        found["Identifier"] = found.pop("Id")
        for name in ("CreatedDate", "Arn", "OpportunityTeam", "RelatedEntityIdentifiers"):
            found.pop(name, None)
        return found

    def update(self, number: str, catalog: str = "AWS", **changes: Any) -> Any:
        body = self.whole(number, catalog)
        for path, value in changes.items():
            *parents, last = path.split(".")
            place = body
            for name in parents:
                place = place.setdefault(name, {})
            place[last] = value
        return self.api.update_opportunity(**body)

    def solve(self, number: str, catalog: str = "AWS") -> None:
        self.tie(number, "Solutions", "S-0000001", catalog)

    def tie(self, number: str, kind: str, name: str, catalog: str = "AWS") -> None:
        self.api.associate_opportunity(
            Catalog=catalog, OpportunityIdentifier=number, RelatedEntityType=kind, RelatedEntityIdentifier=name
        )

    def untie(self, number: str, kind: str, name: str) -> None:
        self.api.disassociate_opportunity(
            **PLAIN, OpportunityIdentifier=number, RelatedEntityType=kind, RelatedEntityIdentifier=name
        )

    def start(self, number: str, token: str = "submit-1", catalog: str = "AWS") -> dict[str, Any]:
        asked = {"InvolvementType": "Co-Sell", "Visibility": "Full"}
        return dict(self.api.start_engagement_from_opportunity_task(
            Catalog=catalog, ClientToken=token, Identifier=number, AwsSubmission=asked
        ))  # fmt: skip

    def task(self, task_id: str) -> dict[str, Any]:
        listed = self.api.list_engagement_from_opportunity_tasks(**PLAIN, TaskIdentifier=[task_id])
        return dict(listed["TaskSummaries"][0])

    def submitted(self, **changes: Any) -> str:
        number = self.create(**changes)
        self.solve(number, changes.get("Catalog", "AWS"))
        self.start(number, catalog=changes.get("Catalog", "AWS"))
        self.aws.advance(1)
        return number

    def act(self, name: str, **arguments: Any) -> Any:
        return self.aws.act(ACE, name, **arguments)

    def review(self, number: str) -> str:
        return str(self.get(number)["LifeCycle"]["ReviewStatus"])


class Door:
    """The door `/__sandbox__/` by HTTP."""

    def __init__(self, aws: Emulator) -> None:
        self.base = f"{aws.base_url}/__sandbox__"

    def __call__(self, method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(method, f"{self.base}/{path}", json=body, timeout=10)


@pytest.fixture
def aws() -> Iterator[Emulator]:
    with emulator() as running:
        yield running


@pytest.fixture
def ace(aws: Emulator) -> Partner:
    return Partner(aws)


@pytest.fixture
def door(aws: Emulator) -> Door:
    return Door(aws)
