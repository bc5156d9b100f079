"""Says what two names say alike and apart, over all names that the accounts have; never looks at anything else."""

import re
from typing import NamedTuple

from streams.matching import weights
from streams.matching.compare import NameMatch, compare_names
from streams.matching.features import Features
from streams.matching.findings import Finding
from streams.matching.names import listed
from streams.matching.text import ascii_text, fold

_PARTS = re.compile(r"[\W_]+")
# Initials of fewer words are too often another company's.
LEAST_INITIALS, MOST_INITIALS = 3, 7


NUMBERS = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", *map(str, range(1, 100))])
SIDES = frozenset(
    ["north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "upper", "lower"]
)


class Named(NamedTuple):
    """The two names that agree best, as written, and how."""

    a: str
    b: str
    names: NameMatch
    same: bool
    acronym: bool
    other: bool  # not the first name of both


def best_names(a: Features, b: Features) -> Named:
    """The first names, or the pair of further names that agrees better."""
    first = _named(a.name, a.words, a.initials, b.name, b.words, b.initials)
    if first.same or not (a.other_words or b.other_words):
        return first
    best, most = first, _agreement(first)
    for at_a, (name_a, words_a) in enumerate(_all_names(a)):
        for at_b, (name_b, words_b) in enumerate(_all_names(b)):
            if at_a or at_b:
                initials = ("" if at_a else a.initials, "" if at_b else b.initials)
                each = _named(name_a, words_a, initials[0], name_b, words_b, initials[1])
                if (agreed := _agreement(each)) > most:
                    best, most = each._replace(other=True), agreed
    return best


def _all_names(a: Features) -> list[tuple[str, tuple[str, ...]]]:
    return [(a.name, a.words), *zip(a.other_names, a.other_words, strict=True)]


def _named(
    name_a: str, words_a: tuple[str, ...], initials_a: str, name_b: str, words_b: tuple[str, ...], initials_b: str
) -> Named:
    names = compare_names(words_a, words_b)
    if not (words_a and words_b):
        return Named(name_a, name_b, names, same=False, acronym=False, other=False)
    # The last of both: the first letter is mostly equal, since many keys are of beginnings.
    same = words_a == words_b or (words_a[-1][-1] == words_b[-1][-1] and "".join(words_a) == "".join(words_b))
    acronym = False
    if not same and len(words_a) != len(words_b):
        if len(words_a) == 1:
            acronym = _acronym(words_a[0], words_b, initials_b)
        elif len(words_b) == 1:
            acronym = _acronym(words_b[0], words_a, initials_a)
    return Named(name_a, name_b, names, same, acronym, other=False)


def _agreement(named: Named) -> float:
    names = named.names
    against = names.short_alone + (names.long_tail + names.long_inside) / 4
    return names.shared - against + 20 * named.same + 8 * named.acronym


def _acronym(word: str, long: tuple[str, ...], initials: str) -> bool:
    """ "ibm" and "International Business Machines"; `initials` are those with filler words."""
    if not LEAST_INITIALS <= len(word) <= MOST_INITIALS:
        return False
    return word == initials or word == "".join([each[0] for each in long])


def names_found(a: Features, b: Features, named: Named, excuse: str, same_city: bool) -> list[Finding]:
    """`excuse`: what explains that the names differ, as the end of a finding's name."""
    names = named.names
    shared = min(names.shared, weights.ENOUGH_BITS) / 10
    if named.same:
        return _same(named, shared, same_city)
    found: list[Finding] = []
    if named.acronym:
        found.append(Finding("acronym", 1.0, _acronym_said, (named.a, named.b, names.a_is_short)))
        return [*found, Finding("other_name", 1.0)] if named.other else found
    if names.shared:
        found.append(Finding("shared_words", shared, _shared_said, (named.a, named.b, names)))
        if names.most >= weights.RARE_BITS:
            found.append(Finding("rare_word", 1.0))
        if names.first:
            found.append(Finding("first_word", 1.0))
        if names.guessed:
            found.append(Finding("guessed", names.guessed / 10))
        if named.other:
            found.append(Finding("other_name", 1.0))
        if not (names.short_alone or names.long_tail or names.long_inside):
            found.append(Finding("word_begins" if _begins(a.words, b.words) else "nothing_left", 1.0))
            if listed(named.a) is not listed(named.b):
                found.append(Finding("listing_differs", 1.0, _listing_said, (named.a, named.b)))
    return found + _apart(named, excuse) + _told_apart(a.words, b.words, names.swapped)


def _begins(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    return len(a) == len(b) == 1 and (a[0].startswith(b[0]) or b[0].startswith(a[0]))


def _told_apart(a: tuple[str, ...], b: tuple[str, ...], swapped: bool) -> list[Finding]:
    """What tells units of one name from each other."""
    found = [Finding("swapped", 1.0, _swapped_said)] if swapped else []
    for name, words in (("number_differs", NUMBERS), ("side_differs", SIDES)):
        if not (words.isdisjoint(a) or words.isdisjoint(b)):
            ours, theirs = words.intersection(a), words.intersection(b)
            if ours != theirs:
                about = (", ".join(sorted(ours - theirs)), ", ".join(sorted(theirs - ours)))
                found.append(Finding(name, 1.0, _units_said, about))
    return found


def _same(named: Named, shared: float, same_city: bool) -> list[Finding]:
    exact = named.a.casefold() == named.b.casefold()
    bits = named.names.shared
    write = _rare_here if exact and same_city and bits >= weights.RARE_BITS else _same_said
    found = [Finding("shared_words", shared, write, (named.a, named.b)), Finding("same_name", 1.0)]
    found.append(Finding("first_word", 1.0))
    if exact:
        found.append(Finding("same_spelling", 1.0))
    if bits >= weights.RARE_BITS:
        found.append(Finding("rare_word", 1.0))
    else:
        found.append(Finding("generic_name", 1.0, _generic_said, (named.a,)))
    if named.other:
        found.append(Finding("other_name", 1.0))
    if listed(named.a) is not listed(named.b):
        found.append(Finding("listing_differs", 1.0, _listing_said, (named.a, named.b)))
    return found


def _apart(named: Named, excuse: str) -> list[Finding]:
    names = named.names
    longer = names.long_tail + names.long_inside
    about = (named.a, named.b, names)
    if excuse:
        against = [(f"short_alone_{excuse}", names.short_alone), (f"longer_{excuse}", longer)]
    else:
        against = [
            ("short_alone", names.short_alone),
            ("long_tail", names.long_tail),
            ("long_tail_whole", 0.0 if names.guessed else names.long_tail),
            ("long_inside", names.long_inside),
            ("both_say_more", 10.0 if names.short_alone and longer else 0.0),
        ]
    if names.shared < weights.LEAST_SHARED and (names.short_alone or longer):
        against.append(("no_word_shared", 10.0))
    found: list[Finding] = []
    for name, bits in against:
        if bits:
            found.append(Finding(name, bits / 10, None if found else _apart_said, () if found else about))
    return found


def _same_said(a: str, b: str) -> str:
    if a.casefold() == b.casefold():
        return f"same name '{a}'"
    return f"same name but for legal form or spelling: '{a}' and '{b}'"


def _rare_here(a: str, _: str) -> str:
    return f"rare name '{a}' in the same city"


def _generic_said(name: str) -> str:
    return f"'{name}' is made of words that many companies have in their names"


def _listing_said(a: str, b: str) -> str:
    return f"only one names a security: '{a}' and '{b}'"


def _acronym_said(a: str, b: str, a_is_short: bool) -> str:
    short, long = (a, b) if a_is_short else (b, a)
    return f"'{short}' are the initials of '{long}'"


def _shared_said(a: str, b: str, names: NameMatch) -> str:
    if not names.short_alone:
        short, long = (a, b) if names.a_is_short else (b, a)
        return f"'{short}' can be read as '{long}'" if names.guessed else f"all of '{short}' is in '{long}'"
    rare = "rare word" if names.most >= weights.RARE_BITS else "word"
    return f"{rare} '{_as_written(names.word, a, b)}' in both names"


def _apart_said(a: str, b: str, names: NameMatch) -> str:
    if names.short_alone:
        return f"the rest of the names differs: '{a}' and '{b}'"
    short, long = (a, b) if names.a_is_short else (b, a)
    return f"'{long}' says more than '{short}'"


def _swapped_said() -> str:
    return "the names have their words in different orders"


def _units_said(a: str, b: str) -> str:
    return f"the names tell two units apart: '{a}' and '{b}'"


def _as_written(word: str, *names: str) -> str:
    """The word as one of the names spells it: "siemen" is "Siemens"."""
    written = (part for name in names for part in _PARTS.split(name) if fold(ascii_text(part)) == word)
    return next(written, word.capitalize())
