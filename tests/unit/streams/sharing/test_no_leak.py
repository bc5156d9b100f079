"""Nobody learns of what is not shared: two worlds that differ in nothing else look the same to the partner, everywhere."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.entities import Account
from schemas.messages import Ruling
from streams.sharing.gate import Gate
from streams.sharing.view import Holding, as_told, card, consent_of, view
from tests.unit.streams.sharing.lane import Desk, after, listed, offered, ruled, withdrawn
from tests.unit.streams.sharing.worlds import agreed

NUMBERS = st.integers(0, 5)
SECRETS = (9, 10, 11)  # the numbers of the accounts that are not shared, in one of the two worlds
LEVELS = st.sampled_from(["all", "overlaps", "counts", "hidden"])
FIELDS = st.sampled_from(["minimal", "standard", "full"]) | st.lists(
    st.sampled_from(["id", "name", "website", "owner_name", "population", "reasons", "confidence", "city"]), unique=True
)
RULINGS = st.sampled_from([Ruling.CONSENT_SHARING, Ruling.REVOKE_SHARING, Ruling.RELEASE_SHARING])
SMALL = st.sampled_from([1, 3])
POPULATIONS = st.sampled_from(["customer", "open_opportunity", "prospect"])
CAPS = "[caps]\nlargest_list = 5\nfirst_days = 1\nadds_per_day = 3\nchanged_share = 0.5\nleast = 1\n"
HIDING = '[populations.secret]\nreport = "Secret"\n'
# What nobody is to find anywhere: the values of an account that is not shared.
CANARY = Account(
    name="Canary Kanari GmbH",
    website="canary.example",
    owner_name="Carla Canary",
    city="Canary Wharf",
    phone="004712345678",
    lists=("Secret",),
)


def policy(level: str, levels: dict[str, str], fields: object, ours: bool, theirs: bool, small: int = 3) -> str:
    own = {"secret": level} | levels
    lines = ["levels = { " + ", ".join(f'{name} = "{each}"' for name, each in own.items()) + " }"]
    lines += [f"fields = {fields!r}".replace("'", '"')]
    lines += ['ours = { by = "Dana", on = 2026-01-01 }'] * ours + ['theirs = { by = "Mei", on = 2026-01-01 }'] * theirs
    return CAPS + f"[counts]\nsmall = {small}\n" + HIDING + "[partners.acme]\n" + "\n".join(lines) + "\n"


def policies(of_secret: Sequence[str]):
    levels = st.dictionaries(POPULATIONS, LEVELS)
    return st.builds(
        policy, st.sampled_from(of_secret), levels, FIELDS, st.sampled_from([True, True, False]), st.booleans(), SMALL
    )


accounts = st.builds(
    lambda number, population, owner: Account(name=f"Company {number}", population=population, owner_name=owner),
    NUMBERS,
    POPULATIONS,
    st.sampled_from(["Dana", "Tom"]),
)
events = st.one_of(
    st.tuples(st.just("listed"), NUMBERS, st.booleans()),
    st.tuples(st.just("offered"), NUMBERS, accounts),
    st.tuples(st.just("offered"), NUMBERS, accounts),
    st.tuples(st.just("withdrawn"), NUMBERS, st.none()),
    st.tuples(st.just("ruled"), RULINGS, st.none()),
    st.tuples(st.just("secret"), NUMBERS, st.booleans()),  # accounts that are not shared come, change, move or go
    st.tuples(st.just("policy"), st.just(0), st.none()),  # a restart with the next policy
)
BEFORE = [*(("listed", number, True) for number in range(5)), ("secret", 1, True)]
scripts = st.lists(events, max_size=20).map(lambda rest: BEFORE + rest)
Secret = Callable[[int], Account | None]  # the account that is not shared, at each step


def why(account: Account) -> tuple[str, ...]:
    """Sentences as the matching writes them, of whatever the two have in common or not."""
    told = [f"same name '{account.name}'", f"different streets: {account.street} and Hauptstr. 1"]
    told += [f"same city: {account.city}", f"same phone number {account.phone}", f"same web domain {account.website}"]
    return tuple(told)


class World:
    """The hub of one deployment, and all that its partner can get at."""

    def __init__(self, texts: Sequence[str], secret: Secret) -> None:
        self.texts, self.secret, self.policies = texts, secret, 0
        self.desk = Desk(agreed(texts[0]))
        self.ours: dict[int, tuple[Account, int]] = {}
        self.offered: dict[int, object] = {}
        self.seen: list[dict[str, object]] = []

    @property
    def gate(self) -> Gate:
        return Gate(agreed(self.texts[self.policies]), "Borealis", consent_of(self.desk.audit()))

    def takes(self, nth: int, kind: str, which, what) -> None:
        at, days = float(nth), nth // 6
        if kind == "listed":
            self.desk.take(listed(which, at, days, present=what))
        elif kind == "offered":
            self._holds(which, what, which, at, days)
        elif kind == "withdrawn":
            self._lets_go(which, at, days)
        elif kind == "ruled":
            self.desk.take(ruled(which, at, days))
        elif kind == "policy":
            self.policies = (self.policies + 1) % len(self.texts)
            self.desk.restart(agreed(self.texts[self.policies]))
            self.desk.take(listed(0, at, days))
        elif (secret := self.secret(nth)) is not None:
            for number, met in zip(SECRETS, (which, 0, 3), strict=True):
                self._holds(number, secret, met, at, days) if what else self._lets_go(number, at, days)
        self.seen.append(self.looks())

    def _holds(self, number: int, account: Account, meets: int, at: float, days: float) -> None:
        """As account mapping does: what is the same as before is not offered again."""
        shown = card(self.gate, Holding(f"00{number}", account))
        self.ours[number], before = (account, meets), self.offered.get(number)
        self.offered[number] = (shown, meets, why(account))
        if self.offered[number] == before:
            return
        self.desk.take(offered(number, at, days, meets, shown, reasons=why(account), last_changed=after(at, days)))

    def _lets_go(self, number: int, at: float, days: float) -> None:
        self.ours.pop(number, None)
        if self.offered.pop(number, None) is not None:
            self.desk.take(withdrawn(number, at, days))

    def looks(self) -> dict[str, object]:
        """Everything that the partner can get at, as it is now."""
        found = view(self.gate, [self._holding(number) for number in sorted(self.ours)])
        return {
            "preview": found.overlaps,
            "report": found.rows,
            "counts": found.counts,
        }

    def ends(self) -> dict[str, object]:
        """What was told on the way, all of it."""
        return {
            "writes": [(w.key, w.action, w.fields, w.reasons, w.decided_at) for w in self.desk.writes()],
            "records": self.desk.crm(),
            "audit": [told for entry in self.desk.audit() if (told := as_told(entry)) is not None],
        }

    def _holding(self, number: int) -> Holding:
        account, meets = self.ours[number]
        shown = card(self.gate, Holding(f"00{number}", account))
        said = offered(number, meets=meets, said=shown, reasons=why(account))
        return Holding(f"00{number}", account, said.overlap)


def always(account: Account | None) -> Secret:
    return lambda nth: account


def played(script, texts: Sequence[str], secret: Secret) -> World:
    world = World(texts, secret)
    for nth, (kind, which, what) in enumerate(script):
        world.takes(nth, kind, which, what)
    assert world.desk.dead() == []
    world.seen.append(world.looks() | world.ends())
    return world


@settings(max_examples=40, deadline=None)
@given(script=scripts, texts=st.lists(policies(["hidden"]), min_size=1, max_size=3))
def test_a_hidden_account_changes_nothing_that_the_partner_can_see(script, texts):
    with_it, without = played(script, texts, always(CANARY)), played(script, texts, always(None))
    assert with_it.seen == without.seen
    assert "anar" not in repr(with_it.seen)


@settings(max_examples=25, deadline=None)
@given(script=scripts, texts=st.lists(policies(["hidden", "counts"]), min_size=1, max_size=3))
def test_an_account_in_counts_shows_in_nothing_but_counts_and_there_only_among_enough_others(script, texts):
    with_it, without = played(script, texts, always(CANARY)), played(script, texts, always(None))
    for one, other in zip(with_it.seen, without.seen, strict=True):
        for (mine, theirs), number in one["counts"].cells.items():
            before = other["counts"].cells[mine, theirs]
            assert number == before or (mine == "secret" and number is not None and number > 0)
        assert {**one, "counts": 0} == {**other, "counts": 0}


@pytest.mark.parametrize("fields", [["name"], ["name", "website", "city", "reasons"]])
@pytest.mark.parametrize("name", ["owner_name", "industry", "description", "street", "phone", "postal_code"])
@settings(max_examples=4, deadline=None)
@given(script=scripts)
def test_a_field_that_is_not_shared_changes_nothing_that_the_partner_can_see(script, fields, name):
    texts = [policy("all", {"customer": "all"}, fields, ours=True, theirs=True)]
    changing: Secret = lambda nth: CANARY.model_copy(update={name: f"Carla Canary {nth}"})  # noqa: E731
    without = CANARY.model_copy(update={name: None})
    assert played(script, texts, changing).seen == played(script, texts, always(without)).seen


@pytest.mark.parametrize("level", ["all", "overlaps"])
def test_the_two_worlds_of_these_tests_do_differ_where_the_account_is_shared(level):
    texts = [policy(level, {}, "full", ours=True, theirs=True)]
    script = [("listed", 1, True), ("secret", 1, True)]
    with_it, without = played(script, texts, always(CANARY)), played(script, texts, always(None))
    assert with_it.seen != without.seen
    for place in ("writes", "records", "preview", "report", "counts", "audit"):
        assert with_it.seen[-1][place] != without.seen[-1][place]
    assert with_it.gate.population(CANARY) == "secret"
