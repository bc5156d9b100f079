"""One line for each thing that has to be well, and what to do where it is not."""

import pytest

from connectors.aws_marketplace import Settings
from connectors.aws_marketplace.check import MarketplaceCheck
from connectors.base import Finding
from mappings.table import EntityMap
from sandbox.aws.settings import NARROW, Key
from tests.unit.connectors.aws_marketplace.conftest import BUYER, TABLES, Market

ALL: list[EntityMap] = list(TABLES.values())


def found(market: Market, tables: list[EntityMap] = ALL, **changes) -> dict[str, Finding]:
    return {each.subject: each for each in market.check(**changes).check(tables)}


def test_where_all_is_well_each_line_says_so(market):
    lines = found(market)
    assert {subject: each.detail for subject, each in lines.items() if not each.ok} == {}
    assert set(lines) == {
        "credentials", "region", "seller account", "aws-marketplace:ListEntities of Offer",
        "aws-marketplace:ListEntities of OfferSet", "aws-marketplace:ListEntities of ResaleAuthorization",
        "aws-marketplace:DescribeEntity", "aws-marketplace:DescribeChangeSet", "aws-marketplace:ListChangeSets",
        "aws-marketplace:StartChangeSet", "aws-marketplace:SearchAgreements", "aws-marketplace:DescribeAgreement",
        "queue", "queue visibility timeout", "queue for dead letters", "sqs:ReceiveMessage", "sqs:DeleteMessage",
    }  # fmt: skip
    assert market.running.world.account in lines["seller account"].detail
    assert "no other connection" in lines["queue"].detail


def test_checking_changes_nothing_and_takes_no_message(market):
    market.seller("make_offer", title="Acme", buyer=BUYER)
    found(market)
    assert len(market.catalog.change_sets) == 1
    assert len(market.running.events()) == 2


def test_an_agreement_that_is_there_is_described(market):
    offer = market.seller("make_offer", title="Acme", buyer=BUYER)["offer"]
    assert "not tried" in found(market)["aws-marketplace:DescribeAgreement"].detail
    market.buyer("accept", offer=offer)
    assert found(market)["aws-marketplace:DescribeAgreement"].detail == "allowed"


def test_each_permission_that_is_missing_is_named_with_its_action(market):
    lines = found(market, key=NARROW)
    refused = {subject for subject, each in lines.items() if not each.ok}
    assert {"aws-marketplace:ListEntities of Offer", "aws-marketplace:StartChangeSet", "queue"} <= refused
    assert all(lines[subject].remedy for subject in refused)
    assert "aws-marketplace:StartChangeSet" in lines["aws-marketplace:StartChangeSet"].remedy


def test_keys_that_aws_does_not_know_end_the_check_at_the_first_line(market):
    (line,) = found(market, key=Key("nobody", "wrong", "nobody")).values()
    assert (line.subject, line.ok) == ("credentials", False)
    assert line.remedy


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"seller_account": "000000000000"}, "seller account"),
        ({"queue_url": "https://sqs.us-east-1.amazonaws.com/691709974417/none-such"}, "queue"),
    ],
)
def test_what_the_settings_have_wrong_is_one_line(market, changes, subject):
    lines = found(market, **changes)
    assert [each.subject for each in lines.values() if not each.ok] == [subject]
    assert lines[subject].remedy


def test_without_a_queue_the_line_says_how_changes_are_found(market):
    assert found(market, queue_url=None)["queue"].ok
    assert "listing" in found(market, queue_url=None)["queue"].detail


def test_only_what_the_mapping_reads_and_writes_is_looked_at(market):
    lines = found(market, [TABLES["agreement"]], queue_url=None)
    assert "aws-marketplace:StartChangeSet" not in lines
    assert "aws-marketplace:ListEntities of Offer" not in lines


def test_another_region_of_aws_is_pointed_out():
    line = MarketplaceCheck(Settings(region="eu-central-1"), lambda: None).region()
    assert not line.ok
    assert "us-east-1" in line.remedy
