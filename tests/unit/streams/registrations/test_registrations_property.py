"""Whatever comes in whatever order, twice, or around a crash: one partner is protected for a company, the first valid one."""

from collections import defaultdict
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.engagement import ApprovalRule, Level, load
from schemas import topics
from schemas.messages import Message, RegistrationDecided, Ruling
from schemas.partners import RegistrationStatus as S
from streams.registrations.judging import judge
from streams.registrations.transitions import MOVES
from tests.unit.streams.registrations.world import ACME, DANA, World, after, known, of

SPELLINGS = {
    "acme": ("Acme Robotics GmbH", "ACME Robotics", "acme-robotics gmbh", "Acme Robotics, Inc."),
    "globex": ("Globex Trading Ltd", "GLOBEX Trading", "Globex Trading Limited", "globex trading"),
}
SITES = {"acme": "https://acme.com", "globex": "https://globex.test"}
PARTNERS = ("blue", "red", "green")
BY_PERSON = (
    ApprovalRule(name="all", levels=(Level(approvers=("partner_manager",), escalate_to=("channel_managers",)),)),
)

# What can bring two protections together comes more often than what ends one.
HANDS = ("approved", "approved", "approved", "submitted", "rejected", "lost")
RULED = (
    *(each for each in Ruling if "registration" in each),
    *[Ruling.APPROVE_REGISTRATION, Ruling.REASSIGN_REGISTRATION] * 2,
)
one = st.fixed_dictionaries(
    {
        "company": st.sampled_from(["acme", "acme", "acme", "globex"]),
        "spelling": st.integers(0, 3),
        "partner": st.sampled_from(PARTNERS),
        "valid": st.sampled_from([True, True, True, False]),
    }
)
some = st.lists(one, min_size=2, max_size=5)


def record(nth: int, what: dict) -> dict:
    company = what["company"]
    return {
        **ACME, "company": SPELLINGS[company][what["spelling"]], "website": SITES[company], "partner": what["partner"],
        "contact_email": f"ada@{SITES[company].removeprefix('https://')}", "submitted_at": after(nth).isoformat(),
        "amount": "12500.00" if what["valid"] else None,
    }  # fmt: skip


def submitted(nth: int, what: dict, version: int = 1, **more) -> Message:
    return of("registration", f"r{nth}", version, {**record(nth, what), **more}, after(nth))


def number(ref: str) -> int:
    return int(ref.rpartition("/r")[2])


def watched(facts: list[RegistrationDecided], drawn: list[dict]) -> dict[int, RegistrationDecided]:
    """The last fact of each; after none of them are two partners protected for one company, and each move is in the table."""
    latest: dict[int, RegistrationDecided] = {}
    for fact in facts:
        nth = number(fact.registration)
        before = latest[nth].status if nth in latest else None
        assert fact.previous == before
        assert fact.status is before or fact.status in MOVES[before]
        latest[nth] = fact
        holders = defaultdict(set)
        for each, last in latest.items():
            if last.status is S.APPROVED:
                holders[drawn[each]["company"]].add(last.partner)
        assert all(len(partners) == 1 for partners in holders.values()), holders
    return latest


def first_valid(drawn: list[dict]) -> dict[str, int]:
    found: dict[str, int] = {}
    for nth, what in enumerate(drawn):
        if what["valid"]:
            found.setdefault(what["company"], nth)
    return found


def reproducible(world: World) -> None:
    judged = [case for case in world.cases() if case.inputs is not None]
    assert judged
    for case in judged:
        assert judge(case.inputs, world.rules) == case.verdict


@settings(max_examples=40, deadline=None)
@given(drawn=some, data=st.data())
def test_the_first_valid_one_is_protected_in_whatever_order_all_were_read(drawn, data):
    events = [*(submitted(nth, what) for nth, what in enumerate(drawn)), *map(known, PARTNERS)]
    order = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=3))]))
    world = World(started=False)
    world.broker.faults = data.draw(st.lists(st.sampled_from([None, "abort", "die-before", "die-after"]), max_size=4))
    world.tell(*order).look()
    latest = watched(world.facts, drawn)
    approved = {nth for nth, fact in latest.items() if fact.status is S.APPROVED}
    assert set(first_valid(drawn).values()) <= approved
    assert {nth for nth, fact in latest.items() if fact.status is S.RETURNED} == {
        nth for nth, what in enumerate(drawn) if not what["valid"]
    }
    reproducible(world)


@settings(max_examples=40, deadline=None)
@given(drawn=some, data=st.data())
def test_as_long_as_nobody_has_approved_the_order_of_arrival_does_not_count(drawn, data):
    order = data.draw(st.permutations(range(len(drawn))))
    world = World(approval=BY_PERSON)
    for nth in order:
        world.tell(submitted(nth, drawn[nth]))
    latest = watched(world.facts, drawn)
    assert set(first_valid(drawn).values()) <= {nth for nth, fact in latest.items() if fact.status is S.IN_REVIEW}
    for company, nth in first_valid(drawn).items():
        others = [
            latest[each].status
            for each, what in enumerate(drawn)
            if what["valid"] and each != nth and what["company"] == company and what["partner"] != drawn[nth]["partner"]
        ]
        assert set(others) <= {S.SUBMITTED}
        world.ruling(Ruling.APPROVE_REGISTRATION, f"r{nth}", by=DANA)
        assert world.status(f"r{nth}") == "approved"
    watched(world.facts, drawn)


@settings(max_examples=40, deadline=None)
@given(drawn=some, data=st.data())
def test_one_that_comes_late_is_protected_or_a_person_decides_between_the_two(drawn, data):
    order = data.draw(st.permutations(range(len(drawn))))
    world = World()
    for nth in order:
        world.tell(submitted(nth, drawn[nth]))
    latest = watched(world.facts, drawn)
    for nth in first_valid(drawn).values():
        fact = latest[nth]
        if fact.status is not S.APPROVED:
            assert fact.status is S.IN_REVIEW
            against = latest[number(fact.conflict_with)]
            assert against.status is S.APPROVED
            assert order.index(number(fact.conflict_with)) < order.index(nth)
    reproducible(world)


deeds = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.integers(0, 4)),
        st.tuples(st.just("again"), st.integers(0, 4)),
        st.tuples(st.just("company"), st.integers(0, 4)),
        st.tuples(st.just("by hand"), st.integers(0, 4), st.sampled_from(HANDS)),
        st.tuples(st.just("rule"), st.integers(0, 4), st.sampled_from(RULED)),
        st.tuples(st.just("partner"), st.sampled_from(PARTNERS), st.sampled_from(["active", "inactive"])),
        st.tuples(st.just("days"), st.sampled_from([0.5, 3, 14, 31, 90])),
        st.tuples(st.just("deal"), st.integers(0, 4), st.sampled_from(["won", "lost", "meeting"])),
    ),
    max_size=14,
)


class Life:
    """Five registrations, partners and deals to which anything may happen."""

    def __init__(self, drawn: list[dict], by_person: bool) -> None:
        self.drawn, self.versions = drawn, defaultdict(int)
        self.said: dict[int, dict] = defaultdict(dict)
        self.world = World(approval=BY_PERSON if by_person else load().approval)

    def put(self, nth: int, **more) -> None:
        self.said[nth] |= more
        self.versions[nth] += 1
        self.world.tell(submitted(nth, self.drawn[nth], self.versions[nth], **self.said[nth]))

    def does(self, deed: tuple) -> None:
        world, nth = self.world, deed[1] if isinstance(deed[1], int) else 0
        nth %= len(self.drawn)
        match deed[0]:
            case "submit" | "again":
                self.put(nth, **({"amount": "12500.00"} if deed[0] == "again" else {}))
            case "company":
                other = {"acme": "globex", "globex": "acme"}[self.drawn[nth]["company"]]
                self.drawn[nth] = {**self.drawn[nth], "company": other}
                self.put(nth)
            case "by hand":
                self.put(nth, status=deed[2])
            case "rule":
                until = world.now.date() + timedelta(days=110)
                world.ruling(Ruling(deed[2]), f"r{nth}", partner=PARTNERS[nth % 3], until=until)
            case "partner":
                world.tell(known(deed[1], status=deed[2]))
            case "days":
                world.later(days=deed[1])
            case "deal":
                self.put(nth, deal=f"00{nth}")
                world.deal(f"00{nth}", stage=deed[2])


@settings(max_examples=40, deadline=None)
@given(drawn=some, life=deeds, by_person=st.booleans())
def test_whatever_happens_no_two_partners_are_protected_for_one_company(drawn, life, by_person):
    lived = Life([dict(what) for what in drawn], by_person)
    for nth in range(len(drawn)):
        lived.does(("submit", nth))
    for deed in life:
        lived.does(deed)
        approved = [case for case in lived.world.cases() if case.status is S.APPROVED]
        holders = defaultdict(set)
        for case in approved:
            holders[lived.drawn[number(case.ref)]["company"]].add(case.partner)
        assert all(len(partners) == 1 for partners in holders.values()), (deed, holders)
    reproducible(lived.world)


@settings(max_examples=20, deadline=None)
@given(drawn=some, life=deeds)
def test_the_same_events_lead_to_the_same_decisions_and_once_more_to_none(drawn, life):
    lived = Life([dict(what) for what in drawn], by_person=False)
    for nth in range(len(drawn)):
        lived.does(("submit", nth))
    for deed in life:
        lived.does(deed)
    facts, topic = lived.world.facts, topics.REGISTRATION_CHANGES.name
    again = World(started=False, rules=lived.world.rules)
    for spot, records in list(lived.world.broker.topics.items()):
        again.broker.topics[spot] += records if spot.topic == topic else []
    again.tell()
    assert [fact.id for fact in again.facts] == [fact.id for fact in facts]
    lived.world.look().look()
    settled = len(lived.world.facts), len(lived.world.notices), len(lived.world.writes("registration_outcome", "prm"))
    lived.world.look()
    assert (
        len(lived.world.facts), len(lived.world.notices), len(lived.world.writes("registration_outcome", "prm"))
    ) == settled  # fmt: skip
