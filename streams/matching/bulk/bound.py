"""Says how sure two accounts can be to be one at most, for many pairs at once; never says how sure they are.

What cannot be seen in an outline counts as speaking for the pair: findings that are not named here have their whole
weight if it is positive, and are left out if not. So a bound is never too low: a test holds every score against it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from streams.matching.bulk.outline import BIT, LONG_PHONE, Codes, Outlines, codes
from streams.matching.bulk.words import Floats, Words, Yes
from streams.matching.model import Model
from streams.matching.naming import LEAST_INITIALS, MOST_INITIALS
from streams.matching.places import SUBSCRIBER_DIGITS
from streams.matching.tables import families
from streams.matching.weights import ENOUGH_BITS, RARE_BITS

# Findings that only pairs have that are never ruled out: they share a domain, or one has further names.
BEYOND = frozenset({
    "domain_same", "domain_former", "domain_contact", "country_differs_at_domain", "short_alone_at_domain",
    "longer_at_domain", "other_name",
})  # fmt: skip
SEEN = BEYOND | {
    "shared_words", "rare_word", "same_name", "same_spelling", "generic_name", "nothing_left", "word_begins",
    "swapped", "number_differs", "side_differs", "no_word_shared", "listing_differs", "street_same_alone", "first_word",
    "acronym", "guessed", "short_alone", "long_tail", "long_tail_whole", "long_inside", "both_say_more", "short_alone_at_place",
    "longer_at_place", "short_alone_spelled", "longer_spelled", "domain_differs", "domain_differs_same_name",
    "domain_differs_same_label", "domain_spells_name", "domain_starts_name", "domain_initials", "country_same",
    "country_differs", "country_differs_same_name", "city_same", "city_within", "city_differs", "postal_code_same",
    "postal_code_near", "postal_code_differs", "street_same", "street_number_differs", "street_differs", "unit_differs",
    "phone_same", "phone_near", "phone_differs", "phone_same_elsewhere",
}  # fmt: skip
FREE = ("swapped", "number_differs", "side_differs", "no_word_shared", "listing_differs")
MOST = 6.0  # the highest value of any finding, in tens of bits
ROUNDING = 0.05  # of log-odds: bits are rounded to twentieths in an outline, sums to four digits in a score


@dataclass(frozen=True)
class Bound:
    """The most that a model can give a pair, in log-odds; infinite where it is not to be ruled out."""

    model: Model

    def weight(self, name: str) -> float:
        """Of a finding; nothing for one that the model does not have."""
        return self.model.weights.get(name, 0.0)

    @cached_property
    def unseen(self) -> float:
        """What findings that are not known here can add."""
        return MOST * sum(max(0.0, weight) for name, weight in self.model.weights.items() if name not in SEEN)

    @cached_property
    def free(self) -> float:
        """What findings that no outline tells of can add."""
        return sum(max(0.0, self.weight(name)) for name in FREE)

    @cached_property
    def kinds(self) -> Codes:
        """The words that make one name a unit of the other, see `families`."""
        table = families()
        return np.unique(codes([*table.places, *table.branches, *table.divisions]))

    def __call__(self, a: Outlines, b: Outlines, crowd: Any) -> Floats:
        """For each pair of outlines; `crowd` is the level of each pair's name."""
        same = _met(a, b, "name")
        at_place = self.places(a, b)
        labels = _spelled(a, b)
        words = Words(a, b)
        found: Floats = np.full(len(a), self.model.base + self.unseen + ROUNDING, np.float32)
        found += at_place[0] + self.web(a, b, same, labels) + self.land(a, b, same)
        excuse = at_place[1] | labels[0]
        acronym = _acronym(a, b)
        apart = self.apart(a, b, words, excuse)
        names = np.where(same, self.alike(words, np.array(self.model.crowd)[crowd]), self.like(words) + apart)
        found += np.where(acronym, np.maximum(names, self.weight("acronym")), names)
        tied = _shared(a["domain"], b["domain"]) | _shared(a["id"], b["id"]) | a["open"] | b["open"]
        found[tied | self.kin(a, b, words)] = np.inf
        return found

    def alike(self, words: Words, crowd: Any) -> Any:
        """Of one name for both."""
        found = (
            self.free
            + self._shared(words)
            + crowd
            + self._up("same_name")
            + self._up("same_spelling")
            + self._up("first_word")
        )
        return found + self._up("rare_word") * (words.shared >= RARE_BITS)

    def like(self, words: Words) -> Any:
        """For two names: what they share."""
        found = (
            self.free + self._shared(words) + self._up("first_word") * words.first + self._up("rare_word") * words.rare
        )
        found += self._up("guessed") * MOST * words.guessed
        return found + max(0.0, self._most("nothing_left", "word_begins")) * (
            (words.alone[0] == 0) & (words.alone[1] == 0)
        )

    def _shared(self, words: Words) -> Any:
        return np.minimum(words.shared, ENOUGH_BITS) / 10 * self._up("shared_words")

    def apart(self, a: Outlines, b: Outlines, words: Words, excuse: Yes) -> Any:
        """Against two names: what only one of them says, whichever is the shorter if both are as long."""
        left, right = words.alone
        swap, even = a["length"] > b["length"], a["length"] == b["length"]
        less = np.minimum(left, right)
        short = np.where(even, less, np.where(swap, right, left))
        long = np.where(even, less, np.where(swap, left, right))
        excused = [self._down(f"short_alone_{why}") for why in ("at_place", "spelled")]
        once = self._down("short_alone")
        found = np.where(excuse, max(once, *excused), once) * short / 10
        tail = self._down("long_tail") + np.where(words.guessed, 0.0, self._down("long_tail_whole"))
        plain = np.maximum(tail, self._down("long_inside"))
        excused = [self._down(f"longer_{why}") for why in ("at_place", "spelled")]
        found = found + np.where(excuse, np.maximum(plain, max(excused)), plain) * long / 10
        return found + self._down("both_say_more") * (~excuse & (short > 0) & (long > 0))

    def web(self, a: Outlines, b: Outlines, same: Yes, labels: tuple[Yes, Yes, Yes]) -> Any:
        """Of domains that differ, and of what their labels say."""
        one = (a["label"][:, 0] == b["label"][:, 0]) & (a["label"][:, 0] != 0)
        differs = np.where(same, self._down("domain_differs_same_name"), self._down("domain_differs"))
        differs = np.where(one, self._down("domain_differs_same_label"), differs)
        found = differs * ((a["domains"] > 0) & (b["domains"] > 0))
        ups = [self._up(f"domain_{name}") for name in ("spells_name", "starts_name", "initials")]
        return found + np.maximum.reduce([up * yes for up, yes in zip(ups, labels, strict=True)])

    def land(self, a: Outlines, b: Outlines, same: Yes) -> Any:
        """Of the country."""
        differs = np.where(same, self._down("country_differs_same_name"), self._down("country_differs"))
        return np.where(_both(a, b, "country"), np.where(_met(a, b, "country"), self._up("country_same"), differs), 0)

    def places(self, a: Outlines, b: Outlines) -> tuple[Any, Yes]:
        """Of city, postal code, street and phone; and whether street or phone can be the same."""
        apart = np.where(
            (a["city_words"] < 2) & (b["city_words"] < 2), self._down("city_differs"), self._up("city_within")
        )
        found = np.where(_both(a, b, "city"), np.where(_met(a, b, "city"), self._up("city_same"), apart), 0)
        near, far = self._most("postal_code_near"), self._most("postal_code_differs")
        codes = np.where(
            _met(a, b, "postal_code"), self._up("postal_code_same"), np.where(_met(a, b, "postal_head"), near, far)
        )
        found = found + np.where(_both(a, b, "postal_code"), codes, 0)
        street = _met(a, b, "street") | (_both(a, b, "street") & _met(a, b, "street_number"))
        differs = max(0.0, self._most("street_number_differs", "street_differs", "unit_differs"))
        most = self._most("street_same", "street_same_alone", "street_number_differs", "street_differs", "unit_differs")
        found = found + np.where(_both(a, b, "street"), np.where(street, max(0.0, most), differs), 0)
        phone = _shared(a["phone"], b["phone"])
        sizes = np.minimum(a["phone_size"], b["phone_size"])
        line = (sizes < LONG_PHONE) | _met(a, b, "phone_head") | _met(a, b, "phone_tail")
        apart = np.where(line, self._up("phone_near"), self._down("phone_differs") * (sizes >= SUBSCRIBER_DIGITS))
        known = _both(a, b, "phone_tail")
        return found + np.where(phone, self._up("phone_same"), np.where(known, apart, 0)), street | phone

    def kin(self, a: Outlines, b: Outlines, words: Words) -> Yes:
        """Whether the two can surely be units of one family, see `families.kin`."""
        found: Yes = a["vat"] & b["vat"] & _met(a, b, "name")
        for short, long, equal, other in (
            (words.a, words.b, words.equal[0], words.equal[1]),
            (words.b, words.a, words.equal[1], words.equal[0]),
        ):
            whole = (equal | (short.size == 0)).all(axis=0) & ((short.bits * equal) >= RARE_BITS * BIT).any(axis=0)
            rest = ~other & (long.size > 0)
            left = rest.sum(axis=0)
            kind = np.isin((long.word * rest).max(axis=0), self.kinds) if whole.any() else whole
            found |= whole & ((left > 1) | ((left == 1) & kind))
        return found

    def _up(self, name: str) -> float:
        return max(0.0, self.weight(name))

    def _down(self, name: str) -> float:
        return min(0.0, self.weight(name))

    def _most(self, *names: str) -> float:
        return max(map(self.weight, names))


def _acronym(a: Outlines, b: Outlines) -> Yes:
    found = np.zeros(len(a), bool)
    for short, long in ((a, b), (b, a)):
        word, size = short["word"][:, 0], short["size"][:, 0]
        fits = (short["words"] == 1) & (size >= LEAST_INITIALS) & (size <= MOST_INITIALS) & (long["words"] > 1)
        found |= fits & ((word == long["initials"]) | (word == long["firsts"]))
    return found


def _spelled(a: Outlines, b: Outlines) -> tuple[Yes, Yes, Yes]:
    """Whether a domain's label is the other's name, begins like it, or is its initials."""
    spelled, begun, initials = (np.zeros(len(a), bool) for _ in range(3))
    for named, web in ((a, b), (b, a)):
        for at in range(web["label"].shape[1]):
            label, head = web["label"][:, at], web["label_head"][:, at]
            spelled |= (label != 0) & (named["name"] == label)
            begun |= (head != 0) & (named["head"] == head)
            initials |= (label != 0) & ((named["initials"] == label) | (named["firsts"] == label))
    return spelled, begun, initials


def _shared(a: Any, b: Any) -> Yes:
    found = np.zeros(len(a), bool)
    for i in range(a.shape[1]):
        one = a[:, i]
        if one.any():
            for j in range(b.shape[1]):
                found |= (one == b[:, j]) & (one != 0)
    return found


def _both(a: Outlines, b: Outlines, name: str) -> Yes:
    found: Yes = (a[name] != 0) & (b[name] != 0)
    return found


def _met(a: Outlines, b: Outlines, name: str) -> Yes:
    found: Yes = (a[name] == b[name]) & (a[name] != 0)
    return found
