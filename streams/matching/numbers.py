"""Says what the registration numbers of two accounts decide; never reads a number from text."""

from streams.matching.features import Features
from streams.matching.ids import GROUP, SITE, UNNAMED
from streams.matching.weights import ID_LOG_ODDS

Said = tuple[float, str]


def compared(a: Features, b: Features) -> list[Said]:
    """Log-odds and sentence for each kind of number that decides; empty if none does. The equal ones come first.

    A number of an establishment and one whose kind is unknown decide only if they are equal: one company may have
    several. Those of a parent decide nothing here: see `kin`.
    """
    same: dict[str, str] = {}
    different: dict[str, str] = {}
    for kind, one in a.ids:
        if kind.startswith(GROUP):
            continue
        theirs = [value for other, value in b.ids if other == kind]
        if one in theirs:
            same[kind] = f"same {written(kind)} number {one}"
        elif theirs and kind != UNNAMED and not kind.startswith(SITE):
            different.setdefault(kind, f"different {written(kind)} numbers: {one} and {theirs[0]}")
    equal = [(ID_LOG_ODDS, sentence) for sentence in same.values()]
    return [*equal, *((-ID_LOG_ODDS, sentence) for kind, sentence in different.items() if kind not in same)]


def common_parent(a: Features, b: Features) -> str:
    """A parent's number that both have, or that one has as its own and the other as its parent's, in words, or ""."""
    theirs = set(b.ids)
    for kind, value in a.ids:
        bare = kind.removeprefix(GROUP)
        if bare != kind and ((kind, value) in theirs or (bare, value) in theirs):
            return f"one parent: {written(bare)} number {value}"
        if bare == kind and (GROUP + kind, value) in theirs:
            return f"one is the parent of the other: {written(kind)} number {value}"
    return ""


def broken(a: Features, b: Features) -> tuple[str, ...]:
    """What is to be said of numbers that fail their check digits."""
    bad = sorted({*a.bad_ids, *b.bad_ids})
    return tuple(f"{written(kind)} number {value} fails its check digits and proves nothing" for kind, value in bad)


def written(kind: str) -> str:
    """ "vat-de" is "VAT DE"."""
    return kind.replace("-", " ").upper()
