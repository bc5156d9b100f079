"""The rules of lead routing as data, checked key by key and against each other; it decides nothing.

Rules that cannot be meant are refused when they are loaded: a name that nothing has, a rule that can never decide because
earlier ones take all its leads, one without a fallback. A territory that no partner serves can only be told where partners
are known: `tandem leads check` does.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from mappings import tiers
from mappings.build import Place
from mappings.errors import MappingError, nearest
from mappings.loader import PACKAGE
from mappings.routing_cover import covered
from mappings.routing_rules import RoutingRules, Rule, Table
from mappings.rulebook import read

__all__ = ["FILE", "RoutingRules", "load", "where"]

FILE = "routing.toml"
Raw = dict[str, Any]
LISTS = ("territory", "segment", "product", "language")  # of a rule's `when`, each the singular of a table's name
TABLES = {"territory": "territories", "segment": "segments", "product": "products", "language": "languages"}
REMEDIES = {
    "fallback": 'add fallback = "direct" (direct sales gets what no partner takes), or "next" (the next rule that fits)',
    "rank": 'add rank = { by = "rotation" }, or by = "tier", or by = "score" with weights',
    "accept_within": 'add accept_within = "24 hours"',
    "attempts": "add attempts = 3: so many partners are asked",
    "name": "give the rule a name, in small letters",
}


def load(overrides: Path | None = None) -> RoutingRules:
    """The shipped rules as changed by `<overrides>/routing.toml`, tables merged key by key. Raises `MappingError`."""
    merged, place = _read(overrides)
    if "tiers" in merged:
        file, line = _spot(place, "", "tiers")
        raise MappingError("the tiers are those of tiers.toml.", "remove it", file=file, line=line, key="tiers")
    merged["tiers"] = [each.tier for each in read(tiers.FILE, tiers.TierRules, overrides).rules.tiers]
    try:
        rules = RoutingRules.model_validate(merged)
    except ValidationError as error:
        raise _told(error, merged, place) from error
    _Check(rules, place).all()
    return rules


def where(rule: str, key: str, overrides: Path | None = None) -> str:
    """The file and line of a rule's key, for what can only be told later."""
    merged, place = _read(overrides)
    names = [each.get("name") for each in merged.get("rules", ())]
    file, line = _line(place, names.index(rule), key)
    return f"{file}, line {line}" if line else file


def _read(overrides: Path | None) -> tuple[Raw, Place]:
    shipped, text = f"{PACKAGE}/{FILE}", resources.files(PACKAGE).joinpath(FILE).read_text("utf-8")
    merged, place = _parse(shipped, text), Place().behind(shipped, text)
    own = None if overrides is None else overrides / FILE
    if own is not None and own.is_file():
        text = own.read_text("utf-8")
        merged, place = _merge(merged, _parse(str(own), text)), place.behind(str(own), text)
    return merged, place


def _parse(file: str, text: str) -> Raw:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"this is no TOML: {error}.", "correct the line", file=file) from error


def _merge(base: Raw, own: Raw) -> Raw:
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        if value is False and isinstance(before, dict):
            merged.pop(key)
        else:
            merged[key] = _merge(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return merged


def _line(place: Place, nth: int, key: str) -> tuple[str, int | None]:
    """The file and line of a key of the nth rule, or of the rule: rules all come from one file."""
    for file, text in place.files:
        starts = [at for at, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*rules\s*\]\]", line)]
        if not starts:
            continue
        lines, begin = text.splitlines(), starts[nth]
        end = starts[nth + 1] - 1 if nth + 1 < len(starts) else len(lines)
        held = re.compile(rf'(?:^|[\s{{,."])"?{re.escape(key)}"?\s*=|\[rules\.(?:\w+\.)*{re.escape(key)}\]')
        inside = (at for at in range(begin, end + 1) if key and held.search(lines[at - 1].partition("#")[0]))
        return file, next(inside, begin)
    return place.files[0][0], None


def _spot(place: Place, table: str, key: str) -> tuple[str, int | None]:
    """The file and line of a key; above all tables a table's own name is one, too."""
    if table:
        return place.find(table, key)
    held = re.compile(rf"\s*(?:\[+\s*)?{re.escape(key)}\b")
    lines = ((file, at, line) for file, text in place.files for at, line in enumerate(text.splitlines(), 1))
    return next(((file, at) for file, at, line in lines if held.match(line)), (place.files[0][0], None))


def _told(error: ValidationError, merged: Raw, place: Place) -> MappingError:
    first = error.errors(include_url=False)[0]
    loc = first["loc"]
    *tables, key = (str(part) for part in loc if isinstance(part, str) and part != "[key]")
    if loc[0] == "rules" and len(loc) > 1 and isinstance(loc[1], int):
        file, line = _line(place, loc[1], key)
        tables = [f"rules.{loc[1] + 1}", *tables[1:]]
        if (name := merged["rules"][loc[1]].get("name")) is not None:
            tables[0] = f"rules.{name}"
    else:
        file, line = _spot(place, ".".join(tables), key)
    at: Raw = {"file": file, "line": line, "table": ".".join(tables), "key": key}
    if first["type"] == "missing":
        remedy = REMEDIES.get(key, f"add {key!r}; the comments of the shipped table say what belongs there")
        return MappingError(f"{key!r} is missing.", remedy, **at)
    if first["type"] == "extra_forbidden":
        return MappingError(f"no key is called {key!r}.", nearest(key, _known(loc)), **at)
    words = first["msg"].removeprefix("Value error, ")
    return MappingError(
        f"{words}.", "correct the value; the comments of the shipped table say what belongs there", **at
    )


def _known(loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the table in which an unknown one stands."""
    model: Any = RoutingRules
    for part in loc[:-1]:
        if isinstance(part, int) or model is None:
            continue
        fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
        model = _table_in(fields.get(part)) if part in fields else model
    return [field.alias or name for name, field in model.model_fields.items()]


def _table_in(annotation: Any) -> Any:
    """The table that a field's type speaks of, in a list, a mapping or by itself."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    inner = (_table_in(each) for each in getattr(annotation, "__args__", ()))
    return next((each for each in inner if each is not None), None)


class _Check:
    """What no single value shows."""

    def __init__(self, rules: RoutingRules, place: Place) -> None:
        self.rules, self.place = rules, place

    def all(self) -> None:
        for name, territory in self.rules.territories.items():
            if not territory.all_countries:
                file, line = self.place.find(f"territories.{name}", "")
                self._fail(
                    f"the territory {name!r} is nowhere.", "name its countries", file, line, f"territories.{name}"
                )
        for name, segment in self.rules.segments.items():
            if segment.most is not None and segment.most < segment.least:
                file, line = self.place.find(f"segments.{name}", "to")
                self._fail("`to` is less than `from`.", "exchange the two", file, line, f"segments.{name}", "to")
        for nth, rule in enumerate(self.rules.rules):
            self._rule(nth, rule)
        for rule, by in covered(self.rules):
            self._covered(rule, by)

    def _rule(self, nth: int, rule: Rule) -> None:
        rules, must = self.rules, rule.partner
        if any(rule.name == other.name for other in rules.rules[:nth]):
            self._wrong(nth, "name", f"another rule is called {rule.name!r}.", "give each rule its own name")
        for key in LISTS:
            self._known(nth, "when", key, getattr(rule.when, key) or (), getattr(rules, TABLES[key]))
        if must.certification is not None and must.certification.product is not None:
            self._known(nth, "partner.certification", "product", (must.certification.product,), rules.products)
        if must.certification is not None and must.certification.product is None and "product" not in must.serves:
            reason = "the certification is for no product."
            self._wrong(nth, "certification", reason, 'name it, or add "product" to `serves`', "partner")
        if must.tier is not None:
            self._known(nth, "partner", "tier", (must.tier,), rules.tiers)
        amount = rule.when.amount
        if amount and amount.least is not None and amount.below is not None and amount.least >= amount.below:
            self._wrong(nth, "amount", "no amount is at least `min` and less than `below`.", "exchange the two", "when")
        if (rule.rank.by == "score") != bool(rule.rank.weights):
            reason = "by score needs weights." if rule.rank.by == "score" else f"by {rule.rank.by} takes no weights."
            self._wrong(nth, "rank", reason, 'write by = "score", weights = { tier = 40, load = 10 }, or no weights')
        if rule.fallback == "next" and nth + 1 == len(rules.rules):
            reason = "the last rule has no next one, so its leads would be nobody's."
            self._wrong(nth, "fallback", reason, 'write fallback = "direct"')

    def _known(self, nth: int, table: str, key: str, names: Iterable[str], known: Iterable[str]) -> None:
        for name in names:
            if name not in known:
                self._wrong(nth, key, f"no {key} is called {name!r}.", nearest(name, known), table)

    def _covered(self, rule: Rule, by: tuple[str, ...]) -> None:
        nth = self.rules.rules.index(rule)
        if not by:
            remedy = "correct the conditions: no lead is all of this at once"
            self._wrong(nth, "when", "the rule can never apply.", remedy)
        those = " and ".join(repr(name) for name in by)
        reason = f"the rule can never apply: every lead that fits it is taken by {those} before."
        self._wrong(nth, "when", reason, f"move it above {by[0]!r}, narrow {those}, or remove it")

    def _wrong(self, nth: int, key: str, reason: str, remedy: str, table: str = "") -> NoReturn:
        file, line = _line(self.place, nth, key)
        name = f"rules.{self.rules.rules[nth].name}" + (f".{table}" if table else "")
        self._fail(reason, remedy, file, line, name, key)

    def _fail(self, reason: str, remedy: str, file: str, line: int | None, table: str, key: str = "") -> NoReturn:
        raise MappingError(reason, remedy, file=file, line=line, table=table, key=key)
