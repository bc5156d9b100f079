"""Who gets a lead: rights first, then the first rule that fits; each candidate is told with why it won or lost."""

import pytest

from tests.unit.streams.leads.world import CRM, PRM, World, rules

SCORE = """
[[rules]]
name = "best"
{when}
partner = {{ {must} }}
rank = {{ by = "score", weights = {{ {weights} }} }}
accept_within = "24 hours"
attempts = 3
fallback = "direct"
"""
TIER = """
[[rules]]
name = "high"
rank = { by = "tier" }
accept_within = "1 hour"
attempts = 3
fallback = "direct"
"""
CERTIFIED = [{"email": "ada@acme.com", "program": "fleet-expert", "product": "fleet", "level": 2}]


def scored(weights: str, must: str = "", when: str = "") -> World:
    return World(rules(SCORE.format(weights=weights, must=must, when=when)))


def test_a_lead_goes_to_a_partner_that_serves_its_place():
    world = World()
    world.partner("acme", territories=("Texas",))
    world.partner("blue", territories=("dach",))
    lead = world.lead()
    assert world.who(lead) == ("offered", "blue")
    assert "Blue serves dach" in world.reasons(lead)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"country": "Germany"}, "all"),
        ({"country": "US", "state": "tx"}, "texan"),
        ({"country": "US", "state": "Ohio"}, "states"),
        ({"country": "DE", "postal_code": "80331"}, "all"),
        ({"country": "France"}, None),
        ({"country": None}, None),
    ],
)
def test_places_are_countries_states_and_postal_codes(place: dict, expected: str | None):
    world = World()
    world.partner("all", territories=("dach", "munich"))
    world.partner("texan", territories=("texas",))
    if expected == "states":
        world.partner("states", territories=("United States",))
    assert world.who(world.lead(**place))[1] == expected


def test_a_lead_of_munich_may_go_to_a_partner_of_munich_only():
    world = World()
    world.partner("local", territories=("munich",))
    assert world.who(world.lead("1", postal_code="80331"))[1] == "local"
    assert world.who(world.lead("2", postal_code="10115"))[1] is None


def test_what_a_lead_does_not_say_excludes_nobody():
    world = World()
    world.partner("acme", territories=("dach",), segments=("large",), products=("fleet",), languages=("de",))
    assert world.who(world.lead())[1] == "acme"


@pytest.mark.parametrize(
    ("partner", "lead"),
    [
        ({"segments": ("large",)}, {"employees": 5}),
        ({"products": ("arm",)}, {"product": "Fleet Manager"}),
        ({"languages": ("de",)}, {"language": "English"}),
        ({"status": "inactive"}, {}),
        ({"no_leads": True}, {}),
        ({"weight": 0}, {}),
        ({"capacity": 0}, {}),
    ],
)
def test_a_partner_that_does_not_serve_it_or_may_not_have_it_is_not_asked(partner: dict, lead: dict):
    world = World()
    world.partner("acme", **partner)
    assert world.who(world.lead(**lead)) == ("direct", None)


def test_a_partner_that_could_but_for_one_thing_is_told_with_it():
    world = scored("tier = 1", 'tier = "gold", certification = { product = "fleet", level = 2 }')
    world.partner("acme", tier="silver", tier_rank=2, certifications=CERTIFIED)
    world.partner("blue", tier="gold", tier_rank=3)
    world.partner("cyan", tier="gold", tier_rank=3, certifications=CERTIFIED)
    lead = world.lead(product="fleet")
    assert world.who(lead)[1] == "cyan"
    assert world.losers(lead) == {
        "acme": "is silver, gold is needed",
        "blue": "nobody is certified for fleet at level 2",
    }


def test_a_certification_without_a_product_is_for_what_the_lead_asks():
    world = scored("certified = 1", 'serves = ["product"], certification = { level = 1 }')
    world.partner("acme", certifications=CERTIFIED)
    assert world.who(world.lead("1", product="fleet"))[1] == "acme"
    assert world.who(world.lead("2", product="arm"))[1] is None


def test_a_certification_whose_last_day_is_over_does_not_count_even_before_that_is_told():
    world = scored("certified = 1", 'certification = { product = "fleet" }')
    world.partner("acme", certifications=[{**CERTIFIED[0], "expires_on": "2026-11-21"}])
    assert world.who(world.lead(product="fleet"))[1] is None


def test_the_score_weighs_signals_and_is_told():
    world = scored("tier = 10, certified = 20, load = 5")
    world.partner("acme", tier="gold", tier_rank=3)
    world.partner("blue", certifications=CERTIFIED * 2)
    lead = world.lead()
    winner, loser = world.last[lead].candidates
    assert (winner.partner, winner.score, winner.signals["tier"]) == ("acme", 15.0, 1.0)
    assert (loser.score, loser.reasons[-1]) == (10.0, "scores 10, the first 15")


def test_an_overlap_brings_a_partner_in_that_nothing_else_would():
    world = scored("overlap = 50, tier = 10")
    for n in range(12):
        world.partner(f"gold{n:02d}", tier="gold", tier_rank=3)
    world.partner("acme")
    account = world.account("a1", name="Zyxtron Dynamics GmbH", website="https://zyxtron.com")
    world.overlap("a1", "acme")
    lead = world.lead(company="Zyxtron Dynamics", email="ada@zyxtron.com")
    assert world.who(lead)[1] == "acme"
    assert world.last[lead].account == account
    assert "has the company as a customer" in world.reasons(lead)
    world.overlap("a1", "acme", status="ended")
    assert world.who(world.lead("2", company="Zyxtron Dynamics", email="bo@zyxtron.com"))[1] == "gold00"


def test_a_rule_can_ask_for_an_overlap_or_a_relationship_with_the_company():
    world = scored("relationship = 1", "relationship = true", "when = { relationship = true }")
    world.partner("acme")
    world.partner("blue")
    world.account("a1", name="Zyxtron Dynamics GmbH", website="https://zyxtron.com")
    world.deal("d1", account="a1", partner="p-blue")
    lead = world.lead(company="Zyxtron Dynamics", website="zyxtron.com")
    assert world.who(lead)[1] == "blue"
    assert world.who(world.lead("2", company="Somebody Else"))[0] == "direct"
    assert "No rule fits the lead." in world.reasons(f"{CRM}/lead/2")


def test_the_seat_and_the_language_of_many_partners_count_without_looking_at_all_of_them():
    world = scored("country = 30, language = 20, tier = 5")
    for n in range(30):
        world.partner(f"gold{n:02d}", tier="gold", tier_rank=3, country="FR", languages=("fr",))
    world.partner("near", country="DE", languages=("de",))
    lead = world.lead(language="German")
    assert world.who(lead)[1] == "near"
    assert world.last[lead].further == 31 - len(world.last[lead].candidates)


def test_by_tier_the_highest_tier_comes_first_and_within_it_everybody_in_turn():
    world = World(rules(TIER))
    world.partner("acme", tier="gold", tier_rank=3)
    world.partner("blue", tier="gold", tier_rank=3)
    world.partner("cyan", tier="silver", tier_rank=2)
    assert [world.who(world.lead(str(n)))[1] for n in range(4)] == ["acme", "blue", "acme", "blue"]


def test_only_so_many_candidates_are_told_and_the_others_are_counted():
    world = World()
    for n in range(30):
        world.partner(f"p{n:02d}")
    said = world.last[world.lead()]
    assert (len(said.candidates), said.further) == (8, 22)


def test_the_partner_that_registered_the_company_gets_it_whatever_the_rules_say():
    world = World()
    world.partner("acme")
    world.partner("blue", territories=("texas",))
    world.registration("blue", "Quorvane Logistics GmbH", website="quorvane.com")
    lead = world.lead(company="QUORVANE LOGISTICS", email="a@quorvane.com")
    assert world.who(lead) == ("accepted", "blue")
    assert "Blue has registered Quorvane Logistics GmbH until 2027-02-01." in world.reasons(lead)


def test_of_two_registrations_the_earlier_one_counts_and_one_that_is_over_does_not():
    world = World()
    for key in ("acme", "blue"):
        world.partner(key)
    world.registration("blue", "Quorvane Logistics", submitted_at="2026-11-02T10:00:00Z")
    world.registration("acme", "Quorvane Logistics", submitted_at="2026-11-01T10:00:00Z")
    assert world.who(world.lead("1", company="Quorvane Logistics"))[1] == "acme"
    world.registration("acme", "Quorvane Logistics", status="expired")
    assert world.who(world.lead("2", company="Quorvane Logistics"))[1] == "blue"


def test_a_lead_that_a_partner_brought_stays_with_it():
    world = World()
    world.partner("acme")
    world.partner("blue", no_leads=True)
    assert world.who(world.lead("1", partner="p-blue")) == ("accepted", "blue")
    assert world.who(world.lead("2", partner="blue")) == ("accepted", "blue")


def test_a_lead_from_a_partner_that_nobody_knows_waits_until_it_is_known():
    world = World()
    lead = world.lead(partner="p-blue")
    assert world.who(lead) == ("waiting", None)
    assert "'p-blue', which is no partner that is known" in world.reasons(lead)
    world.partner("blue")
    world.lead(partner="p-blue")
    assert world.who(lead) == ("accepted", "blue")


def test_a_lead_that_a_partner_found_itself_is_followed_where_it_is_and_not_given_to_others():
    world = World()
    world.partner("acme")
    world.partner("blue")
    world.changed(*_found(world, "new"))
    own = f"{PRM}/partner_lead/own"
    assert world.who(own) == ("accepted", "blue")
    assert world.who(world.lead(email="Ada@Zyxtron.com")) == ("accepted", "blue")


def _found(world: World, _: str) -> tuple:
    from schemas.messages import PartnerLeadChanged
    from schemas.partners import PartnerLead

    record = PartnerLead(partner="part-blue", last_name="Okafor", company="Zyxtron", email="ada@zyxtron.com")
    return PartnerLeadChanged, PRM, "own", record


@pytest.mark.parametrize(
    "lead",
    [{"status": "working"}, {"source": "spam"}, {"created_at": "2026-11-01T00:00:00Z"}],
)
def test_a_lead_that_is_not_for_routing_is_left_alone(lead: dict):
    world = World()
    world.partner("acme")
    assert world.who(world.lead(**lead)) == (None, None)


def test_a_lead_that_may_not_be_passed_on_is_for_direct_sales():
    world = World()
    world.partner("acme")
    assert world.who(world.lead(no_partner=True)) == ("direct", None)


def test_a_rule_without_candidates_may_pass_on_to_the_next_that_fits():
    first = SCORE.format(weights="tier = 1", must='tier = "gold"', when="").replace('"direct"', '"next"')
    world = World(rules(first + TIER))
    world.partner("acme")
    said = world.last[world.lead()]
    assert (said.rule, said.partner) == ("high", "acme")


def test_nothing_is_routed_before_everything_was_read_once_and_partners_had_time_to_be_told():
    routing = rules()
    waiting = routing.model_copy(
        update={"intake": routing.intake.model_copy(update={"wait": routing.intake.accept_within})}
    )
    world = World(waiting, ready=False)
    lead = world.lead()
    world.tick()
    assert world.who(lead) == (None, None)
    world.partner("acme")
    world.tick(hours=11)
    assert world.who(lead) == (None, None)
    world.tick(hours=2)
    assert world.who(lead) == ("offered", "acme")
