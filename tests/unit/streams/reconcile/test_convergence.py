"""No loops, proven: whatever users, triggers, delays and crashes do, the systems come to what the ownership says."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.reconcile import Rules
from tests.unit.streams.reconcile.oracle import Oracle
from tests.unit.streams.reconcile.world import World

FIELDS = ("name", "phone", "postal_code", "city", "street", "description", "website", "country")
PAIRS = 2
PER_ACTION = 6  # commands that one edit may cause at most, over all systems, those that are sent again included

systems = st.sampled_from(["ann", "bob"])
pairs = st.integers(1, PAIRS)


def of_bob(before: dict, after: dict, own: bool) -> dict:
    """Bob's automation: codes in capitals, and the country follows the website."""
    made = {**after, "POSTAL_CODE": after["POSTAL_CODE"] and after["POSTAL_CODE"].upper()}
    if after["WEBSITE"] != before["WEBSITE"]:
        made["COUNTRY"] = after["WEBSITE"] and f"of {after['WEBSITE']}"
    return made


class TwoSystems(RuleBasedStateMachine):
    """Ann and Bob hold the same accounts. Bob's phone field is short, his codes are in capitals."""

    names: tuple[str, ...] = ("ann", "bob")
    polled = False  # whether a look shows only the last state of a record

    def __init__(self) -> None:
        super().__init__()
        # A long chain of quick answers is an automation's, by rule; here only people answer each other.
        rules = Rules(max_hops=10**6)
        self.world = World(names=self.names, triggers={"bob": of_bob}, short="bob", rules=rules)
        self.oracle = Oracle()
        self.actions = self.value = 0

    @initialize()
    def the_pairs_are_linked(self) -> None:
        for number in range(1, PAIRS + 1):
            for name in self.names:
                values = {"name": f"Company {number}", "website": f"company{number}.com"}
                self.world.crms[name].create("account", values, f"{name}{number}")
        self.world.start()
        self.world.tick()
        assert len(self.world.linked()) == PAIRS

    @rule(
        name=systems, number=pairs, fields=st.sets(st.sampled_from(FIELDS), min_size=1, max_size=2), empty=st.booleans()
    )
    def a_user_edits(self, name, number, fields, empty) -> None:
        self.world.tick(1)
        self.actions += 1
        crm, edit = self.world.crms[name], {}
        for field in sorted(fields):
            self.value += 1
            edit[field] = None if empty and field not in {"name", "website"} else f"{self.value:03} {field} by {name}"
        before = crm.values("account", f"{name}{number}")
        crm.edit("account", f"{name}{number}", edit)
        self.oracle.edited(crm, number, before)

    @rule(name=systems, limit=st.one_of(st.none(), st.integers(1, 3)))
    def a_source_is_read(self, name, limit) -> None:
        self.world.poll(name, self.polled, limit)
        self.oracle.told(self.world.crms[name])

    @rule()
    def the_lane_turns(self) -> None:
        self.world.turn()

    @rule(name=systems, limit=st.integers(1, 3))
    def some_writes_arrive(self, name, limit) -> None:
        self.world.tick(1)
        self.world.deliver(name, limit)

    @rule(name=systems, nth=st.integers(0, 50))
    def an_old_change_is_told_again(self, name, nth) -> None:
        told = self.world.crms[name].told
        self.world.publish(told[-1 - nth % len(told)])

    @rule(fault=st.sampled_from(["abort", "die-before", "die-after"]))
    def the_next_commit_fails(self, fault) -> None:
        self.world.broker.faults.append(fault)

    @rule()
    def all_come_to_rest(self) -> None:
        self.world.settle(self.polled, after_poll=self.oracle.told)
        self.check()

    def teardown(self) -> None:
        self.world.settle(self.polled, after_poll=self.oracle.told)
        self.check()
        assert self.world.replica() == self.world.outputs()

    def check(self) -> None:
        assert self.world.dead() == []
        for number in range(1, PAIRS + 1):
            self.check_pair(number)
        decided = self.decided()
        assert decided <= PER_ACTION * self.actions + 2 * PAIRS * len(self.names)
        self.world.settle(self.polled)
        assert self.decided() == decided

    def decided(self) -> int:
        return sum(len(self.world.decided(name)) for name in self.names)

    def check_pair(self, number: int) -> None:
        held = {name: self.world.crms[name].values("account", f"{name}{number}") for name in self.names}
        every, bob = list(held.values()), held["bob"]
        assert len({str(each["postal_code"]).upper() for each in every}) == 1
        for field in ("name", "website", "tandem_key"):
            assert len({each[field] for each in every}) == 1, field
        # Of several writes in flight, a source that polls cannot tell which one the org made something else of.
        exact = ("name", "phone") if self.polled else ("name", "phone", "postal_code")
        for field, value in self.oracle.winners(number, exact):
            for name, each in held.items():
                wanted = self.world.crms[name].tables["account"].held(field, value)
                assert str(each[field]).upper() == str(wanted).upper(), (field, name)
        for _, value in self.oracle.winners(number, ("city",), of="ann"):
            assert {each["city"] for each in every} == {value}
        # A country that came together with a website was made into something else by Bob's automation.
        assert {each["country"] for each in every} <= {held["ann"]["country"], f"of {bob['website']}"}
        assert len({each["street"] is None for each in every}) == 1
        different = len({each["description"] for each in every}) > 1
        assert different == any(f"ann/account/ann{number}" in conflict.refs for conflict in self.world.open("manual"))
        assert self.world.open("field") == self.world.open("automation") == self.world.open("crosswalk") == []

    @invariant()
    def no_write_goes_where_it_must_not(self) -> None:
        for crm in self.world.crms.values():
            for _, name, old, new in crm.overwrote:
                assert old != new
                assert name != "description"
                assert name != "street" or old is None
                assert name != "city" or crm.name != "ann"


class TwoPolledSystems(TwoSystems):
    """The same, read by sources that see only the last state of each record."""

    polled = True


class ThreeSystems(TwoSystems):
    """The same with a third one."""

    names = ("ann", "bob", "cyd")

    @rule(number=pairs, field=st.sampled_from(FIELDS))
    def a_user_of_the_third_edits(self, number, field) -> None:
        self.world.tick(1)
        self.actions += 2  # it concerns two others
        self.value += 1
        before = self.world.cyd.values("account", f"cyd{number}")
        self.world.cyd.edit("account", f"cyd{number}", {field: f"{self.value:03} {field} by cyd"})
        self.oracle.edited(self.world.cyd, number, before)

    @precondition(lambda self: self.actions)
    @rule(limit=st.integers(1, 3))
    def the_third_is_read_and_written(self, limit) -> None:
        self.world.poll("cyd")
        self.oracle.told(self.world.cyd)
        self.world.deliver("cyd", limit)


TestTwoSystems = TwoSystems.TestCase
TestTwoSystems.settings = settings(max_examples=40, stateful_step_count=40)
TestTwoPolledSystems = TwoPolledSystems.TestCase
TestTwoPolledSystems.settings = settings(max_examples=40, stateful_step_count=40)
TestThreeSystems = ThreeSystems.TestCase
TestThreeSystems.settings = settings(max_examples=20, stateful_step_count=40)
