"""The refusals of the platform, in its own bodies and words; it never decides when to refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

Context = Mapping[str, Sequence[str]]
_LISTED = 3  # recorded: the message names every bad value, `errors` only the first three


class HubSpotError(Exception):
    """One refusal. `category` is None where the platform leaves it out (404 of an unknown record, unknown type)."""

    def __init__(
        self, status: int, message: str, category: str | None = "VALIDATION_ERROR", *, context: Context | None = None,
        errors: Sequence[Mapping[str, Any]] = (), sub_category: str | None = None, extra: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.message, self.category, self.sub_category = status, message, category, sub_category
        self.context = {name: list(values) for name, values in (context or {}).items()}
        self.errors, self.extra = list(errors), dict(extra or {})

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The body of a whole request that is refused."""
        made: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation_id}
        if self.context:
            made["context"] = self.context
        if self.errors:
            made["errors"] = self.errors
        if self.category is not None:
            made["category"] = self.category
        if self.sub_category is not None:
            made["subCategory"] = self.sub_category
        return {**made, **self.extra}

    def row(self, trace_id: str | None) -> dict[str, Any]:
        """One entry of `errors` in a 207."""
        context = {"objectWriteTraceId": [trace_id], **self.context} if trace_id is not None else self.context
        made: dict[str, Any] = {"status": "error", "category": self.category or "OBJECT_NOT_FOUND"}
        if self.sub_category is not None:
            made["subCategory"] = self.sub_category
        made["message"] = self.message
        if context:
            made["context"] = context
        return made


@dataclass(frozen=True, slots=True)
class BadValue:
    """One property value that the platform does not take."""

    name: str
    code: str
    message: str


def invalid_properties(bad: Sequence[BadValue]) -> HubSpotError:
    """400 with the recorded body: a JSON list inside the message, and the first three as `errors`."""
    listed = [{"isValid": False, "message": one.message, "error": one.code, "name": one.name} for one in bad]
    errors = [{"message": one.message, "code": one.code, "context": {"propertyName": [one.name]}} for one in bad]
    return HubSpotError(
        400, f"Property values were not valid: {orjson.dumps(listed).decode()}", errors=errors[:_LISTED]
    )


def missing_property(name: str) -> BadValue:
    return BadValue(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')


def invalid_input(detail: str) -> HubSpotError:
    """A body that cannot be read into the request: wrong JSON or a wrong JSON type."""
    return HubSpotError(400, f"Invalid input JSON: {detail}")


def not_found() -> HubSpotError:
    return HubSpotError(404, "resource not found", None)


def no_such_type(name: str) -> HubSpotError:
    return HubSpotError(400, f"Unable to infer object type from: {name}", None)


def rows_not_found(label: str, ids: Sequence[str]) -> HubSpotError:
    words = f"Could not get some {label} objects, they may be deleted or not exist. Check that ids are valid."
    return HubSpotError(404, words, "OBJECT_NOT_FOUND", context={"ids": list(ids)})


def already_exists(label: str, existing_id: str) -> HubSpotError:
    words = f"{label.capitalize()} already exists. Existing ID: {existing_id}"
    return HubSpotError(409, words, "CONFLICT", context={"existingId": [existing_id]})


def missing_scopes(required: Sequence[str]) -> HubSpotError:
    words = (
        "This app hasn't been granted all required scopes to make this call. "
        "Read more about required scopes here: https://developers.hubspot.com/scopes."
    )
    detail = {"message": "One or more of the following scopes are required.",
              "context": {"requiredGranularScopes": list(required)}}  # fmt: skip
    links = {"links": {"scopes": "https://developers.hubspot.com/scopes"}}
    return HubSpotError(403, words, "MISSING_SCOPES", errors=[detail], extra=links)


def rate_limited(policy: str) -> HubSpotError:
    """`policy` is TEN_SECONDLY_ROLLING, SECONDLY or DAILY; recorded bodies carry errorType and no category."""
    words = f"You have reached your {policy.lower()} limit."
    return HubSpotError(429, words, None, extra={"errorType": "RATE_LIMIT", "policyName": policy})
