"""The rules of attribution as data, checked key by key; it decides nothing."""

import tomllib
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mappings.build import Place
from mappings.errors import MappingError, nearest
from mappings.loader import PACKAGE
from schemas.messages import TouchKind

FILE = "attribution.toml"
Raw = dict[str, Any]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Touches(_Table):
    """Which kinds of touches count, which of them bring a deal, and how far back."""

    counts: tuple[TouchKind, ...] = Field(min_length=1)
    sources: tuple[TouchKind, ...]
    look_back_days: int = Field(ge=1, le=3650)


class Training(_Table):
    """How many certifications of one partner count for one deal."""

    most: int = Field(ge=1, le=20)


class Cloud(_Table):
    """The partner that co-sell and marketplace offers are credited to."""

    partner: str = Field(min_length=1)
    name: str = Field(min_length=1)


class Position(_Table):
    """The weights of the model `position`: parts of 1."""

    first: Decimal = Field(ge=0, le=1)
    middle: Decimal = Field(ge=0, le=1)
    last: Decimal = Field(ge=0, le=1)


class AttributionRules(_Table):
    """All of `attribution.toml`."""

    touches: Touches
    training: Training
    cloud: Cloud
    position: Position


def load(overrides: Path | None = None) -> AttributionRules:
    """The shipped rules as changed by `<overrides>/attribution.toml`, tables merged key by key. Raises `MappingError`."""
    shipped, text = f"{PACKAGE}/{FILE}", resources.files(PACKAGE).joinpath(FILE).read_text("utf-8")
    merged, place = _parse(shipped, text), Place().behind(shipped, text)
    own = None if overrides is None else overrides / FILE
    if own is not None and own.is_file():
        text = own.read_text("utf-8")
        merged, place = _merge(merged, _parse(str(own), text)), place.behind(str(own), text)
    try:
        rules = AttributionRules.model_validate(merged)
    except ValidationError as error:
        raise _told(error, place) from error
    _check(rules, place)
    return rules


def _parse(file: str, text: str) -> Raw:
    try:
        # A weight is what is written there: as a binary float, 0.4 + 0.2 + 0.4 would not be 1.
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"this is no TOML: {error}.", "correct the line", file=file) from error


def _merge(base: Raw, own: Raw) -> Raw:
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        merged[key] = _merge(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return merged


def _fail(place: Place, table: str, key: str, reason: str, remedy: str) -> NoReturn:
    file, line = place.find(table, key)
    raise MappingError(reason, remedy, file=file, line=line, table=table, key=key)


def _check(rules: AttributionRules, place: Place) -> None:
    weights, touches = rules.position, rules.touches
    total = weights.first + weights.middle + weights.last
    if total != 1:
        words = f"{weights.first} + {weights.middle} + {weights.last} is {total}, and not 1."
        _fail(place, "position", "first", words, "choose weights that sum to exactly 1")
    if weights.first + weights.last == 0:
        reason = "a deal with one or two touches would be nobody's."
        _fail(place, "position", "first", reason, "give `first` or `last` a weight")
    for key in ("counts", "sources"):
        kinds: tuple[TouchKind, ...] = getattr(touches, key)
        if twice := next((kind for kind in kinds if kinds.count(kind) > 1), None):
            _fail(place, "touches", key, f"{twice.value!r} stands there twice.", "name each kind once")
    if idle := next((kind for kind in touches.sources if kind not in touches.counts), None):
        reason = f"{idle.value!r} is to bring deals, and does not count for them."
        _fail(place, "touches", "sources", reason, f"add {idle.value!r} to `counts`, or take it out of `sources`")


def _told(error: ValidationError, place: Place) -> MappingError:
    first = error.errors(include_url=False)[0]
    names = [str(part) for part in first["loc"] if isinstance(part, str)]
    table, key = (names[0], names[1]) if len(names) > 1 else ("", names[0])
    file, line = place.find(*((table, key) if table else (key, "")))
    reason, remedy = _words(first, table, key)
    return MappingError(reason, remedy, file=file, line=line, table=table or key, key=key if table else "")


def _words(first: Any, table: str, key: str) -> tuple[str, str]:
    tables = AttributionRules.model_fields
    if first["type"] == "extra_forbidden" and not table:
        return f"no table is called {key!r}.", nearest(key, tables)
    if first["type"] == "extra_forbidden":
        model = tables[table].annotation
        known = model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
        return f"no key is called {key!r}.", nearest(key, known)
    if first["type"] == "enum":
        return f"no kind of touch is called {first['input']!r}.", nearest(
            str(first["input"]), [each.value for each in TouchKind]
        )
    return f"{first['msg']}.", "correct the value; the comments of the shipped table say what belongs there"
