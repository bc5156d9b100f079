"""The sink beyond the contract: forms stay whole, leads are passed on and taken back, money is exact."""

import pytest

from connectors.base import Applied, Overtaken, Rejected, Retry
from connectors.errors import RetryLater
from schemas.messages import MatchBy, WriteAction
from tests.unit.connectors.partnerstack.conftest import PARTNER, TABLES, Reading, write, written

LEAD = "our-crm/lead/00Q1"
PASSED = {"partner": PARTNER, "lead": LEAD, "first_name": "Ada", "last_name": "Okafor", "status": "offered"}


def lead(fields=None, **more):
    return write("partner_lead", LEAD, MatchBy.EXTERNAL_ID, fields=PASSED if fields is None else fields, **more)


@pytest.fixture
def deal(stack):
    return stack.act("submit_deal", PARTNER, "Acme", form={"website": "https://acme.com", "city": "Bonn"})["key"]


def test_the_partners_own_answers_stay_when_tandem_writes_beside_them(stack, deal):
    written(stack.sink(), write("registration_outcome", deal, fields={"next_step": "wait"}))
    assert stack.answers("deals", deal) == {
        "website": "https://acme.com", "city": "Bonn", "tandem_next_step": "wait"
    }  # fmt: skip


def test_an_outcome_moves_the_stage_and_enters_our_deal(stack, deal):
    (outcome,) = written(
        stack.sink(), write("registration_outcome", deal, fields={"status": "approved", "deal": "0061"})
    )
    record = stack.stored("deals", deal).record
    assert (outcome, record["stage"], record["external_key"]) == (Applied(deal), "Approved", "0061")


def test_a_deal_that_has_our_deals_id_is_still_found_by_its_own_key(stack, deal):
    sink = stack.sink()
    written(sink, write("registration_outcome", deal, fields={"deal": "0061"}))
    assert written(sink, write("registration_outcome", deal, fields={"deal": "0061"})) == [Applied(deal, changed=False)]


def test_a_decision_on_a_deal_that_a_person_has_moved_since_is_overtaken(stack, deal):
    stack.act("edit", "deals", deal, stage="Rejected")
    one = write("registration_outcome", deal, fields={"status": "approved"}, expected={"status": "submitted"})
    (outcome,) = written(stack.sink(), one)
    assert isinstance(outcome, Overtaken)
    assert "rejected" in outcome.found


def test_a_lead_that_is_passed_on_bears_our_leads_name_and_comes_back_under_it(stack):
    (outcome,) = written(stack.sink(), lead({**PASSED, "amount": "12500.5", "currency": "USD"}))
    record = stack.stored("leads", outcome.target_id).record
    assert (record["external_key"], record["status"], record["amount"]) == ("our-crm:lead:00Q1", "open", 1250050)
    (read,) = Reading(stack.source(), "partner_lead").records()
    assert (read.lead, read.partner, str(read.amount), read.status.value) == (LEAD, PARTNER, "12500.5", "offered")


def test_a_lead_goes_to_another_partner_without_becoming_another_lead(stack):
    stack.act("partner", "borealis", "Borealis AG")
    first, second = (written(stack.sink(), lead({**PASSED, "partner": to}))[0] for to in (PARTNER, "borealis"))
    assert (second.target_id, second.changed) == (first.target_id, True)
    assert stack.stored("leads", first.target_id).record["partner_key"] == "borealis"


@pytest.mark.parametrize(("word", "status"), [("accept", "accepted"), ("decline", "declined"), ("win", "won")])
def test_what_the_partner_answers_is_read(stack, word, status):
    (made,) = written(stack.sink(), lead())
    reading = Reading(stack.source(), "partner_lead")
    reading.poll()
    stack.wait(60)
    stack.act("answer", made.target_id, word, tandem_reason="as we agreed")
    assert [(each.status.value, each.reason) for each in reading.records()] == [(status, "as we agreed")]


def test_a_lead_that_is_taken_back_says_so_and_can_be_offered_again(stack):
    sink = stack.sink()
    (made,) = written(sink, lead())
    for status, native in (("withdrawn", "dead"), ("offered", "open"), ("converted", "closed")):
        written(sink, lead({**PASSED, "status": status}))
        assert stack.stored("leads", made.target_id).record["status"] == native
        (found,) = sink.look(TABLES["partner_lead"], [lead({"status": None})])
        assert found == {"status": status}


def test_a_lead_can_be_archived_and_a_deal_cannot(stack, deal):
    (made,) = written(stack.sink(), lead())
    archive = lead({}, action=WriteAction.ARCHIVE)
    assert written(stack.sink(), archive) == [Applied(made.target_id)]
    assert written(stack.sink(), archive) == [Applied(LEAD, changed=False)]
    (refused,) = written(stack.sink(), write("registration_outcome", deal, action=WriteAction.ARCHIVE))
    assert (refused.code, stack.stored("deals", deal).archived) == ("NOT_POSSIBLE", False)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"amount": "0.005", "currency": "USD"}, "INVALID_VALUE", "amount"),
        ({"amount": "5", "currency": "EUR"}, "INVALID_VALUE", "currency"),
        ({"lead": "our-crm/lead/2"}, "INVALID_VALUE", "lead"),
        ({"created_at": "2026-11-22T10:00:00Z"}, "UNCONVERTIBLE", "created_at"),
        ({"status": "lost in the post"}, "UNCONVERTIBLE", "status"),
        ({"last_name": None}, "HTTP_400", None),
        ({"partner": "nobody"}, "HTTP_400", None),
    ],
)
def test_what_partnerstack_cannot_take_is_refused_with_the_field(stack, fields, code, field):
    (outcome,) = written(stack.sink(), lead({**PASSED, **fields}))
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.field, bool(outcome.remedy)) == (code, field, True)


def test_a_deal_that_is_not_there_is_refused_or_overtaken(stack):
    gone = write("registration_outcome", "deal_0", fields={"status": "approved"})
    late = gone.model_copy(update={"expected": {"status": "submitted"}})
    assert [type(each) for each in written(stack.sink(), gone)] == [Rejected]
    assert [type(each) for each in written(stack.sink(), late)] == [Overtaken]


def test_a_busy_account_is_tried_again_after_the_time_that_it_names(stack, deal):
    one = write("registration_outcome", deal, fields={"status": "approved"})
    stack.arm(kind="unavailable", nth=(2,), retry_after=7)
    assert [(type(each), each.after) for each in written(stack.sink(), one)] == [(Retry, 7.0)]
    for named, waits in ((3, 3.0), (None, 60.0)):
        stack.arm(kind="too_many_requests", nth=(1,), retry_after=named)
        with pytest.raises(RetryLater) as later:
            written(stack.sink(), one)
        assert later.value.after == waits


def test_a_look_is_refused_for_all_as_a_reading_is(stack, deal):
    stack.arm(kind="unavailable", nth=(1,))
    with pytest.raises(RetryLater):
        stack.sink().look(
            TABLES["registration_outcome"], [write("registration_outcome", deal, fields={"status": None})]
        )


def test_a_tier_of_partnerstack_can_be_mapped_to_the_earned_one(stack, tmp_path):
    from mappings.loader import load

    field = '{ field = "tier_key", convert = "choice", values = { "tier_3" = "platinum" } }'
    own = f"[partner_standing.fields]\nearned_tier = {field}\n"
    (tmp_path / "partnerstack.toml").write_text(own, encoding="utf-8")
    one = write("partner_standing", PARTNER, fields={"earned_tier": "platinum"})
    tables = load("partnerstack", tmp_path)
    for changed in (True, False):
        assert list(stack.sink().write(tables, [one])) == [Applied(PARTNER, changed=changed)]
    record = stack.running.account.of_partner(PARTNER)
    assert record["tier"] == {"key": "tier_3", "name": "Platinum"}
