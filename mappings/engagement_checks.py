"""What is wrong with rules of engagement that a key alone does not show, and where it stands; it never reads a file."""

import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from mappings.errors import nearest
from mappings.spots import Spot
from schemas.partners import Registration

if TYPE_CHECKING:
    from mappings.engagement import ApprovalRule, ConflictRule, Engagement, Level, Rule
    from mappings.rulebook import Rulebook

    Book = Rulebook[Engagement]

MANAGER = "partner_manager"
ANYBODY = "*"
WORDS = frozenset({"company", "until"})
DEALS = frozenset({"deal", "partner_deal", "offer"})  # what has a stage and an age


def check(book: "Book") -> None:
    """Raise `MappingError` for rules that contradict each other, never apply, or leave something to nobody."""
    rules = book.rules
    for name in ("conflict", "approval", "protection", "margin"):
        _check_list(getattr(rules, name), name, book)
    _check_quality(book)
    for nth, rule in enumerate(rules.conflict):
        _check_conflict(rule, nth, book)
    _check_fallbacks(book)
    _check_people(book)
    if rules.company.unsure_at > rules.company.same_at:
        reason = "what is held to be the same would be less sure than what a person has to look at."
        book.refuse(reason, "make unsure_at at most same_at", "company", "unsure_at")
    if rules.inactive.outcome == "reassign" and not rules.inactive.reassign_to:
        remedy = "name the partner's key, or let them expire"
        book.refuse("registrations would be given to nobody.", remedy, "inactive", "reassign_to")
    if rules.returned.keep_days > rules.returned.expire_days:
        remedy = "make keep_days at most expire_days"
        book.refuse("it would keep its place for longer than it stands.", remedy, "returned", "keep_days")


def _check_quality(book: "Book") -> None:
    rules = book.rules
    for name in rules.quality.required:
        if name not in Registration.model_fields:
            remedy = nearest(name, Registration.model_fields)
            book.refuse(f"a registration has no field {name!r}.", remedy, "quality", "required")


def _check_list(rules: Sequence["Rule"], table: str, book: "Book") -> None:
    seen: set[str] = set()
    for nth, rule in enumerate(rules):
        if rule.name in seen:
            book.refuse(f"two rules are called {rule.name!r}.", "give each its own name", table, nth, "name")
        seen.add(rule.name)
        for before in rules[:nth]:
            if _covers(before, rule):
                reason = f"{rule.name!r} never applies: {before.name!r} stands before it and takes all that it is for."
                book.refuse(reason, "put it before that rule, narrow that rule, or drop it", table, nth)
        if table != "approval":
            _check_crossing(rules[:nth], rule, (table, nth), book)


def _check_crossing(earlier: Sequence["Rule"], rule: "Rule", loc: Spot, book: "Book") -> None:
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
        book.refuse(reason, "narrow one of them, or put a rule for what they share before both", *loc)


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


def _check_conflict(rule: "ConflictRule", nth: int, book: "Book") -> None:
    if rule.against == "registration" and rule.outcome == "allow":
        reason = "two partners would be protected for one company."
        book.refuse(reason, "reject it, let it wait, or queue it for a person", "conflict", nth, "outcome")
    bounds = {
        "stages": rule.stages,
        "older_than_days": rule.older_than_days,
        "younger_than_days": rule.younger_than_days,
    }
    wrong = next((name for name, value in bounds.items() if value), None)
    if wrong and rule.against not in DEALS:
        reason = f"{rule.against.value!r} has no stage and no age."
        book.refuse(reason, f"drop {wrong!r}, or write a rule against 'deal'", "conflict", nth, wrong)
    oldest, youngest = _ages(rule)
    if oldest >= youngest:
        book.refuse("no deal is of that age.", "let younger_than_days be the larger number", "conflict", nth)
    try:
        names = {each for _, each, _, _ in string.Formatter().parse(rule.explanation) if each is not None}
    except ValueError as error:
        book.refuse(f"{error}.", "close the brace, or double it", "conflict", nth, "explanation")
    if strange := sorted(names - WORDS):
        reason = f"nothing is filled in for {strange[0]!r}."
        book.refuse(reason, nearest(strange[0], WORDS), "conflict", nth, "explanation")


def _check_fallbacks(book: "Book") -> None:
    rules = book.rules
    last = rules.conflict[-1] if rules.conflict else None
    if last is None or last.against != "any" or any(_set(last, name) for name in SPANS):
        remedy = 'let the last [[conflict]] be against = "any", for all registrations'
        _no_fallback("conflict", rules.conflict, remedy, book)
    if last.outcome == "allow":
        covered = any(
            rule.against == "registration" and not any(_set(rule, n) for n in SPANS) for rule in rules.conflict
        )
        if not covered:
            reason = "two partners would be protected for one company where no other rule fits."
            remedy = "write a rule against 'registration' for all, or queue the rest"
            book.refuse(reason, remedy, "conflict", len(rules.conflict) - 1, "outcome")
    for name in ("approval", "protection", "margin"):
        found: Sequence[Rule] = getattr(rules, name)
        final = found[-1] if found else None
        free = final is not None and not any(_set(final, each) for each in SPANS)
        if final is None or not free or not _unbound(final):
            _no_fallback(name, found, f"let the last [[{name}]] be for all registrations", book)


def _unbound(rule: "Rule") -> bool:
    return getattr(rule, "conflict", None) is None and not getattr(rule, "above", {}) and not getattr(rule, "up_to", {})


def _no_fallback(table: str, found: Sequence["Rule"], remedy: str, book: "Book") -> NoReturn:
    loc: Spot = (table, len(found) - 1) if found else (table,)
    book.refuse("some registrations fit no rule: there is no fallback.", remedy, *loc)


def _check_people(book: "Book") -> None:
    rules = book.rules
    for role, people in rules.roles.items():
        if not people or not all(each == ANYBODY or "@" in each for each in people):
            reason = f"the role {role!r} is nobody." if not people else f"the role {role!r} holds no mail address."
            book.refuse(reason, 'name mail addresses, or "*" for anybody', "roles", role)
    for nth, rule in enumerate(rules.approval):
        if not rule.levels and rule.conflict is not False:
            reason = f"a registration in conflict would be approved by nobody in {rule.name!r}."
            book.refuse(reason, "add conflict = false, or a level", "approval", nth, "levels")
        for level in rule.levels:
            _check_level(book, rule, level, ("approval", nth, "levels"))


def _check_level(book: "Book", rule: "ApprovalRule", level: "Level", loc: Spot) -> None:
    rules, approvers, escalate_to = book.rules, level.approvers, level.escalate_to
    for name in (*approvers, *escalate_to):
        if name != MANAGER and name not in rules.roles and "@" not in name:
            book.refuse(f"no role is called {name!r}.", nearest(name, (*rules.roles, MANAGER)), *loc)
    if not approvers:
        book.refuse(f"nobody approves a level of {rule.name!r}.", "name approvers", *loc)
    after = set(_people(rules, escalate_to))
    if not after:
        reason = f"{rule.name!r} escalates to nobody."
        book.refuse(reason, "name in escalate_to a role that is filled; a partner may have no manager", *loc)
    if after <= set(_people(rules, approvers)) and ANYBODY not in after:
        reason = f"{rule.name!r} escalates to those who did not answer."
        book.refuse(reason, "name others in escalate_to", *loc)


def _people(rules: "Engagement", names: Sequence[str]) -> Iterator[str]:
    """The mail addresses of roles and people; who a partner's manager is depends on the partner."""
    for name in names:
        yield from rules.roles.get(name, (name,) if "@" in name else ())
