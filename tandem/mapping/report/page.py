"""Draws the page from its contents; every text goes through the template's escaping, and nothing is a link."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from schemas.entities import Population
from tandem.mapping.report.contents import Bin, Contents
from tandem.mapping.summary import PLAYS

WIDTH, HEIGHT, FOOT, SIDE = 720, 220, 34, 40  # of the histogram, in units of its viewBox
LEAST = 2  # so that one overlap among a million can be seen


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin drawn: the linked part stands on the ground, the other on it."""

    x: float
    width: float
    linked: float
    to_confirm: float
    top: float
    count: int
    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix; `heat` is 0 to 100."""

    count: int | None
    play: str
    heat: int


def page(contents: Contents) -> str:
    """The whole HTML document."""
    return _template().render(
        c=contents,
        names=[each.value.replace("_", " ") for each in Population],
        rows=_matrix(contents),
        bars=_bars(contents.bins),
        box=(WIDTH, HEIGHT, FOOT, SIDE),
        sides=_sides(contents),
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": lambda value: f"{value:,}", "plain": plain, "percent": _percent, "host": _host}
    return environment.from_string(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))


def plain(text: object) -> str:
    """The text without what turns, hides or breaks the text around it."""
    return "".join(character if character.isprintable() else " " for character in str(text))


def _host(website: str) -> str:
    return plain(website).strip().lower().partition("://")[2].rstrip("/") or plain(website).strip().rstrip("/")


def _percent(share: float) -> str:
    # Nothing is ever quite sure, and 99 % and 99.9 % are not the same.
    return f"{share:.0%}" if share < 0.985 else f"{share:.1%}" if share < 0.999 else "over 99.9%"


def _matrix(contents: Contents) -> list[tuple[str, list[Cell], int | None]]:
    cells = contents.counts.cells
    most = max((count for count in cells.values() if count), default=1)
    plays = {(mine.value, other.value): play.name for (mine, other), play in PLAYS.items()}
    return [
        (
            mine.replace("_", " "),
            [
                Cell(count := cells[mine, other.value], plays.get((mine, other.value), ""), _heat(count, most))
                for other in Population
            ],
            contents.counts.ours[mine],
        )
        for mine in contents.counts.ours
    ]


def _heat(count: int | None, most: int) -> int:
    # A root, so that small cells differ from empty ones beside a large one.
    return round(100 * (count / most) ** 0.5) if count else 0


def _bars(bins: Sequence[Bin]) -> list[Bar]:
    most = max((each.linked + each.to_confirm for each in bins), default=0) or 1
    room, step = HEIGHT - FOOT - 20, (WIDTH - 2 * SIDE) / max(1, len(bins))
    found = []
    for index, each in enumerate(bins):
        linked, to_confirm = (_height(count, most, room) for count in (each.linked, each.to_confirm))
        count = each.linked + each.to_confirm
        says = f"{each.low:.0%} to {each.high:.0%} sure: {each.linked:,} linked, {each.to_confirm:,} to be confirmed"
        top = HEIGHT - FOOT - linked - to_confirm
        label = f"{each.low:.0%}"
        found.append(Bar(SIDE + index * step + 3, step - 6, linked, to_confirm, top, count, label, says))
    return found


def _height(count: int, most: int, room: float) -> float:
    return round(max(LEAST, room * count / most), 1) if count else 0.0


def _sides(contents: Contents) -> list[tuple[str, int, int, float, float]]:
    """For each side: name, companies, further records, and both as shares of the longer bar."""
    sides = contents.sides
    longest = max(sides.ours, sides.theirs, 1)
    pairs = ((contents.names.ours, sides.our_duplicates), (contents.names.theirs, sides.their_duplicates))
    return [
        (name, sides.companies, extra, 100 * sides.companies / longest, 100 * extra / longest) for name, extra in pairs
    ]
