"""Reads the request of a StartChangeSet into steps, and refuses at once what AWS refuses at once; it starts nothing.

The patterns of the service's model are not enforced where AWS's own samples break them (ChangeName, Entity.Type,
Entity.Identifier); that of ChangeSetName is.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..core import Shape
from .changes import CHANGES
from .changes.bench import Bench, Change, Step
from .changes.sheet import Complaint, Sheet
from .errors import blame, not_found, validation

REFERENCE = re.compile(r"\$(\w+)\.Entity\.Identifier")
NAME = re.compile(r"[\w\s+=.:@-]{1,100}", re.ASCII)
TOKEN = re.compile(r"[!-~]{1,64}")


def change_of(step: Step) -> Change:
    return CHANGES[step.kind][step.type]


def read(request: Shape) -> list[Step]:
    """The steps in the order of the request; raises ServiceError."""
    if not 1 <= len(request["ChangeSet"]) <= 20:
        raise validation("ChangeSet must have between 1 and 20 changes.")
    if "ChangeSetName" in request and not NAME.fullmatch(request["ChangeSetName"]):
        raise validation(f"ChangeSetName must match {NAME.pattern}.")
    if "ClientRequestToken" in request and not TOKEN.fullmatch(request["ClientRequestToken"]):
        raise validation("ClientRequestToken must be 1 to 64 printable ASCII characters.")
    if request.get("Intent", "APPLY") != "APPLY":
        raise validation("Intent VALIDATE isn't supported for the requested change types.")
    steps = [_step(change) for change in request["ChangeSet"]]
    _check_names(steps)
    complaints = [one for step in steps for one in _complaints(step)]
    if complaints:
        raise validation(f"Validation failed for {len(complaints)} field(s): {complaints[0]['Message']}", complaints)
    return steps


def _step(change: Shape) -> Step:
    kind = str(change["Entity"]["Type"])
    step = Step(
        change["ChangeType"], kind, _details(change), change["Entity"].get("Identifier"), change.get("ChangeName")
    )
    if step.type not in CHANGES.get(step.kind, {}):
        words = f"ChangeType {step.type} isn't supported for {kind}."
        raise validation(words, [blame("UnknownOperation", "ChangeType", words, EntityType=kind, ChangeType=step.type)])
    if step.target is not None and not step.target.startswith("$"):
        step.target = step.target.partition("@")[0]
    if change_of(step).make is None and step.target is None:
        words = f"Entity.Identifier is required for {step.type}."
        raise validation(words, [blame("FieldValidationFailed", "Entity.Identifier", words, ChangeType=step.type)])
    return step


def _details(change: Shape) -> Shape:
    """Either Details, a string, or DetailsDocument."""
    if ("Details" in change) == ("DetailsDocument" in change):
        raise validation("Exactly one of Details and DetailsDocument must be provided.")
    document: Any = change.get("DetailsDocument")
    if "Details" in change:
        try:
            document = json.loads(change["Details"])
        except json.JSONDecodeError:
            words = "Details can't be parsed as JSON."
            raise validation(words, [blame("CannotParse", "Details", words, ChangeType=change["ChangeType"])]) from None
    if not isinstance(document, dict):
        raise validation("Details must be a JSON object.")
    return document


def _check_names(steps: list[Step]) -> None:
    names = [step.name for step in steps if step.name]
    if len(set(names)) < len(names):
        raise validation("ChangeName must be unique within a change set.")
    seen: set[tuple[str, str]] = set()
    for step in steps:
        found = REFERENCE.fullmatch(step.target or "")
        if step.target and step.target.startswith("$") and (found is None or found.group(1) not in names):
            raise validation(f"Entity.Identifier {step.target} doesn't refer to a change of this change set.")
        if step.target and (step.type, step.target) in seen:
            raise validation(f"The change type {step.type} can't be started multiple times against {step.target}.")
        seen.add((step.type, step.target or ""))


def _complaints(step: Step) -> list[Shape]:
    found: list[Complaint] = []
    change_of(step).check(Sheet(step.details, "Details", found))
    where = {"EntityType": step.version, "ChangeType": step.type} | ({"EntityId": step.target} if step.target else {})
    return [blame("FieldValidationFailed", path, words, **where) for path, words in found]


def admit(steps: list[Step], bench: Bench) -> None:
    """Whether who asks may touch what the steps name; raises ServiceError."""
    for step in steps:
        change_of(step).admit(bench, step.details)
        if step.target is None or step.target.startswith("$"):
            continue
        entity = bench.look(step.target)
        if entity is None or entity.account != bench.account or entity.kind != step.kind:
            raise not_found(f"entity '{step.target}'")


def resolved(value: Any, named: dict[str, str]) -> Any:
    """A request's value with "$Name.Entity.Identifier" replaced by the id that the named change made."""
    if isinstance(value, dict):
        return {key: resolved(one, named) for key, one in value.items()}
    if isinstance(value, list):
        return [resolved(one, named) for one in value]
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return named.get(found.group(1), value) if found else value
