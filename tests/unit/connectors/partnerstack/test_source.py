"""The source by listing: everything is told once, what is gone as gone, and each record with its partner."""

from decimal import Decimal

import pytest

from connectors.errors import BadCredentials, RetryLater
from schemas.messages import ChangeKind
from tests.unit.connectors.partnerstack.conftest import PARTNER, READ, Reading

NEVER = 10**8


def kinds(changes):
    return [(each.entity, each.kind) for each in changes]


def test_everything_of_a_program_is_told_what_others_point_to_first(stack):
    stack.act("submit_deal", PARTNER, "Acme Robotics")
    stack.act("submit_lead", PARTNER, "ada@acme.com", form={"first_name": "Ada", "last_name": "Okafor"})
    customer = stack.act("customer", PARTNER, "Acme Robotics", "ada@acme.com")["key"]
    stack.act("transaction", customer, 129900, "EUR")
    stack.act("reward", PARTNER, 12990, "10% of a sale", customer=customer)
    told = Reading(stack.source()).poll()
    assert [each.entity for each in told] == [
        "partner", "partner_user", "partner_customer", "registration", "partner_lead", "transaction", "reward"
    ]  # fmt: skip
    assert len(told) == len(READ)
    assert all(READ[each.entity].to_canonical(each.row) for each in told)


def test_a_partner_is_told_with_what_only_its_own_address_shows(stack):
    (partner,) = Reading(stack.source(), "partner").records()
    assert (partner.name, partner.tier, partner.website) == ("Acme Cloud", "Gold", "https://acme-cloud.com")
    assert (partner.types, partner.agreed_on.isoformat()) == (("Resellers",), "2026-11-22")


def test_the_partner_of_a_transaction_and_of_a_reward_is_looked_up_in_lists_and_not_one_by_one(stack):
    for number in range(5):
        customer = stack.act("customer", PARTNER, f"Company {number}", f"{number}@acme.com")["key"]
        stack.act("transaction", customer, 100 + number)
        stack.act("reward", PARTNER, 10, "bonus")
    found = Reading(stack.source(), "transaction", "reward").records()
    assert {each.partner for each in found} == {PARTNER}
    assert [each.amount for each in found[:5]] == [Decimal(100 + number) / 100 for number in range(5)]
    assert stack.calls("{key}") == 0


def test_a_partner_that_was_looked_up_is_known_until_the_next_sweep(stack):
    customer = stack.act("customer", PARTNER, "Acme", "ada@acme.com")["key"]
    stack.act("transaction", customer, 100)
    reading = Reading(stack.source(sweep_s=600), "transaction")
    reading.poll()
    stack.wait(60)
    other = stack.act("customer", PARTNER, "Borealis", "bo@borealis.com")["key"]
    stack.act("transaction", other, 200)
    stack.running.account.calls.clear()
    assert [each.partner for each in reading.records()] == [PARTNER]
    reading.poll()
    assert (stack.calls("customers/{key}"), stack.calls("customers"), stack.calls()) == (1, 1, 3)
    stack.act("partner", "borealis", "Borealis AG")
    stack.act("edit", "customers", customer, partner_key="borealis")
    stack.wait(600)
    assert [each.partner for each in reading.records()] == ["borealis"]


def test_rewards_are_in_dollars_whatever_the_currency_of_deals(stack):
    stack.act("reward", PARTNER, 10, "bonus")
    stack.act("submit_deal", PARTNER, "Acme", amount=500)
    found = Reading(stack.source(currency="EUR"), "reward", "registration").records()
    assert [each.currency for each in found] == ["EUR", "USD"]


def test_what_became_of_a_reward_is_found_by_the_sweep(stack):
    reward = stack.act("reward", PARTNER, 10, "bonus")["key"]
    stack.wait(60)
    stack.act("reward", PARTNER, 20, "another bonus")
    reading = Reading(stack.source(sweep_s=600), "reward")
    reading.poll()
    stack.wait(60)
    stack.act("edit", "rewards", reward, reward_status="paid")
    assert reading.poll() == []
    stack.wait(600)
    assert [each.status for each in reading.records()] == ["paid"]


def test_an_archived_deal_is_told_as_gone_by_the_sweep_and_as_restored_when_it_comes_back(stack):
    deal = stack.act("submit_deal", PARTNER, "Acme")["key"]
    reading = Reading(stack.source(sweep_s=0), "registration")
    reading.poll()
    stack.wait(60)
    stack.act("archive", "deals", deal)
    assert kinds(reading.poll()) == [("registration", ChangeKind.DELETED)]
    stack.wait(60)
    stack.act("restore", "deals", deal)
    assert kinds(reading.poll()) == [("registration", ChangeKind.RESTORED)]


def test_an_archived_deal_is_gone_also_where_partnerstack_still_shows_it(opened):
    stack = opened(archived_shown=True)
    deal = stack.act("submit_deal", PARTNER, "Acme")["key"]
    reading = Reading(stack.source(sweep_s=0), "registration")
    reading.poll()
    stack.act("archive", "deals", deal)
    assert kinds(reading.poll()) == [("registration", ChangeKind.DELETED)]


def test_a_deal_without_a_partner_is_no_registration_until_it_has_one(stack):
    group = stack.running.account.of_partner(PARTNER)["group"]["key"]
    deal = stack.act("submit_deal", None, "Acme", source="vendor", group_key=group)["key"]
    reading = Reading(stack.source(), "registration")
    assert reading.poll() == []
    stack.wait(1)
    stack.act("edit", "deals", deal, partner_key=PARTNER)
    assert [each.record_id for each in reading.poll()] == [deal]


def test_a_partner_whose_key_was_changed_is_another_record_from_then_on(stack):
    key = stack.running.account.of_partner(PARTNER)["key"]
    reading = Reading(stack.source(sweep_s=0), "partner")
    reading.poll()
    stack.wait(1)
    stack.act("edit", "partnerships", key, partner_key="acme")
    assert {each.record_id: each.kind for each in reading.poll()} == {
        "acme": ChangeKind.UPSERTED,
        PARTNER: ChangeKind.DELETED,
    }


def test_only_what_changed_lately_is_listed_after_the_first_pass(stack):
    for number in range(6):
        stack.act("submit_deal", PARTNER, f"Company {number}")
    reading = Reading(stack.source(page_size=2, sweep_s=NEVER), "registration")
    reading.poll()
    stack.wait(3600)
    reading.poll()
    deal = stack.act("submit_deal", PARTNER, "Acme")["key"]
    reading.poll()
    stack.wait(3600)
    stack.running.account.calls.clear()
    assert (reading.poll(), stack.calls()) == ([], 1)
    assert deal in {each.record_id for each in reading.told}


def test_partners_that_have_not_changed_are_not_read_one_by_one(stack):
    reading = Reading(stack.source(sweep_s=NEVER), "partner")
    reading.poll()
    stack.running.account.calls.clear()
    reading.poll()
    assert (stack.calls("{key}"), stack.calls()) == (0, 1)


def test_what_is_changed_while_a_long_list_is_read_is_told_with_the_next_pass(stack):
    deals = [stack.act("submit_deal", PARTNER, f"Company {number}")["key"] for number in range(6)]
    source = stack.source(page_size=2, sweep_s=NEVER)
    pages, newest = source._client.pages, deals[-1]

    def changing(*arguments, **query):
        for number, page in enumerate(pages(*arguments, **query)):
            yield page
            if number == 0:  # the newest has gone by, and one that is still to come changes after it
                stack.wait(1)
                stack.act("edit", "deals", newest, account_name="Changed behind the reader")
                stack.wait(30)
                stack.act("edit", "deals", deals[0], account_name="Changed before the reader")

    source._client.pages = changing
    reading = Reading(source, "registration")
    reading.poll()
    source._client.pages = pages
    assert [each.company for each in reading.records()] == ["Changed behind the reader"]


def test_a_list_whose_place_is_lost_is_read_again(stack):
    for number in range(3):
        stack.act("submit_deal", PARTNER, f"Company {number}")
    stack.arm(kind="status", status=400, nth=(2,), path="deals$")
    reading = Reading(stack.source(page_size=1), "registration")
    with pytest.raises(RetryLater, match="changed while it was read"):
        reading.poll()
    assert len(reading.poll()) == 3


def test_an_answer_that_is_no_json_is_asked_for_again(stack):
    stack.arm(kind="no_json", nth=(1,))
    with pytest.raises(RetryLater, match="no JSON"):
        Reading(stack.source(), "partner").poll()


def test_wrong_keys_are_named(stack):
    with pytest.raises(BadCredentials, match="HTTP_401"):
        Reading(stack.source(secret_key="sk_other"), "partner").poll()


def test_what_tandem_alone_writes_tells_nothing(stack):
    from tests.unit.connectors.partnerstack.conftest import write, written

    deal = stack.act("submit_deal", PARTNER, "Acme")["key"]
    reading = Reading(stack.source(), "registration", "partner")
    reading.poll()
    stack.wait(60)
    written(stack.sink(), write("registration_outcome", deal, fields={"next_step": "wait", "reasons": ["clear"]}))
    written(stack.sink(), write("partner_standing", PARTNER, fields={"earned_tier": "gold"}))
    assert reading.poll() == []


def test_a_lead_that_was_another_one_between_two_readings_is_told_once_more(stack):
    lead = stack.act("submit_lead", PARTNER, "our-crm:lead:1", form={"first_name": "Kim", "last_name": "Quell"})["key"]
    reading = Reading(stack.source(), "partner_lead")
    stack.act("answer", lead, "accept")
    before = reading.poll()[-1]
    stack.wait(60)
    stack.act("answer", lead, "decline")
    stack.wait(60)
    stack.act("answer", lead, "accept")
    (again,) = reading.poll()
    assert (again.record_id, again.row) == (before.record_id, before.row)
    assert again.version > before.version
    assert reading.poll() == []


def test_there_is_no_quota_to_tell(stack):
    assert stack.source().budget() is None
    assert stack.sink().budget() is None
