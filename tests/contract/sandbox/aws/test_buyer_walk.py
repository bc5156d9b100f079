"""A random walk through a marketplace: whatever happens, what can be read stays true and what was told can be found."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.aws.marketplace.walk import walk
from tests.contract.sandbox.aws.marketplace_world import Marketplace


def walked(seed: int, steps: int = 40) -> Marketplace:
    shop = Marketplace(seed)
    walk(shop.world, Random(seed), steps)
    shop.world.tick()
    return shop


def every(shop: Marketplace, kind: str) -> list[str]:
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        told = shop.catalog("ListEntities", EntityType=kind, MaxResults=7, **token)
        seen += [one["EntityId"] for one in told["EntitySummaryList"]]
        if "NextToken" not in told:
            return seen
        token = {"NextToken": told["NextToken"]}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_chain_of_agreements_has_at_most_one_that_is_active(seed: int) -> None:
    shop = walked(seed)
    for agreement in shop.its_agreements.book.values():
        chain = [one for one in shop.its_agreements.book.values() if one.initial == agreement.initial]
        assert sum(one.active for one in chain) <= 1
        assert agreement.previous is None or shop.its_agreements.book[agreement.previous].status in (
            "RENEWED",
            "REPLACED",
        )
        assert (agreement.previous is None) == (agreement.initial == agreement.id)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_everything_that_is_told_can_be_read_again(seed: int) -> None:
    shop = walked(seed)
    for event in shop.told("Purchase Agreement"):
        agreement = event.detail["agreement"]["id"]
        if "Proposer" in event.detail_type:
            shop.agreement(agreement)
            shop.agreements("GetAgreementTerms", agreementId=agreement)
            shop.agreements("GetAgreementEntitlements", agreementId=agreement)
    remembered = shop.world.clock() - timedelta(days=60)
    for event in shop.told("Change Set"):
        if datetime.fromisoformat(event.detail["EndTime"]) > remembered:
            shop.described(event.detail["ChangeSetId"])
    for kind in ("Offer", "OfferSet", "ResaleAuthorization"):
        found = every(shop, kind)
        assert len(found) == len(set(found))
        for entity in found:
            shop.catalog("DescribeEntity", EntityId=entity)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_agreement_of_ours_began_and_ended_with_an_event(seed: int) -> None:
    shop = walked(seed)
    created = [one.detail["agreement"]["id"] for one in shop.told("Created - Proposer")]
    ended = [one.detail["agreement"]["id"] for one in shop.told("Ended - Proposer")]
    ours = [one for one in shop.its_agreements.book.values() if one.proposer == shop.world.account]
    assert sorted(created) == sorted(one.id for one in ours)
    assert sorted(ended) == sorted(one.id for one in ours if not one.active)


def test_the_same_seed_walks_the_same_way() -> None:
    assert walked(7).events == walked(7).events


def test_a_long_walk_meets_every_kind_of_act_and_every_status() -> None:
    acts: set[str] = set()
    statuses: set[str] = set()
    for seed in range(8):
        shop = Marketplace(seed)
        acts |= {taken.act for taken in walk(shop.world, Random(seed), 120)}
        statuses |= {one.status for one in shop.its_agreements.book.values()}
    assert acts >= {"accept", "accept_set", "amend", "cancel", "cancel_offer", "edit_offer", "extend_offer", "let_expire",
                    "make_offer", "make_partner_offer", "opt_out", "renew", "replace", "roll_back", "terminate"}  # fmt: skip
    assert statuses == {"ACTIVE", "CANCELLED", "EXPIRED", "RENEWED", "REPLACED", "ROLLED_BACK", "TERMINATED"}
