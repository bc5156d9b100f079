"""Journeys of partner management over the wires of Salesforce, PartnerStack and Moodle, told as stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import topics
from schemas.messages import RouteState, Ruling
from schemas.partners import RegistrationStatus as S
from tests.e2e.channel import CRM, Channel, channel
from tests.unit.tandem.test_generate_asyncapi import PARTNERS, published, written

DAY = 86_400
LEAD = {
    "LastName": "Quell",
    "FirstName": "Kim",
    "Company": "Tannwald Intralogistik",
    "Email": "kim@tannwald-intralogistik.com",
    "Website": "https://tannwald-intralogistik.com",
    "Country": "Germany",
    "Product_Interest__c": "fleet",
    "Status": "Open - Not Contacted",
}


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Channel]:
    with channel(tmp_path) as found:
        found.joins("blue", "Blue Reseller", "blue-reseller.com")
        found.joins("nord", "Nordlicht Partner", "nordlicht-partner.com")
        found.runs()
        found.wait(60)  # leads wait a little after the first look
        found.runs()
        yield found


def comes_in(it: Channel, **fields: object) -> str:
    lead = it.rep_creates("Lead", **{**LEAD, **fields})
    it.runs()
    return lead


def test_a_badge_brings_the_next_matching_lead_and_after_it_has_lapsed_another_partner_gets_it(it: Channel):
    # Given somebody of Blue Reseller who earns the badge
    user = it.learner("rob@blue-reseller.com")
    it.runs()
    issue = it.earns(user)
    it.runs()
    # When a lead for that product comes in, then Blue Reseller has it, with the reason
    first = it.lead(comes_in(it))
    assert (first.partner, first.state, first.rule) == ("blue", RouteState.OFFERED, "fleet")
    assert any("certified" in reason for reason in first.candidates[0].reasons)
    shown = it.row("Lead", first.lead.rpartition("/")[2])
    assert (shown["Routed_Partner_Name__c"], shown["Lead_Route_State__c"].lower()) == ("Blue Reseller", "offered")
    # And the partner finds it in PartnerStack
    assert [each.fields["lead"] for each in it.writes() if each.entity == "partner_lead"] == [first.lead]
    # When the badge has lapsed and somebody of Nordlicht has earned one, then the next one goes to Nordlicht
    other = it.learner("eva@nordlicht-partner.com")
    it.site.call(lambda: setattr(it.site.site.data.issues[issue], "expires", it.site.site.now()))
    it.earns(other)
    it.wait(2 * DAY)
    it.runs()
    second = it.lead(
        comes_in(it, Company="Birkenau Logistik", Email="a@birkenau-logistik.com", Website="birkenau-logistik.com")
    )
    assert (second.partner, second.rule) == ("nord", "fleet")
    assert it.dead_letters() == []


def test_silence_passes_a_lead_on_and_an_answer_keeps_it(it: Channel):
    lead = comes_in(it, Product_Interest__c=None)
    first = it.lead(lead).partner
    it.wait(DAY + 60)
    it.runs()
    second = it.lead(lead)
    assert second.partner not in (None, first)
    it.program.act("answer", passed(it, lead), "accept")
    it.runs()
    assert it.lead(lead).state is RouteState.ACCEPTED
    it.wait(3 * DAY)
    it.runs()
    assert it.lead(lead).partner == second.partner


def passed(it: Channel, lead: str) -> str:
    """The lead's key in PartnerStack."""
    [write] = {each.key for each in it.writes() if each.entity == "partner_lead" and each.key.endswith(lead)}
    finished = [each for each in it.told(topics.OUTCOMES) if each.entity == "partner_lead" and each.key == write]
    return str(finished[-1].target_id)


def test_of_two_partners_who_register_one_company_under_two_spellings_the_earlier_one_is_protected(it: Channel):
    early = it.registers("blue", "Tannwald Intralogistik GmbH", "https://tannwald-intralogistik.com")
    late = it.registers("nord", "TANNWALD Intralogistik", "https://www.tannwald-intralogistik.com")
    it.runs()
    won, waits = it.registration(early), it.registration(late)
    assert won.status is S.APPROVED
    assert waits.status in (S.IN_REVIEW, S.SUBMITTED)
    assert waits.conflict_with == early
    assert it.answers(early)["tandem_protected_until"] == str(won.protected_until)
    assert "Blue" not in str(it.answers(late))  # who is protected is nobody else's business
    [deal] = it.rows("Opportunity")
    assert (deal["Deal_Partner_Name__c"], deal["Deal_Protected_Until__c"]) == (
        "Blue Reseller",
        won.protected_until,
    )


def test_a_registration_on_which_nobody_works_is_reclaimed_and_the_one_that_waits_is_taken_up(it: Channel):
    early = it.registers("blue", "Tannwald Intralogistik GmbH", "https://tannwald-intralogistik.com")
    late = it.registers("nord", "Tannwald Intralogistik", "https://tannwald-intralogistik.com")
    it.runs()
    for _ in range(8):
        it.wait(8 * DAY)
        it.runs()
    assert it.registration(early).status is S.RECLAIMED
    assert it.registration(late).status is S.APPROVED
    notices = [each for each in it.told(topics.NOTICES) if each.about == "registration"]
    assert notices


def test_a_won_deal_pays_its_partner_and_the_story_can_be_told(it: Channel, tmp_path: Path):
    ref = it.registers("blue", "Tannwald Intralogistik GmbH", "https://tannwald-intralogistik.com")
    it.runs()
    [deal] = it.rows("Opportunity")
    it.rep_edits("Opportunity", deal["Id"], StageName="Closed Won", Amount=12500.55)
    it.runs()
    [fee] = it.last(topics.FEES).values()
    assert (fee.partner, str(fee.amount), fee.currency) == ("blue", "1250.06", "USD")
    shown = it.row("Opportunity", deal["Id"])
    assert shown["Partner_Fee_Amount__c"] == 1250.06
    assert it.registration(ref).status is S.CONVERTED
    credit = it.last(topics.ATTRIBUTIONS)[f"{CRM}/deal/{deal['Id']}"]
    assert credit.sourced_by == "blue"
    assert {name: sum(each.amount for each in shares) for name, shares in credit.models.items()} == dict.fromkeys(
        credit.models, credit.amount
    )
    told = it.timeline(tmp_path, ref)
    assert len(told.events) > 3


def test_what_a_person_rules_is_done(it: Channel):
    lead = comes_in(it, Product_Interest__c=None)
    it.rules(Ruling.ASSIGN_LEAD, f"{CRM}/lead/{lead}", partner="nord")
    it.runs()
    assert it.lead(lead).partner == "nord"


def test_every_process_started_anew_forgets_no_clock(it: Channel):
    lead = comes_in(it, Product_Interest__c=None)
    first = it.lead(lead).partner
    it.start()
    it.wait(DAY + 60)
    it.runs()
    assert it.lead(lead).partner not in (None, first)


def test_each_decision_publishes_what_the_document_says(it: Channel):
    it.earns(it.learner("rob@blue-reseller.com"))
    it.registers("blue", "Birkenau Logistik", "https://birkenau-logistik.com")
    lead = comes_in(it)
    it.program.act("answer", passed(it, lead), "accept")
    it.runs()
    [deal] = it.rows("Opportunity")
    it.rep_edits("Opportunity", deal["Id"], StageName="Closed Won")
    it.registers("blue", "Tannwald Intralogistik", "https://tannwald-intralogistik.com")
    it.runs()
    for _ in range(8):  # months without work on the registration, and a badge that is about to lapse
        it.wait(43 * DAY)
        it.runs()
    found = written(it.broker, list(it.systems))
    inputs = {feed.name for feed in topics.PARTNER_FEEDS}
    for lane in PARTNERS:
        assert {each for each in found[f"stream:{lane}"] if each[0] not in inputs} == published(lane)
