"""A key that very many hold costs as little as any other: counted in rows that are read, written and messages, not in time."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.messages import AccountCard, HotKeyFound, NameCrowd, PairScored, Presence
from streams.accounts.holders import Holder
from streams.accounts.pairs import Pairs
from streams.matching.features import features
from streams.matching.keys import CAP
from tests.unit.streams.accounts.test_flow import ACME

AT = datetime(2026, 1, 1, tzinfo=UTC)
MANY = 100_000
ACME_TEXT = features(ACME).dumps()


class Rows:
    """The rows of one key in a dict, which counts what a decision reads."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.parties: dict[str, dict[str, Any]] = {"us": {}, "partner:acme": {}}
        self.read = 0

    def get(self, name: str) -> Any:
        self.read += 1
        return self.rows.get(name)

    def scan(self, prefix: str, limit: int) -> Mapping[str, Any]:
        names = sorted(self.parties[prefix.rstrip("/")])[:limit]
        self.read += len(names) + 1
        return {name: self.rows[name] for name in names}

    def set(self, rows: Mapping[str, Any]) -> None:
        for name, row in rows.items():
            side = self.parties.get(name.partition("/")[0], {})
            if row is None:
                self.rows.pop(name, None)
                side.pop(name, None)
            else:
                self.rows[name] = row
                if isinstance(row, Holder):
                    side[name] = True


class Key:
    """One key and the decision over it; `cost` is the most that an event has read, written and said."""

    def __init__(self, key: str) -> None:
        self.key, self.rows, self.pairs = key, Rows(), Pairs(["partner:acme"])
        self.said: Counter[type] = Counter()
        self.last: HotKeyFound | None = None
        self.cost, self.version = 0, 0

    def tell(self, party: str, number: int, *, held: bool = True, text: str = ACME_TEXT) -> int:
        self.version += 1
        card = AccountCard(record_id=str(number), name="Acme", population="prospect") if party != "us" else None
        event = Presence(
            key=self.key, ref=f"crm/account/{number}", party=party, version=self.version, held=held,
            features=text if held else "", card=card, cause="c", at=AT,
        )  # fmt: skip
        self.rows.read = 0
        decision = self.pairs.decide(self.rows, event)
        self.rows.set(decision.rows)
        cost = self.rows.read + len(decision.rows) + len(decision.emissions)
        self.said.update(type(said.message) for said in decision.emissions)
        found = [said.message for said in decision.emissions if isinstance(said.message, HotKeyFound)]
        self.last = found[-1] if found else self.last
        return cost


@pytest.mark.parametrize("key", ["domain:webmail.example", "name:burgerhouse"])
def test_a_hundred_thousand_accounts_under_one_key_cost_a_few_operations_each(key: str):
    held = Key(key)
    for number in range(CAP + 5):
        held.tell("partner:acme", number)
    for number in range(10):
        held.tell("us", number)
    costs = [held.tell("partner:acme", number) for number in range(CAP + 5, MANY)]
    assert max(costs) <= 6  # two rows read, two written, and now and then a word about the key
    assert held.said[HotKeyFound] <= 13  # at the cap and at each doubling
    assert held.last is not None
    assert (held.last.hot, held.last.counts["us"]) == (True, 10)
    assert held.last.counts["partner:acme"] > MANY / 2
    assert held.last.skipped == 10 * held.last.counts["partner:acme"]


def test_an_account_of_ours_under_a_hot_key_is_compared_with_none_and_learns_how_crowded_its_name_is():
    held = Key("name:burgerhouse")
    for number in range(CAP + 1):
        held.tell("partner:acme", number)
    assert held.tell("us", 1) <= 6
    assert held.said[PairScored] == 0
    assert held.said[NameCrowd] == 1


def test_a_key_that_goes_back_and_forth_over_its_cap_costs_at_most_what_one_block_holds():
    held, other = (
        Key("domain:acme.com"),
        features(ACME.model_copy(update={"name": "Zyx", "website": "zyx.com"})).dumps(),
    )
    for number in range(CAP):
        held.tell("partner:acme", number, text=ACME_TEXT if number < 3 else other)
    held.tell("us", 1)
    assert held.said[PairScored] == 3
    for _ in range(20):
        over = held.tell("partner:acme", CAP, text=other)
        back = held.tell("partner:acme", CAP, held=False)
        assert max(over, back) <= 3 * CAP
    assert held.said[PairScored] == 3 + 20 * 2 * 3  # those that match go and come; nothing is said of the others
    assert held.last is not None
    assert not held.last.hot


def test_those_of_a_crowd_of_ours_are_each_told_once_and_all_are_told_when_it_shrinks():
    held = Key("name:burgerhouse")
    for number in range(CAP + 20):
        held.tell("us", number)
    before = held.said[NameCrowd]
    assert held.tell("us", CAP + 20) <= 7
    assert held.said[NameCrowd] == before + 1
    for number in range(21):
        held.tell("us", number, held=False)
    assert held.said[NameCrowd] == before + 1 + 21 + CAP
