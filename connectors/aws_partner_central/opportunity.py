"""Between Partner Central's nested opportunity and the flat row of the mapping; pure, it reads and writes nothing.

A path with `/` leads to what can be written, one with `.` to what can only be read. UpdateOpportunity replaces the
whole opportunity: what is left out is emptied. So a write is laid into the opportunity as it was read, and everything
else goes back as it came (Partner Central API reference, UpdateOpportunity).
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.aws_partner_central.model import SEPARATOR, accepted, member

Nested = dict[str, Any]
READ_ONLY = "."
SPEND = "Project/ExpectedCustomerSpend"
# The one of several entries that holds what is spent at AWS; Self is the partner's own deal (model, TargetCompany).
AWS_SPEND = "AWS"
NEW_SPEND: Mapping[str, str] = {"Frequency": "Monthly", "TargetCompany": AWS_SPEND}
ORIGIN = "Partner Referral"  # what is made from a deal of ours


def row(opportunity: Mapping[str, Any], aws: Mapping[str, Any], names: Iterable[str]) -> Nested:
    """The vendor fields `names` of an opportunity as read; `aws` is AWS's own summary, empty where there is none."""
    read = {**opportunity, "Aws": aws, "Opportunity": {"LastModifiedDate": stamp(opportunity["LastModifiedDate"])}}
    found: Nested = {}
    for name in names:
        if READ_ONLY in name:
            steps = name.split(READ_ONLY)
            value = _down(read, steps)
            known = member(SEPARATOR.join(steps))
            _lay(found, steps, [] if value is None and known is not None and known.many else value)
        else:
            found[name] = standing(opportunity, name)
    return found


def standing(opportunity: Mapping[str, Any], path: str) -> Any:
    """What stands at a path that can be written; a list that is not there is empty."""
    found = _down(opportunity, path.split(SEPARATOR))
    known = member(path)
    return [] if found is None and known is not None and known.many else found


def updated(latest: Mapping[str, Any], values: Mapping[str, object]) -> Nested:
    """The body of an UpdateOpportunity: the opportunity as read with `values` at their paths, without Identifier's twin.

    A None, or an empty list, empties its place. What UpdateOpportunity does not take (CreatedDate, Arn, OpportunityTeam,
    RelatedEntityIdentifiers) is left out; Id becomes Identifier.
    """
    taken = accepted("UpdateOpportunity")
    body: Nested = deepcopy({name: value for name, value in latest.items() if name in taken})
    body["Identifier"] = latest["Id"]
    return _laid(body, values)


def created(values: Mapping[str, object]) -> Nested:
    """The body of a CreateOpportunity, without catalog and token."""
    return _laid({"Origin": ORIGIN}, values)


def stamp(moment: datetime) -> str:
    """A moment as Partner Central writes it, in UTC with all its digits."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _laid(body: Nested, values: Mapping[str, object]) -> Nested:
    for path, value in values.items():
        steps = path.split(SEPARATOR)
        if path.startswith(SPEND + SEPARATOR):
            _spend(body, steps[-1], _plain(value))
        else:
            _put(body, steps, _plain(value))
    return body


def _plain(value: object) -> object:
    """A value as JSON 1.0 takes it: every amount is a text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return format(Decimal(str(value)), "f")
    return list(value) if isinstance(value, (list, tuple)) else value


def _put(node: Nested, steps: list[str], value: object) -> None:
    head, *rest = steps
    if not rest:
        if value is None or value == []:
            node.pop(head, None)
        else:
            node[head] = value
        return
    inner = node.setdefault(head, {})
    _put(inner, rest, value)
    if not inner:
        del node[head]


def _spend(body: Nested, name: str, value: object) -> None:
    """Set a member of the entry for AWS; the other entries are not ours. An entry without values is none."""
    parent, last = SPEND.split(SEPARATOR)
    entries = list(_down(body, [parent, last]) or ())
    entry = next((each for each in entries if _is_aws(each)), None)
    if entry is None and value is not None:
        entry = dict(NEW_SPEND)
        entries.append(entry)
    if entry is not None:
        if value is None:
            entry.pop(name, None)
        else:
            entry[name] = value
        entries = [each for each in entries if each is not entry or {"Amount", "CurrencyCode"} & set(each)]
    _put(body, [parent, last], entries)


def _is_aws(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("TargetCompany", "")).casefold() == AWS_SPEND.casefold()


def _down(node: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        if isinstance(node, list):
            node = next((each for each in node if _is_aws(each)), None)
        if not isinstance(node, Mapping):
            return None
        node = node.get(step)
    return node


def _lay(found: Nested, steps: list[str], value: object) -> None:
    *heads, last = steps
    for head in heads:
        found = found.setdefault(head, {})
    found[last] = value
