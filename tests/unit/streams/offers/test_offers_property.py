"""Whatever is told late, twice, out of order or never, and whoever crashes: one look, and the hub holds what is true."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.messages import Ruling, RulingGiven
from tests.unit.streams.offers.world import ASKING, World

DEALS = ("crm/deal/006A", "crm/deal/006B")
TWIN = "hs/deal/77"
deals = st.sampled_from(DEALS)
nth = st.integers(0, 30)


class OneMarketplace(RuleBasedStateMachine):
    """Two deals, one of them with a twin, in a marketplace in which everybody does what they like."""

    cosell = False

    def __init__(self) -> None:
        super().__init__()
        self.world = World(cosell=self.cosell)
        self.clouds = self.world.clouds
        self.number = 0
        self.given: list[RulingGiven] = []

    @initialize(asks=st.sampled_from(["create", "create", None]), made=st.booleans(), accepted=st.booleans())
    def everything_was_read(self, asks, made, accepted) -> None:
        self.world.start()
        for number, ref in enumerate(DEALS):
            shared = {"cosell": True, "problem": "Robots stand still all day.", "use_case": "Containers & Serverless"}
            fields = {**ASKING, "offer_request": asks, "tandem_key": f"t-{number}", **(shared if self.cosell else {})}
            self.clouds.put(ref, **fields, close_date="2027-03-01")
        self.clouds.put("crm/account/001", country="Germany", city="Berlin")
        self.clouds.put(TWIN, **{**ASKING, "offer_request": None, "tandem_key": "t-0"})
        self.world.settle()
        if made:
            self.world.work()
        if accepted and self.clouds.can_be_accepted():
            self.clouds.accept(self.clouds.can_be_accepted()[0])

    # --- people

    @rule(deal=deals, ask=st.sampled_from(["create", "create", "cancel", None]))
    def a_deal_asks(self, deal, ask) -> None:
        self.clouds.put(deal, offer_request=ask)

    @rule(deal=deals, wrong=st.booleans())
    def a_deal_changes(self, deal, wrong) -> None:
        self.number += 1
        self.clouds.put(deal, amount="-1" if wrong else f"{1000 + self.number}.50")

    @rule(deal=deals, ahead=st.integers(-2, 40))
    def a_deal_names_another_last_day(self, deal, ahead) -> None:
        self.clouds.put(deal, accept_by=(self.clouds.today + timedelta(days=ahead)).isoformat())

    @rule(deal=deals, ahead=st.integers(1, 60), cancel=st.booleans())
    def a_person_rules(self, deal, ahead, cancel) -> None:
        until = None if cancel else self.clouds.today + timedelta(days=ahead)
        ruling = Ruling.CANCEL_OFFER if cancel else Ruling.EXTEND_OFFER
        self.given.append(self.world.ruling(ruling, deal, until=until))
        self.world.publish(self.given[-1])

    @rule(number=nth)
    def a_buyer_accepts(self, number) -> None:
        offers = self.clouds.can_be_accepted()
        if offers:
            self.clouds.accept(offers[number % len(offers)])

    @rule(number=nth, status=st.sampled_from(["expired", "renewed", "replaced", "terminated", "cancelled"]))
    def an_agreement_ends(self, number, status) -> None:
        active = self.clouds.active()
        if active:
            self.clouds.end(active[number % len(active)], status)

    @rule(number=nth, ahead=st.integers(-3, 20))
    def a_person_moves_a_last_day_in_the_marketplace(self, number, ahead) -> None:
        offers = self.clouds.can_be_accepted()
        if offers:
            self.clouds.by_hand(offers[number % len(offers)], self.clouds.today + timedelta(days=ahead))

    @rule(number=st.sampled_from([1, 1, 5, 35]))
    def days_pass(self, number) -> None:
        self.clouds.now += timedelta(days=number)

    # --- machines

    @rule(number=nth, failure=st.sampled_from([None, None, None, "client_error", "server_fault"]))
    def a_change_set_goes_on(self, number, failure) -> None:
        self.world.drain()
        self.world.deliver("aws")
        at_work = self.clouds.open_change_sets()
        if at_work:
            self.clouds.progress(at_work[number % len(at_work)], failure)

    @rule()
    def all_change_sets_are_worked_off(self) -> None:
        self.world.drain()
        self.world.deliver("aws")
        while self.clouds.open_change_sets():
            self.clouds.progress(self.clouds.open_change_sets()[0])

    @rule(number=nth, times=st.sampled_from([0, 1, 1, 2]))
    def something_is_told(self, number, times) -> None:
        """Not at all, once or twice."""
        if self.clouds.dirty:
            ref = self.clouds.dirty[number % len(self.clouds.dirty)]
            for _ in range(times):
                self.world.tell(ref)

    @rule(number=nth, which=st.sampled_from(["read", "outcome", "ruling"]))
    def something_old_is_told_again(self, number, which) -> None:
        old = {"read": self.clouds.told, "outcome": self.world.finished, "ruling": self.given}[which]
        if old:
            self.world.publish(old[-1 - number % len(old)])

    @rule(name=st.sampled_from(["aws", "ace", "crm", "hs"]), limit=st.integers(1, 3), lose=st.booleans())
    def writes_arrive(self, name, limit, lose) -> None:
        self.world.deliver(name, limit, lose=lose)

    @rule()
    def the_next_request_is_refused(self) -> None:
        self.clouds.refusals = 1

    @rule()
    def the_lane_turns(self) -> None:
        self.world.turn()

    @rule(fault=st.sampled_from(["abort", "die-before", "die-after"]))
    def the_next_commit_fails(self, fault) -> None:
        self.world.broker.faults.append(fault)

    @rule()
    def the_sources_look(self) -> None:
        self.world.look()

    # --- what holds

    @rule()
    def all_come_to_rest(self) -> None:
        self.check()

    def teardown(self) -> None:
        self.check()
        self.world.work()
        self.check()
        before = self.world.outputs()
        for event in [*self.clouds.told, *self.world.finished, *self.given]:
            self.world.publish(event)
        self.world.drain()
        after = self.world.outputs()
        assert {name: said for name, said in after.items() if name != "rows"} == {
            name: said for name, said in before.items() if name != "rows"
        }
        assert self.world.replica() == after

    def check(self) -> None:
        self.world.settle(whole=True)
        assert self.world.dead() == []
        for deal in DEALS:
            expected = self.clouds.state(deal)
            if self.refused(deal):
                expected = {"create_failed"}
            assert self.world.state(deal) in expected
            assert self.world.shown(deal).get("offer_state") in expected
            self.check_chain(deal)
        fields = {name: value for name, value in self.world.shown(DEALS[0]).items() if value is not None}
        twin = {name: value for name, value in self.world.shown(TWIN).items() if value is not None}
        assert twin == fields

    def refused(self, deal) -> bool:
        """Whether the last request for a deal became no change set."""
        sent = [write.id for write in self.world.asked() if f"({deal.rpartition('/')[2]})" in str(write.fields["name"])]
        last = [each for each in self.world.finished if each.write_id in sent]
        return bool(last) and max(last, key=lambda each: sent.index(each.write_id)).status == "rejected"

    def check_chain(self, deal) -> None:
        offers, link, attempts = self.clouds.offers_of(deal), self.world.link(deal), self.clouds.attempts(deal)
        if not attempts or self.refused(deal):
            return
        done = self.clouds.records[attempts[-1]]["status"] == "succeeded"
        assert link.change_set == attempts[-1]
        assert link.offer == (offers[-1] if done else None)
        if done:
            held = [row["status"] for row in self.clouds.chain(offers[-1])]
            assert len(link.agreements) == len(held)
        if self.cosell:
            opportunities = [r for r in self.clouds.refs("cosell") if self.clouds.records[r]["deal"] in deal]
            assert len(opportunities) <= 1

    @invariant()
    def no_second_offer_stands(self) -> None:
        """Of the offers that were made for a deal at most one can be accepted or is, whatever was lost."""
        for deal in DEALS:
            live = [
                ref for ref in self.clouds.offers_of(deal) if self.clouds.offer_state(ref) & {"released", "accepted"}
            ]
            assert len(live) <= 1
            at_work = [ref for ref in self.clouds.attempts(deal) if ref in self.clouds.open_change_sets()]
            assert len(live) + len(at_work) <= 1

    @invariant()
    def no_second_association(self) -> None:
        assert len(set(self.clouds.associations)) == len(self.clouds.associations)


class WithCosell(OneMarketplace):
    """The same, and the deals are shared with the cloud vendor."""

    cosell = True


TestOneMarketplace = OneMarketplace.TestCase
TestOneMarketplace.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
TestWithCosell = WithCosell.TestCase
TestWithCosell.settings = settings(max_examples=15, stateful_step_count=40, deadline=None)
