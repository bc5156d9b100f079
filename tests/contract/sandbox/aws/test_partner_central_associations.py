"""Solutions and offers of an opportunity: which exist, how many may be tied, and what a repeat does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.core import ServiceError
from sandbox.aws.testing import Emulator, emulator, standing_still
from tests.contract.sandbox.aws.conftest import PLAIN, Partner
from tests.contract.sandbox.aws.test_partner_central_opportunities import faults, told

OFFERS, SETS = "AwsMarketplaceOffers", "AwsMarketplaceOfferSets"


class TwoOffers:
    """A catalog in which two offers and an offer set exist."""

    name = "marketplace-catalog"

    def handle(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation != "DescribeEntity" or request["EntityId"] not in ("offer-one", "offer-two", "offerset-one"):
            raise ServiceError("ResourceNotFoundException", "no such entity")
        return {}

    def tick(self) -> None:
        return None


def arn(aws: Emulator, entity: str, account: str | None = None) -> str:
    kind = "OfferSet" if entity.startswith("offerset") else "Offer"
    return f"arn:aws:aws-marketplace:us-east-1:{account or aws.world.account}:AWSMarketplace/{kind}/{entity}"


@contextmanager
def central(**settings: Any) -> Iterator[Partner]:
    with emulator(standing_still(**settings)) as aws:
        aws.world.services["marketplace-catalog"] = TwoOffers()
        yield Partner(aws)


@pytest.fixture
def ace() -> Iterator[Partner]:
    with central() as partner:
        yield partner


def tied(ace: Partner, number: str, kind: str) -> list[str]:
    return list(ace.get(number)["RelatedEntityIdentifiers"].get(kind, []))


def test_an_offer_of_the_seller_is_tied_and_told(ace: Partner) -> None:
    number, offer = ace.create(), arn(ace.aws, "offer-one")
    ace.tie(number, OFFERS, offer)
    assert tied(ace, number, OFFERS) == [offer]
    assert told(ace.aws) == ["Opportunity Created", "Opportunity Updated"]


def test_an_association_makes_a_stamp_that_was_read_before_old(ace: Partner) -> None:
    number = ace.create()
    before = ace.whole(number)
    ace.solve(number)
    with pytest.raises(ace.api.exceptions.ConflictException):
        ace.api.update_opportunity(**before)


def test_only_offers_that_the_seller_has_can_be_tied(ace: Partner) -> None:
    number = ace.create()
    for wrong in (arn(ace.aws, "offer-three"), arn(ace.aws, "offer-one", "111122223333")):
        with pytest.raises(ace.api.exceptions.ResourceNotFoundException):
            ace.tie(number, OFFERS, wrong)
    event_arn = "arn:aws:catalog:us-east-1:691709974417:Offer/offer-one"
    with pytest.raises(ClientError) as raised:
        ace.tie(number, OFFERS, event_arn)
    assert faults(raised) == {"RelatedEntityIdentifier": "INVALID_STRING_FORMAT"}


@pytest.mark.parametrize(("kind", "entity"), [(OFFERS, "offer-two"), (SETS, "offerset-one")])
def test_one_offer_or_one_offer_set_is_all_that_an_opportunity_takes(ace: Partner, kind: str, entity: str) -> None:
    number = ace.create()
    ace.tie(number, OFFERS, arn(ace.aws, "offer-one"))
    with pytest.raises(ClientError) as raised:
        ace.tie(number, kind, arn(ace.aws, entity))
    assert faults(raised) == {"RelatedEntityIdentifier": "TOO_MANY_VALUES"}
    ace.untie(number, OFFERS, arn(ace.aws, "offer-one"))
    ace.tie(number, kind, arn(ace.aws, entity))
    assert tied(ace, number, kind) == [arn(ace.aws, entity)]


def test_a_second_offer_may_replace_the_first_where_the_settings_say_so() -> None:
    with central(second_offer="replaces") as ace:
        number = ace.create()
        ace.tie(number, OFFERS, arn(ace.aws, "offer-one"))
        ace.tie(number, SETS, arn(ace.aws, "offerset-one"))
        assert (tied(ace, number, OFFERS), tied(ace, number, SETS)) == ([], [arn(ace.aws, "offerset-one")])


def test_a_repeat_does_nothing_as_long_as_nobody_knows_better(ace: Partner) -> None:
    number = ace.create()
    ace.solve(number)
    ace.aws.events()
    ace.solve(number)
    assert tied(ace, number, "Solutions") == ["S-0000001"]
    assert told(ace.aws) == []


@pytest.mark.parametrize(("choice", "code"), [("refused", "ValidationException"), ("conflict", "ConflictException")])
def test_a_repeat_may_be_refused_where_the_settings_say_so(choice: str, code: str) -> None:
    with central(repeated_association=choice) as ace:
        number = ace.create()
        ace.solve(number)
        with pytest.raises(ClientError) as raised:
            ace.solve(number)
        assert raised.value.response["Error"]["Code"] == code
        assert tied(ace, number, "Solutions") == ["S-0000001"]


def test_associations_are_open_during_a_review_unless_the_settings_lock_them() -> None:
    with central() as ace:
        ace.tie(ace.submitted(), OFFERS, arn(ace.aws, "offer-one"))
    with central(association_while_locked="refused") as ace:
        number = ace.submitted()
        with pytest.raises(ClientError) as raised:
            ace.tie(number, OFFERS, arn(ace.aws, "offer-one"))
        assert faults(raised) == {"LifeCycle.ReviewStatus": "INVALID_RESOURCE_STATE"}


def test_what_is_not_tied_cannot_be_untied(ace: Partner) -> None:
    with pytest.raises(ace.api.exceptions.ResourceNotFoundException):
        ace.untie(ace.create(), OFFERS, arn(ace.aws, "offer-one"))


def test_the_last_solution_of_a_committed_opportunity_stays(ace: Partner) -> None:
    number = ace.create()
    ace.solve(number)
    ace.update(number, **{"LifeCycle.Stage": "Committed"})
    with pytest.raises(ClientError) as raised:
        ace.untie(number, "Solutions", "S-0000001")
    assert faults(raised) == {"RelatedEntityIdentifier": "ACTION_NOT_PERMITTED"}
    ace.tie(number, "Solutions", "S-0000002")
    ace.untie(number, "Solutions", "S-0000001")
    assert tied(ace, number, "Solutions") == ["S-0000002"]


def test_at_most_twenty_aws_products_are_tied(ace: Partner) -> None:
    number = ace.create()
    for index in range(20):
        ace.tie(number, "AwsProducts", f"Product{index}")
    with pytest.raises(ClientError) as raised:
        ace.tie(number, "AwsProducts", "Product20")
    assert faults(raised) == {"RelatedEntityIdentifier": "TOO_MANY_VALUES"}


def test_the_partners_solutions_are_listed_and_others_do_not_exist(ace: Partner) -> None:
    found = ace.api.list_solutions(**PLAIN, Sort={"SortBy": "Identifier", "SortOrder": "ASCENDING"})
    assert [one["Id"] for one in found["SolutionSummaries"]] == ["S-0000001", "S-0000002"]
    assert ace.api.list_solutions(**PLAIN, Identifier=["S-0000002"])["SolutionSummaries"][0]["Status"] == "Active"
    with pytest.raises(ace.api.exceptions.ResourceNotFoundException):
        ace.tie(ace.create(), "Solutions", "S-9")


def test_an_offer_of_the_emulated_marketplace_is_known_here(aws: Emulator) -> None:
    ace = Partner(aws)
    made = aws.act("marketplace-catalog", "make_offer", title="Acme 2027")
    number = ace.create()
    ace.tie(number, OFFERS, arn(aws, made["offer"]))
    with pytest.raises(ace.api.exceptions.ResourceNotFoundException):
        ace.tie(number, OFFERS, arn(aws, "offer-doesnotexist"))
