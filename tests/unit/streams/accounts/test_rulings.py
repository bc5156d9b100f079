"""What a person rules of two accounts: it outweighs the evidence, stays, and is shown again where the evidence moved."""

import itertools

import pytest

from schemas.entities import Account
from schemas.messages import Ruling
from streams.matching.features import features
from streams.matching.score import score
from tests.unit.streams.accounts.flow import Flow, changed, ruled
from tests.unit.streams.accounts.test_flow import ACME, ACME_AT_PARTNER, ZYX

ONE, TWO = "partner:acme", "p1"
REFUSED = ruled(Ruling.DIFFERENT_COMPANY, "A1", ONE, TWO, 20)
CONFIRMED = ruled(Ruling.SAME_COMPANY, "A1", ONE, TWO, 20)
RELATED = ruled(Ruling.RELATED_COMPANY, "A1", ONE, TWO, 20)


def unsure() -> Account:
    """Perhaps the company that ACME is, whatever the model was trained on."""
    names = ("Acme Robotics", "Acme Robotic", "Acme Robotics Holding", "ACME Robots", "Acme Rob")
    drawn = itertools.product(names, (None, "DE", "US"), (None, "Hamburg"), (None, "acme.io", "acmerobotics.com"))
    accounts = (Account(name=name, country=country, city=city, website=site) for name, country, city, site in drawn)
    ours = features(ACME)
    return next(
        each
        for each in accounts
        if (m := score(ours, features(each))) and m.band == "to_confirm" and m.relation == "same"
    )


def told(flow: Flow, *events) -> None:
    for event in events:
        flow.publish(event)
        flow.settle()
    assert flow.dead() == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_refused_pair_never_comes_back_whatever_comes_first_and_whatever_is_edited(order):
    events = [changed("us", "A1", 1, ACME), changed(ONE, TWO, 1, ACME_AT_PARTNER), REFUSED]
    flow = Flow()
    told(flow, *(events[nth] for nth in order))
    assert flow.active() == {}
    edited = ACME_AT_PARTNER.model_copy(update={"name": "Acme Robotics GmbH", "city": "Berlin"})
    told(flow, changed(ONE, TWO, 2, edited), changed("us", "A1", 2, None), changed("us", "A1", 3, ACME))
    assert flow.active() == {}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_confirmed_pair_holds_where_nothing_speaks_for_it_and_ends_with_its_account(order):
    flow = Flow()
    events = [changed("us", "A1", 1, ACME), changed(ONE, TWO, 1, ZYX), CONFIRMED]
    told(flow, *(events[nth] for nth in order))
    [overlap] = flow.active().values()
    assert (overlap.partner_account, overlap.band, overlap.confidence) == ("p1", "linked", 1.0)
    assert overlap.main_reason == "confirmed by a person on 2026-01-01"
    told(flow, changed(ONE, TWO, 5, ZYX.model_copy(update={"name": "Quite Another Name", "website": None})))
    [overlap] = flow.active().values()
    assert overlap.partner_account_name == "Quite Another Name"
    told(flow, changed(ONE, TWO, 6, None))
    assert flow.active() == {}


def test_two_that_are_held_for_one_family_are_related_and_not_the_same():
    flow = Flow()
    told(flow, changed("us", "A1", 1, ACME), changed(ONE, TWO, 1, ACME_AT_PARTNER), RELATED)
    [overlap] = flow.active().values()
    assert (overlap.relation, overlap.band) == ("related", None)
    assert overlap.kin == "held for a related company by a person on 2026-01-01"
    [*_, summary] = [write for write in flow.writes() if write.entity == "account_summary"]
    assert summary.fields["partner_count"] == 0


def test_the_later_word_counts_even_if_it_arrives_first():
    flow = Flow()
    later = ruled(Ruling.SAME_COMPANY, "A1", ONE, TWO, 30)
    told(flow, changed("us", "A1", 1, ACME), changed(ONE, TWO, 1, ACME_AT_PARTNER), later, REFUSED)
    assert len(flow.active()) == 1


def test_a_ruling_on_other_evidence_holds_and_is_shown_for_review_until_the_evidence_is_back():
    flow = Flow()
    told(flow, changed("us", "A1", 1, ACME), changed(ONE, TWO, 1, ACME_AT_PARTNER), CONFIRMED)
    told(flow, changed("us", "A1", 2, ACME.model_copy(update={"owner_name": "Dana"})))
    assert flow.reviews() == []
    told(flow, changed("us", "A1", 3, ACME.model_copy(update={"city": "Hamburg"})))
    [review] = flow.reviews()
    assert review.refs == ("our-crm/account/A1", "acme-list/account/p1")
    assert "on other evidence" in review.reason
    [overlap] = flow.active().values()
    assert overlap.main_reason.endswith("on other evidence")
    told(flow, changed("us", "A1", 4, ACME))
    assert flow.reviews() == []


def test_ruling_again_settles_a_review():
    flow = Flow()
    told(flow, changed("us", "A1", 1, ACME), changed(ONE, TWO, 1, ACME_AT_PARTNER), CONFIRMED)
    told(flow, changed("us", "A1", 3, ACME.model_copy(update={"city": "Hamburg"})))
    told(flow, ruled(Ruling.SAME_COMPANY, "A1", ONE, TWO, 40))
    assert flow.reviews() == []


def test_only_what_is_sure_is_written_where_the_deployment_says_so():
    shown, linked = Flow(), Flow(write="linked")
    for flow in (shown, linked):
        told(flow, changed("us", "A1", 1, ACME), changed(ONE, TWO, 1, unsure()))
        assert [overlap.band for overlap in flow.active().values()] == ["to_confirm"]
    assert [write.fields["band"] for write in shown.writes() if write.entity == "overlap"] == ["to_confirm"]
    assert [write for write in linked.writes() if write.entity == "overlap"] == []
    told(linked, CONFIRMED)
    assert [write.fields["band"] for write in linked.writes() if write.entity == "overlap"] == ["linked"]


def test_what_was_written_and_is_sure_no_longer_is_closed_in_the_crm_where_only_the_sure_is_written():
    flow = Flow(write="linked")
    told(flow, changed("us", "A1", 1, ACME), changed(ONE, TWO, 1, ACME_AT_PARTNER))
    told(flow, changed(ONE, TWO, 2, unsure()))
    assert [overlap.status for overlap in flow.overlaps().values()] == ["active"]
    [first, last] = [write for write in flow.writes() if write.entity == "overlap"]
    assert (first.fields["status"], last.fields["status"]) == ("active", "ended")
