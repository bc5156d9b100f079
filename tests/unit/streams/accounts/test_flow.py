"""Account mapping end to end, as a rep would tell it."""

from schemas.entities import Account, Population
from tests.unit.streams.accounts.flow import Flow, changed

ACME = Account(name="Acme Robotics GmbH", website="https://acme-robotics.de", country="Germany", city="Berlin")
ACME_AT_PARTNER = Account(name="ACME ROBOTICS", website="www.acme-robotics.de", country="DE", population="customer")
ZYX = Account(name="Zyxtron Holdings", website="zyxtron.com", country="US")


def flow_of(*events) -> Flow:
    flow = Flow()
    flow.publish(*events)
    flow.settle()
    assert flow.dead() == []
    return flow


def test_an_account_that_both_hold_becomes_an_overlap_with_reasons():
    flow = flow_of(changed("us", "A1", 1, ACME), changed("partner:acme", "p1", 1, ACME_AT_PARTNER))
    [overlap] = flow.active().values()
    assert (overlap.account, overlap.partner, overlap.partner_account) == ("A1", "acme", "p1")
    assert overlap.partner_name == "Acme Cloud"
    assert overlap.partner_population == "customer"
    assert any("acme-robotics.de" in reason for reason in overlap.reasons)


def test_it_does_not_matter_who_comes_first_and_the_overlap_is_as_old_as_the_later_of_the_two():
    ours, theirs = changed("us", "A1", 7, ACME), changed("partner:acme", "p1", 3, ACME_AT_PARTNER)
    one, two = flow_of(ours, theirs), flow_of(theirs, ours)
    assert one.active() == two.active()
    assert [overlap.first_seen.second for overlap in one.active().values()] == [7]


def test_accounts_that_have_nothing_in_common_do_not_overlap():
    flow = flow_of(changed("us", "A1", 1, ACME), changed("partner:acme", "p1", 1, ZYX))
    assert flow.active() == {}
    assert flow.writes() == []


def test_two_records_of_a_partner_make_one_overlap_and_the_other_is_mentioned():
    twin = ACME_AT_PARTNER.model_copy(update={"name": "Acme Robotics Berlin", "website": None})
    flow = flow_of(
        changed("us", "A1", 1, ACME),
        changed("partner:acme", "p1", 1, ACME_AT_PARTNER),
        changed("partner:acme", "p2", 1, twin),
    )
    [overlap] = flow.active().values()
    assert overlap.partner_account == "p1"
    assert overlap.reasons[-1] == "also matches 'Acme Robotics Berlin'"


def test_each_partner_has_its_own_overlap_and_the_account_counts_them():
    flow = flow_of(
        changed("us", "A1", 1, ACME),
        changed("partner:acme", "p1", 1, ACME_AT_PARTNER.model_copy(update={"population": Population.PROSPECT})),
        changed("partner:bolt", "p1", 1, ACME_AT_PARTNER),
    )
    assert set(flow.active()) == {("A1", "acme"), ("A1", "bolt")}
    summary = [write for write in flow.writes() if write.entity == "account_summary"][-1]
    assert summary.key == "A1"
    assert summary.fields["partner_count"] == 2
    assert summary.fields["best_partner"] == "Bolt"


def test_when_the_partner_drops_the_account_the_overlap_is_closed_and_says_when():
    flow = flow_of(changed("us", "A1", 1, ACME), changed("partner:acme", "p1", 1, ACME_AT_PARTNER))
    flow.publish(changed("partner:acme", "p1", 9, None))
    flow.settle()
    [overlap] = flow.overlaps().values()
    assert overlap.status == "ended"
    assert overlap.ended_on.second == 9
    last = [write for write in flow.writes() if write.entity == "overlap"][-1]
    assert set(last.fields) == {"status", "ended_on", "last_changed"}
    summary = [write for write in flow.writes() if write.entity == "account_summary"][-1]
    assert summary.fields == {"partner_count": 0, "best_partner": None, "partner_since": None}


def test_an_overlap_that_comes_back_keeps_its_key_and_first_day():
    flow = flow_of(changed("us", "A1", 1, ACME))
    for version, account in ((2, ACME_AT_PARTNER), (3, None), (4, ACME_AT_PARTNER)):
        flow.publish(changed("partner:acme", "p1", version, account))
        flow.settle()
    [overlap] = flow.overlaps().values()
    assert (overlap.status, overlap.ended_on, overlap.first_seen.second) == ("active", None, 2)


def test_when_our_account_is_deleted_its_overlap_ends_and_the_account_is_left_alone():
    flow = flow_of(changed("us", "A1", 1, ACME), changed("partner:acme", "p1", 1, ACME_AT_PARTNER))
    flow.publish(changed("us", "A1", 2, None))
    flow.settle()
    assert flow.active() == {}
    assert [overlap.status for overlap in flow.overlaps().values()] == ["ended"]
    summaries = [write for write in flow.writes() if write.entity == "account_summary"]
    assert [write.fields["partner_count"] for write in summaries] == [1]


def test_a_change_of_population_travels_without_a_new_comparison():
    flow = flow_of(changed("us", "A1", 1, ACME), changed("partner:acme", "p1", 1, ACME_AT_PARTNER))
    keys_before = len(flow.broker.read("accounts.keys"))
    flow.publish(changed("us", "A1", 2, ACME.model_copy(update={"population": Population.OPEN_OPPORTUNITY})))
    flow.settle()
    [overlap] = flow.active().values()
    assert overlap.our_population == "open_opportunity"
    assert len(flow.broker.read("accounts.keys")) == keys_before


def test_an_echo_of_our_own_write_causes_no_write():
    flow = flow_of(changed("us", "A1", 1, ACME), changed("partner:acme", "p1", 1, ACME_AT_PARTNER))
    writes = len(flow.writes())
    flow.publish(changed("us", "A1", 2, ACME).model_copy(update={"own": True}))
    flow.settle()
    assert len(flow.writes()) == writes


def test_a_change_that_is_older_than_what_is_known_is_ignored():
    flow = flow_of(
        changed("partner:acme", "p1", 1, ACME_AT_PARTNER),
        changed("us", "A1", 5, ACME),
        changed("us", "A1", 4, ZYX),
        changed("us", "A1", 3, None),
    )
    assert set(flow.active()) == {("A1", "acme")}
