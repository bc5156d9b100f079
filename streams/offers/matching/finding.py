"""One thing that speaks for a pair or against it; it is written out only where somebody reads it."""

from typing import NamedTuple


class Finding(NamedTuple):
    """`weight` in log-odds, positive: for the pair.

    `rules_out`: so seldom true of a pair that an id may be a slip. `specific`: speaks for one bargain of a buyer and not
    for another one.
    """

    weight: float
    words: str
    about: tuple[object, ...] = ()
    rules_out: bool = False
    specific: bool = False

    def __str__(self) -> str:
        return self.words.format(*self.about)
