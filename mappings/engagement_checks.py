"""What is wrong with rules of engagement that a key alone does not show, and where it stands; it never reads a file."""

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from mappings.errors import MappingError, nearest
from schemas.partners import Registration

if TYPE_CHECKING:
    from mappings.engagement import ApprovalRule, ConflictRule, Engagement, Rule

MANAGER = "partner_manager"
ANYBODY = "*"
WORDS = frozenset({"company", "until"})
DEALS = frozenset({"deal", "partner_deal", "offer"})  # what has a stage and an age
Loc = Sequence[int | str]


@dataclass(frozen=True, slots=True)
class Place:
    """The files that the rules come from, the last one first, each with its text and what it says."""

    files: tuple[tuple[str, str, Mapping[str, Any]], ...]

    def behind(self, file: str, text: str, raw: Mapping[str, Any]) -> "Place":
        """This place with a file that goes before the others."""
        return Place(((file, text, raw), *self.files))

    def error(self, loc: Loc, reason: str, remedy: str) -> MappingError:
        """The error at a table, an entry of a list or a key, as pydantic names it: `("conflict", 1, "outcome")`."""
        table = str(loc[0]) if loc else ""
        nth = loc[1] if len(loc) > 1 and isinstance(loc[1], int) else None
        key = next((str(part) for part in loc[1:] if isinstance(part, str)), "")
        whole, top = (table, "") if len(loc) > 1 else ("", table)
        file, line = self._find(whole or table, nth, key or top)
        return MappingError(reason, remedy, file=file, table=table, key=key, line=line)

    def _find(self, table: str, nth: int | None, key: str) -> tuple[str, int | None]:
        for file, text, raw in self.files:
            if table in raw and (nth is not None or not key or key == table or key in _keys(raw[table])):
                return file, _line(text, table, nth, key) or _line(text, table, nth, "")
        return self.files[0][0], None


def _keys(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _line(text: str, table: str, nth: int | None, key: str) -> int | None:
    inside, seen = False, -1
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            mine = header[1].replace('"', "") == table
            seen += mine
            inside = mine and (nth is None or seen == nth)
        if inside and (bool(header) if not key else re.match(rf'\s*"?{re.escape(key)}"?\s*=', line)):
            return number
    return None


def check(rules: "Engagement", place: Place) -> None:
    """Raise `MappingError` for rules that contradict each other, never apply, or leave something to nobody."""
    for name in ("conflict", "approval", "protection", "margin"):
        _check_list(getattr(rules, name), name, place)
    _check_quality(rules, place)
    for nth, rule in enumerate(rules.conflict):
        _check_conflict(rule, nth, place)
    _check_fallbacks(rules, place)
    _check_people(rules, place)
    if rules.company.unsure_at > rules.company.same_at:
        reason = "what is held to be the same would be less sure than what a person has to look at."
        raise place.error(("company", "unsure_at"), reason, "make unsure_at at most same_at")
    if rules.inactive.outcome == "reassign" and not rules.inactive.reassign_to:
        remedy = "name the partner's key, or let them expire"
        raise place.error(("inactive", "reassign_to"), "registrations would be given to nobody.", remedy)
    if rules.returned.keep_days > rules.returned.expire_days:
        remedy = "make keep_days at most expire_days"
        raise place.error(("returned", "keep_days"), "it would keep its place for longer than it stands.", remedy)


def _check_quality(rules: "Engagement", place: Place) -> None:
    for name in rules.quality.required:
        if name not in Registration.model_fields:
            remedy = nearest(name, Registration.model_fields)
            raise place.error(("quality", "required"), f"a registration has no field {name!r}.", remedy)


def _check_list(rules: Sequence["Rule"], table: str, place: Place) -> None:
    seen: set[str] = set()
    for nth, rule in enumerate(rules):
        if rule.name in seen:
            raise place.error((table, nth, "name"), f"two rules are called {rule.name!r}.", "give each its own name")
        seen.add(rule.name)
        for before in rules[:nth]:
            if _covers(before, rule):
                reason = f"{rule.name!r} never applies: {before.name!r} stands before it and takes all that it is for."
                raise place.error((table, nth), reason, "put it before that rule, narrow that rule, or drop it")
        if table != "approval":
            _check_crossing(rules[:nth], rule, (table, nth), place)


def _check_crossing(earlier: Sequence["Rule"], rule: "Rule", loc: Loc, place: Place) -> None:
    """Two rules that share some registrations, with neither the special case of the other, leave open which is meant."""
    for before in earlier:
        if _says(before) == _says(rule) or _covers(rule, before) or not _meet(before, rule):
            continue
        both = _both(before, rule)
        if any(_covers(third, both) for third in earlier if third is not before):
            continue
        reason = (
            f"{before.name!r} and {rule.name!r} overlap: some registrations fit both, and they say different things."
        )
        raise place.error(loc, reason, "narrow one of them, or put a rule for what they share before both")


SPANS = ("deal_types", "tiers", "products", "stages")


def _covers(a: "Rule", b: "Rule") -> bool:
    """Whether rule `a` is for everything that rule `b` is for."""
    return all(not _set(a, name) or (_set(b, name) and _set(b, name) <= _set(a, name)) for name in SPANS) and all(
        covers(a, b) for covers in (_covers_against, _covers_age, _covers_amount)
    )


def _meet(a: "Rule", b: "Rule") -> bool:
    together = all(not _set(a, name) or not _set(b, name) or _set(a, name) & _set(b, name) for name in SPANS)
    oldest, youngest = _ages(a), _ages(b)
    same = getattr(a, "against", None) == getattr(b, "against", None)
    return together and same and max(oldest[0], youngest[0]) < min(oldest[1], youngest[1])


def _both(a: "Rule", b: "Rule") -> "Rule":
    """What two rules that meet are both for."""
    sets = {
        name: tuple(_set(a, name) & _set(b, name) if _set(a, name) and _set(b, name) else _set(a, name) | _set(b, name))
        for name in SPANS
        if hasattr(a, name)
    }
    return a.model_copy(update=sets)


def _set(rule: "Rule", name: str) -> frozenset[Any]:
    return frozenset(getattr(rule, name, ()))


def _ages(rule: "Rule") -> tuple[float, float]:
    older, younger = getattr(rule, "older_than_days", None), getattr(rule, "younger_than_days", None)
    return (-1.0 if older is None else float(older), float("inf") if younger is None else float(younger))


def _covers_against(a: "Rule", b: "Rule") -> bool:
    return getattr(a, "against", None) in {getattr(b, "against", None), "any"}


def _covers_age(a: "Rule", b: "Rule") -> bool:
    (from_a, to_a), (from_b, to_b) = _ages(a), _ages(b)
    return from_a <= from_b and to_a >= to_b


def _covers_amount(a: "Rule", b: "Rule") -> bool:
    return (
        getattr(a, "conflict", None) in {None, getattr(b, "conflict", None)}
        and _bounds(a, b, "above", lambda mine, other: mine <= other)
        and _bounds(a, b, "up_to", lambda mine, other: mine >= other)
    )


def _bounds(a: "Rule", b: "Rule", name: str, fits: Callable[[Decimal, Decimal], bool]) -> bool:
    mine: Mapping[str, Decimal] = getattr(a, name, {})
    other: Mapping[str, Decimal] = getattr(b, name, {})
    return not mine or (mine.keys() == other.keys() and all(fits(mine[each], other[each]) for each in mine))


def _says(rule: "Rule") -> Mapping[str, Any]:
    return {name: getattr(rule, name) for name in ("outcome", "days", "kind", "percent") if hasattr(rule, name)}


def _check_conflict(rule: "ConflictRule", nth: int, place: Place) -> None:
    if rule.against == "registration" and rule.outcome == "allow":
        reason = "two partners would be protected for one company."
        raise place.error(("conflict", nth, "outcome"), reason, "reject it, let it wait, or queue it for a person")
    bounds = {
        "stages": rule.stages,
        "older_than_days": rule.older_than_days,
        "younger_than_days": rule.younger_than_days,
    }
    wrong = next((name for name, value in bounds.items() if value), None)
    if wrong and rule.against not in DEALS:
        reason = f"{rule.against.value!r} has no stage and no age."
        raise place.error(("conflict", nth, wrong), reason, f"drop {wrong!r}, or write a rule against 'deal'")
    oldest, youngest = _ages(rule)
    if oldest >= youngest:
        raise place.error(("conflict", nth), "no deal is of that age.", "let younger_than_days be the larger number")
    try:
        names = {each for _, each, _, _ in string.Formatter().parse(rule.explanation) if each is not None}
    except ValueError as error:
        raise place.error(("conflict", nth, "explanation"), f"{error}.", "close the brace, or double it") from error
    if strange := sorted(names - WORDS):
        reason = f"nothing is filled in for {strange[0]!r}."
        raise place.error(("conflict", nth, "explanation"), reason, nearest(strange[0], WORDS))


def _check_fallbacks(rules: "Engagement", place: Place) -> None:
    last = rules.conflict[-1] if rules.conflict else None
    if last is None or last.against != "any" or any(_set(last, name) for name in SPANS):
        remedy = 'let the last [[conflict]] be against = "any", for all registrations'
        _no_fallback("conflict", rules.conflict, remedy, place)
    if last.outcome == "allow":
        covered = any(
            rule.against == "registration" and not any(_set(rule, n) for n in SPANS) for rule in rules.conflict
        )
        if not covered:
            reason = "two partners would be protected for one company where no other rule fits."
            remedy = "write a rule against 'registration' for all, or queue the rest"
            raise place.error(("conflict", len(rules.conflict) - 1, "outcome"), reason, remedy)
    for name in ("approval", "protection", "margin"):
        found: Sequence[Rule] = getattr(rules, name)
        final = found[-1] if found else None
        free = final is not None and not any(_set(final, each) for each in SPANS)
        if final is None or not free or not _unbound(final):
            _no_fallback(name, found, f"let the last [[{name}]] be for all registrations", place)


def _unbound(rule: "Rule") -> bool:
    return getattr(rule, "conflict", None) is None and not getattr(rule, "above", {}) and not getattr(rule, "up_to", {})


def _no_fallback(table: str, found: Sequence["Rule"], remedy: str, place: Place) -> NoReturn:
    loc: Loc = (table, len(found) - 1) if found else (table,)
    raise place.error(loc, "some registrations fit no rule: there is no fallback.", remedy)


def _check_people(rules: "Engagement", place: Place) -> None:
    for role, people in rules.roles.items():
        if not people or not all(each == ANYBODY or "@" in each for each in people):
            reason = f"the role {role!r} is nobody." if not people else f"the role {role!r} holds no mail address."
            raise place.error(("roles", role), reason, 'name mail addresses, or "*" for anybody')
    for nth, rule in enumerate(rules.approval):
        if not rule.levels and rule.conflict is not False:
            reason = f"a registration in conflict would be approved by nobody in {rule.name!r}."
            raise place.error(("approval", nth, "levels"), reason, "add conflict = false, or a level")
        for level in rule.levels:
            _check_level(rules, rule, level.approvers, (level.escalate_to), (("approval", nth, "levels"), place))


def _check_level(
    rules: "Engagement",
    rule: "ApprovalRule",
    approvers: tuple[str, ...],
    escalate_to: tuple[str, ...],
    at: tuple[Loc, Place],
) -> None:
    loc, place = at
    for name in (*approvers, *escalate_to):
        if name != MANAGER and name not in rules.roles and "@" not in name:
            raise place.error(loc, f"no role is called {name!r}.", nearest(name, (*rules.roles, MANAGER)))
    if not approvers:
        raise place.error(loc, f"nobody approves a level of {rule.name!r}.", "name approvers")
    after = set(_people(rules, escalate_to))
    if not after:
        reason = f"{rule.name!r} escalates to nobody."
        raise place.error(loc, reason, "name in escalate_to a role that is filled; a partner may have no manager")
    if after <= set(_people(rules, approvers)) and ANYBODY not in after:
        reason = f"{rule.name!r} escalates to those who did not answer."
        raise place.error(loc, reason, "name others in escalate_to")


def _people(rules: "Engagement", names: Sequence[str]) -> Iterator[str]:
    """The mail addresses of roles and people; who a partner's manager is depends on the partner."""
    for name in names:
        yield from rules.roles.get(name, (name,) if "@" in name else ())
