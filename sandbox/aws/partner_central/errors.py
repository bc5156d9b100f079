"""The errors of Partner Central as it spells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core import ServiceError


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of an ErrorList: the member's path, the code and the words."""

    field: str
    code: str
    words: str


def invalid(faults: Sequence[Fault], reason: str = "BUSINESS_VALIDATION_FAILED") -> ServiceError:
    listed = [{"FieldName": one.field, "Code": one.code, "Message": one.words} for one in faults]
    message = "; ".join(f"{one.field}: {one.words}" for one in faults)
    return ServiceError("ValidationException", message, Reason=reason, ErrorList=listed)


def malformed(field: str, code: str, words: str) -> ServiceError:
    return invalid([Fault(field, code, words)], "REQUEST_VALIDATION_FAILED")


def not_allowed(field: str, words: str) -> ServiceError:
    return invalid([Fault(field, "ACTION_NOT_PERMITTED", words)])


def not_found(kind: str, name: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"{kind} with identifier {name} not found.", 400)


def conflict(message: str) -> ServiceError:
    return ServiceError("ConflictException", message)
