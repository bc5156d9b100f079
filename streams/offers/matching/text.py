"""Takes apart what people write into names: ids, numbers, years, and the words that are left; it compares nothing."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from streams.matching.features import registered_domain
from streams.matching.keys import label
from streams.matching.names import name_words
from streams.matching.text import ascii_text, fold

# Salesforce ids have 15 characters whose case matters, or 18; HubSpot's are numbers.
SHORT_ID, LONG_ID = 15, 18
LEAST_ID_DIGITS = 7  # shorter numbers are seats, prices and rooms
LEAST_DIGITS = 4  # of the number of a quote with letters before it
LEAST_BARE_DIGITS = 6  # of one without

_OFFER_ID = re.compile(r"(?<![a-z0-9])offer-[a-z0-9]+", re.IGNORECASE)
_RECORD_ID = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z]*[0-9])([A-Za-z0-9]{18}|[A-Za-z0-9]{15}|[0-9]{7,14})(?![A-Za-z0-9])"
)
_NUMBER = re.compile(r"(?<![A-Za-z0-9.,])(?:([A-Za-z]{1,6})[ \-_#.:]{0,2})?#?([0-9]{4,14})(?![A-Za-z0-9]|[.,][0-9])")
_YEAR = re.compile(r"(?<![0-9])(20[1-4][0-9])(?![0-9])")
_FISCAL = re.compile(r"(?<![a-z0-9])(?:fy|cy)[ \-']?(?:20)?([1-4][0-9])(?![0-9])", re.IGNORECASE)
_DAY = re.compile(r"20[1-4][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_BREAK = re.compile(r"[\s_:;|()\[\]{},<>=?!\"“”/\\–—-]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """One text, taken apart. `ids` are as written, `offer_ids` in lower case, `numbers` without leading zeros."""

    words: tuple[str, ...]
    ids: tuple[str, ...]
    offer_ids: tuple[str, ...]
    numbers: tuple[str, ...]
    years: tuple[int, ...]


def read(text: str, besides: tuple[str, ...] = ()) -> Reading:
    """`besides` are folded words that say nothing here: those of the product."""
    offer_ids = tuple(dict.fromkeys(found.lower() for found in _OFFER_ID.findall(text)))
    rest = _OFFER_ID.sub(" ", text)
    ids = tuple(dict.fromkeys(_RECORD_ID.findall(rest)))
    years = {int(found) for found in _YEAR.findall(rest)} | {2000 + int(found) for found in _FISCAL.findall(rest)}
    numbers = dict.fromkeys(digits.lstrip("0") for sign, digits in _NUMBER.findall(rest) if _is_number(sign, digits))
    return Reading(_words(rest, ids, besides), ids, offer_ids, tuple(n for n in numbers if n), tuple(sorted(years)))


def company_words(name: str) -> tuple[str, ...]:
    """The words of a company's name that `read` would keep too; all of them where it would keep none."""
    words = name_words(name)
    return tuple(word for word in words if word not in noise()) or words


def long_id(record_id: str) -> str:
    """The 18 characters of a Salesforce id of 15; any other id as it is.

    Each of the three last stands for the capitals among five: the letters A to Z and 0 to 5 count from 0 to 31.
    """
    if len(record_id) != SHORT_ID or not record_id.isalnum() or record_id.isdigit():
        return record_id
    groups = (record_id[at : at + 5] for at in (0, 5, 10))
    sums = (sum(1 << nth for nth, letter in enumerate(group) if letter.isupper()) for group in groups)
    return record_id + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[each] for each in sums)


def is_id_of(written: str, record_id: str) -> bool:
    """Whether somebody has written the id of this record: the case matters in 15 characters only."""
    if record_id.isdigit():
        return written == record_id and len(written) >= LEAST_ID_DIGITS
    if len(written) == SHORT_ID:
        return written == record_id[:SHORT_ID]
    return len(written) == LONG_ID and written.lower() == long_id(record_id).lower()


@cache
def noise() -> frozenset[str]:
    """Folded words that say nothing."""
    return _listed("noise")


@cache
def topics() -> frozenset[str]:
    """Folded words that name no company."""
    return _listed("topic")


def _listed(name: str) -> frozenset[str]:
    table = tomllib.loads(files("streams.offers.matching").joinpath("words.toml").read_text(encoding="utf-8"))
    return frozenset(fold(word) for word in table[name].split())


def _is_number(sign: str, digits: str) -> bool:
    """A number that tells one purchase from others: no year, no day, no short number without letters before it."""
    if _YEAR.fullmatch(digits) or _DAY.fullmatch(digits):
        return False
    least = LEAST_DIGITS if sign and sign.lower() not in {"fy", "cy", "for", "eur", "usd", "gbp"} else LEAST_BARE_DIGITS
    return len(digits) >= least


def _words(text: str, ids: tuple[str, ...], besides: tuple[str, ...]) -> tuple[str, ...]:
    kept = []
    for part in _BREAK.split(text):
        bare = fold(ascii_text(part).strip(".'&+#*@"))
        if bare and part not in ids and bare not in noise() and not _numeric(bare):
            domain = registered_domain(part) if "." in part else ""
            kept.append(label(domain) if domain else part)
    words = name_words(" ".join(kept)) if kept else ()
    return tuple(word for word in words if word not in noise() and word not in besides and not _numeric(word))


def _numeric(word: str) -> bool:
    """Mostly digits: "2027", "12mo", "po8899", "v2"."""
    return sum(letter.isdigit() for letter in word) * 2 >= len(word)
