"""Whatever is told late, twice, out of order or never: one look, and the facts are those of a single reading of it all."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.messages import CertificationDecided, CertificationStatus, Changed, ChangeKind, NoticeGiven, PartnerDecided
from schemas.partners import PartnerStatus
from streams.enablement.spans import add_months
from tests.unit.streams.enablement.world import START, TIERS, World, setup, tier_rules

DAY = timedelta(days=1)
NAMES = ("Acme Cloud", "ACME Cloud GmbH", "Bolt Systems", "Cirrus Partners")
HOSTS = (None, "acme.com", "bolt.io")
PEOPLE = ("ada@acme.com", "bob@bolt.io", "eve@gmail.com")
GRACELESS = setup(rules=tier_rules(tiers=tuple(each.model_copy(update={"grace_days": 0}) for each in TIERS)))
hours = st.integers(-500, 100).map(lambda days: START + days * DAY)
refs = st.sampled_from(("crm/partner/1", "crm/partner/2", "prm/partner/1", "prm/partner/9"))

partner = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES), "website": st.sampled_from(HOSTS), "key": st.sampled_from((None, None, None, "k")),
        "status": st.sampled_from(("active", "active", "inactive")), "types": st.sampled_from(((), ("reseller",))),
    }
)  # fmt: skip
named = st.sampled_from(("1", "2", "9", "k"))
user = st.fixed_dictionaries({"email": st.sampled_from(PEOPLE), "partner": named, "active": st.booleans()})
learner = st.fixed_dictionaries({"email": st.sampled_from(PEOPLE)})
credential = st.fixed_dictionaries(
    {
        "learner": st.sampled_from(("7", "8")), "email": st.sampled_from((None, *PEOPLE)), "item": st.just("17"),
        "issued_at": hours, "expires_at": st.one_of(st.none(), hours), "revoked": st.sampled_from((False, False, True)),
    }
)  # fmt: skip
statement = st.one_of(
    st.fixed_dictionaries({
        "learner": st.sampled_from([f"mailto:{each}" for each in PEOPLE]), "meaning": st.just("completed"),
        "item": st.sampled_from(("42", "43", "https://lms.example/badge/17")), "at": hours,
    }),
    st.fixed_dictionaries({
        "learner": st.just("mailto:admin@lms.example"), "meaning": st.just("voided"),
        "item": st.sampled_from(("0", "1", "2")), "at": hours,
    }),
)  # fmt: skip
sale = st.fixed_dictionaries(
    {"partner": named, "amount": st.sampled_from(("600.00", "400.00")), "currency": st.sampled_from(("USD", "EUR")),
     "at": hours, "external_id": st.sampled_from((None, "0", "t"))}
)  # fmt: skip
deal = st.fixed_dictionaries(
    {"name": st.just("d"), "stage": st.sampled_from(("won", "won", "lost")), "partner": named, "amount": st.just("500.00"),
     "currency": st.just("USD"), "close_date": hours.map(lambda at: at.date()), "tandem_key": st.sampled_from((None, "t"))}
)  # fmt: skip
number = st.integers(0, 2).map(str)


def record(prefixes: tuple[str, ...], fields: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(st.tuples(st.sampled_from(prefixes), number).map("".join), fields)


changes = st.lists(
    st.one_of(
        st.tuples(refs, st.one_of(partner, partner, st.none())),
        record(("crm/partner_user/", "prm/partner_user/"), st.one_of(user, st.none())),
        st.tuples(st.sampled_from(("lms/learner/7", "lms/learner/8")), learner),
        record(("lms/credential/",), credential),
        record(("prm/transaction/",), st.one_of(sale, st.none())),
        record(("crm/deal/", "prm/deal/"), deal),
    ),
    min_size=4,
    max_size=22,
)
statements = st.dictionaries(number.map(lambda it: f"lrs/statement/{it}"), statement, max_size=3)


def made(world: World, told: list[tuple[str, dict | None]]) -> list[Changed]:
    return [
        world.change(ref, **fields) if fields is not None else world.change(ref, ChangeKind.DELETED)
        for ref, fields in told
    ]


def last(events: list[Changed]) -> list[Changed]:
    return list({each.ref: each for each in events}.values())


def facts(world: World) -> tuple[dict, dict]:
    """What stands, but for how it came about: who is gone, and what is over, is the same as what never was."""
    partners = {
        each.refs: each.model_dump(exclude={"id", "causes", "decided_at", "partner", "tier_since"})
        for each in world.partners.values()
        if each.refs and each.reasons[0][:5] not in ("Every", "Its r")
    }
    refs_of = {each.partner: each.refs for each in world.partners.values()}
    held = {
        key: each.model_dump(exclude={"id", "causes", "decided_at", "partner"})
        | {"of": refs_of.get(each.partner or "")}
        for key, each in world.certifications.items()
        if each.status is not CertificationStatus.REVOKED
    }
    return partners, held


def said_once(world: World) -> None:
    notices = [each.id for each in world.of(NoticeGiven)]
    assert len(notices) == len(set(notices))


@given(first=changes, then=changes, stated=statements, chance=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_facts_are_those_of_the_last_records_however_they_were_told(first, then, stated, chance):
    source = World(GRACELESS)
    before, after = made(source, first), made(source, [*then, *stated.items()])
    world = World(GRACELESS)
    for batch, final in ((before, last(before)), (after, last([*before, *after]))):
        told = [each for each in batch if chance.random() < 0.8] + [each for each in batch if chance.random() < 0.3]
        told += final  # the next look tells what was lost
        chance.shuffle(told)
        for event in told:
            world.take(event)
        world.look(1)
    once = World(GRACELESS)
    once.now = world.now - DAY
    for event in sorted(last([*before, *after]), key=lambda each: each.ref):
        once.take(event)
    once.look(1)
    assert facts(world) == facts(once)
    for each in (world, once):
        each.look(45)
        said_once(each)
    assert facts(world) == facts(once), "and as time goes on"


badges = st.lists(st.tuples(number, hours, st.one_of(st.none(), hours), st.booleans()), min_size=1, max_size=5)


def counts(held: dict[str, tuple[datetime, datetime | None, bool]], at: datetime) -> bool:
    ends = [(issued, expires or add_months(issued, 12)) for issued, expires, revoked in held.values() if not revoked]
    return any(issued <= at < end for issued, end in ends)


@given(told=badges, steps=st.lists(st.integers(1, 90), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_certification_counts_from_its_issue_to_its_end_and_never_outside_of_it(told, steps):
    world = World().acme()
    held = {number: (issued, expires, revoked) for number, issued, expires, revoked in told}
    for number, (issued, expires, revoked) in held.items():
        world.badge(number=int(number), issued=issued, expires_at=expires, revoked=revoked)
    world.look()
    for days in (0, *steps):
        world.look(days)
        cert = world.cert()
        in_force = cert is not None and cert.status in (CertificationStatus.IN_FORCE, CertificationStatus.LAPSING)
        wanted = counts(held, world.now)
        assert in_force == wanted
        (partner,) = world.partners.values()
        assert bool(partner.certifications) == wanted
    said_once(world)


@given(told=changes)
@settings(max_examples=30, deadline=None)
def test_a_record_stands_for_one_partner_and_what_is_said_is_never_said_again(told):
    world = World()
    world.look()
    for event in made(world, told):
        world.take(event)
    spoken = [ref for each in world.partners.values() for ref in each.refs if each.status is not PartnerStatus.INACTIVE]
    assert len(spoken) == len(set(spoken))
    for kind, name in ((PartnerDecided, "partner"), (CertificationDecided, "email")):
        latest: dict = {}
        for each in world.of(kind):
            key = (getattr(each, name), getattr(each, "program", ""))
            content = each.model_dump(exclude={"id", "causes", "decided_at"})
            assert latest.get(key) != content
            latest[key] = content
