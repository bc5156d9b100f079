"""What CRMs are told: only what has changed, to the deal and its twins; and what the timeline says."""

from schemas.messages import identity
from tests.unit.streams.offers.world import ASKING, World

DEAL, TWIN = "crm/deal/006A", "hs/deal/77"


def twins(**more) -> World:
    world = World(**more).start()
    world.clouds.put(DEAL, **ASKING, tandem_key="t-1")
    world.clouds.put(TWIN, **{**ASKING, "account": None}, tandem_key="t-1")
    return world.settle()


def test_only_what_has_changed_is_written():
    world = World().start().deal().work()
    writes = [write for write in world.decided("crm") if write.entity == "deal_offer"]
    assert set(writes[1].fields) == {"offer_state", "offer_id", "offer_url", "offer_next_step", "offer_changed_at"}
    assert len({write.id for write in writes}) == len(writes)
    assert all(write.reasons and write.causes for write in writes)
    before = len(world.decided("crm"))
    assert len(world.settle(whole=True).decided("crm")) == before


def test_a_deal_with_nothing_to_show_is_never_written():
    assert World().start().deal(offer_request=None).decided("crm") == []


def test_twins_show_the_same_and_ask_for_one_offer():
    world = twins().work()
    assert len(world.asked()) == 1
    assert world.shown(TWIN) == world.shown(DEAL)
    assert world.link().twins == (TWIN,)
    assert world.facts(TWIN) == []


def test_a_deal_that_turns_out_to_be_a_twin_shows_what_the_leading_one_does():
    world = World().start().deal().work()
    world.clouds.put(TWIN, **{**ASKING, "offer_request": None})
    world.settle()
    assert world.shown(TWIN) == {}
    world.clouds.put(DEAL, tandem_key="t-1")
    world.clouds.put(TWIN, tandem_key="t-1")
    world.settle()
    assert world.shown(TWIN)["offer_state"] == "released"
    assert world.link().twins == (TWIN,)


def test_of_two_that_are_the_same_the_one_with_an_offer_leads():
    world = World().start()
    world.clouds.put(TWIN, **{**ASKING, "account": None})
    world.work()
    world.clouds.put(TWIN, tandem_key="t-1")
    world.clouds.put(DEAL, **{**ASKING, "tandem_key": "t-1"})
    world.work()
    assert len(world.asked()) == 1
    assert world.state(TWIN) == "released"
    assert world.shown(DEAL)["offer_state"] == "released"


def test_a_twin_that_goes_its_own_way_shows_nothing_any_more():
    world = twins().work()
    world.clouds.put(TWIN, tandem_key=None, offer_request=None)
    world.settle()
    assert world.shown(TWIN)["offer_state"] is None
    assert world.state() == "released"


def test_a_deal_that_led_by_itself_says_that_another_one_does():
    world = World().start()
    world.clouds.put(TWIN, **{**ASKING, "buyer_account": None})
    world.settle()
    assert world.link(TWIN).problem
    world.clouds.put(TWIN, tandem_key="t-1")
    world.clouds.put(DEAL, **ASKING, tandem_key="t-1")
    world.settle()
    assert world.link(TWIN).problem is None
    assert world.facts(TWIN)[-1].reasons == ("The same deal leads in another CRM.",)
    assert world.shown(TWIN)["offer_problem"] is None


def test_the_name_of_the_company_comes_into_the_offer_even_where_it_is_read_late():
    world = World()
    world.clouds.put("crm/account/001", name="Acme Robotics GmbH")
    world.clouds.dirty.clear()
    world.clouds.put(DEAL, **ASKING, cosell=None)
    world.tell(DEAL)
    world.drain()
    world.tell("crm/account/001")
    world.settle()
    assert world.asked()[0].fields["name"] == "Acme Robotics GmbH: Acme: 40 seats (006A)"


def test_the_timeline_says_what_happened_why_and_by_which_changes():
    world = World().start().deal().work()
    offer = world.clouds.offers_of(DEAL)[0]
    world.clouds.accept(offer)
    world.settle()
    told = [(fact.state, fact.previous, fact.step) for fact in world.facts()]
    assert told == [
        ("creating", None, "The marketplace has been asked to make the offer."),
        ("creating", "creating", "The marketplace has taken the change up."),
        ("released", "creating", "The offer is released: the buyer can accept it."),
        ("accepted", "released", "The buyer has accepted the offer: the agreement holds."),
    ]
    read = identity(world.clouds.refs("agreement")[0], str(world.clouds.versions[world.clouds.refs("agreement")[0]]))
    assert read in world.facts()[-1].causes
    assert len({fact.id for fact in world.facts()}) == 4


def test_the_record_of_an_offer_goes_only_where_such_records_are():
    assert [w.entity for w in World(records=()).start().deal().work().decided("crm")] == ["deal_offer"] * 2
    both = World(records=("crm", "hs")).start().deal().work()
    assert {write.entity for write in both.decided("hs")} == {"private_offer"}
    assert "deal" not in both.decided("hs")[0].fields


def test_licences_are_told():
    world = World().start().deal().work()
    agreement = world.clouds.accept(world.clouds.offers_of(DEAL)[0])
    world.clouds.put(agreement, licenses=("arn:licence",))
    assert world.settle().link().licenses == ("arn:licence",)


def test_an_offer_that_was_cancelled_stays_so_when_the_deal_has_another_one():
    world = World().start().deal().work().deal(offer_request="cancel").work()
    first = world.shown()["offer_id"]
    world.deal(offer_request="create").work().settle(whole=True)
    assert world.shown()["offer_id"] != first
    assert world.clouds.shown[f"crm/aws/{first}"]["state"] == "cancelled"
