"""A ruling is told only of what can be meant: the right entities of the connections that have a part in it."""

from datetime import UTC, date, datetime

import pytest

from schemas import topics
from schemas.messages import Ruling
from tandem.rulings.give import alike, of_offers, of_reconciliation, ruled
from tandem.sections import Offers, Reconcile
from tandem.settings import ConfigError

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
OFFERS = Offers(deals=("our-crm", "our-hubspot"), marketplace="our-aws", partner_central="our-ace")
RECONCILE = Reconcile(connections=("our-crm", "our-hubspot"))


def test_a_ruling_over_offers_goes_into_the_order_of_offers_with_all_that_was_said():
    order = of_offers(OFFERS)
    refs = ("our-crm/deal/7",)
    given = ruled(order, Ruling.EXTEND_OFFER, refs, by="dana", at=AT, until=date(2027, 1, 31), note="they asked")
    assert order.topic is topics.OFFER_CHANGES
    assert (given.ruling, given.refs, given.until, given.note, given.by, given.at) == (
        Ruling.EXTEND_OFFER,
        refs,
        date(2027, 1, 31),
        "they asked",
        "dana",
        AT,
    )


def test_a_ruling_over_records_that_are_kept_in_step_goes_into_their_order():
    assert of_reconciliation(RECONCILE).topic is topics.OUR_CHANGES


def test_the_same_word_at_the_same_time_is_the_same_ruling_and_another_is_another():
    def of(record_id: str) -> str:
        return ruled(of_offers(OFFERS), Ruling.CANCEL_OFFER, (f"our-crm/deal/{record_id}",), by="dana", at=AT).id

    assert of("7") == of("7") != of("8")


@pytest.mark.parametrize(
    "ref",
    [
        "our-crm/account/1",
        "our-crm/deal/",
        "our-crm",
        "elsewhere/deal/1",
        "our-aws/agreement/agmt-1",
        "our-ace/cosell/O1",
    ],
)
def test_what_no_ruling_over_offers_can_be_about_is_refused_with_what_can(ref: str):
    with pytest.raises(ConfigError, match=r"\[offers\] has our-crm \(deal\); our-hubspot \(deal\); our-aws \(offer\)"):
        ruled(of_offers(OFFERS), Ruling.LINK, (ref,), by="dana", at=AT)


def test_a_record_that_is_not_kept_in_step_is_refused_with_what_is():
    order = of_reconciliation(Reconcile())
    with pytest.raises(ConfigError, match="has no connections"):
        ruled(order, Ruling.LINK, ("our-crm/account/1",), by="dana", at=AT)


def test_deletions_of_a_connection_that_has_no_part_in_it_cannot_be_confirmed():
    with pytest.raises(ConfigError, match="'our-aws' has no part in this"):
        ruled(of_reconciliation(RECONCILE), Ruling.CONFIRM_DELETIONS, (), by="dana", at=AT, connection="our-aws")


def test_two_records_of_different_entities_are_never_one_thing():
    with pytest.raises(ConfigError, match="different entities"):
        alike(("our-crm/account/1", "our-hubspot/deal/1"))


def test_without_offers_in_the_configuration_it_is_said_what_to_write():
    with pytest.raises(ConfigError, match=r'deals = \["our-crm"\], marketplace = "our-aws"'):
        of_offers(Offers())
