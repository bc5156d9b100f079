"""How the catalog says no: at once, as errors of the service, or later, as errors of a change set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..core import ServiceError


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a change failed, as it is found in ErrorDetailList. `change_type` is the change that it is told at."""

    code: str
    message: str
    change_type: str | None = None  # None: at the change that was being applied


def validation(message: str, fields: list[dict[str, Any]] | None = None) -> ServiceError:
    """ValidationException, 422; the field list is there only where fields are to blame."""
    members = {"ValidationExceptionFieldList": fields} if fields else {}
    return ServiceError("ValidationException", message, 422, **members)


def blame(reason: str, field: str, message: str, **where: str) -> dict[str, Any]:
    """One entry of that list. `where` is EntityType, EntityId and ChangeType as far as they are known."""
    return {"Reason": reason, "Field": field, "Message": message, **where}


def not_found(what: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"Requested {what} does not exist.", 404)


def denied(message: str) -> ServiceError:
    return ServiceError("AccessDeniedException", message, 403)


def in_use(message: str) -> ServiceError:
    return ServiceError("ResourceInUseException", message, 423)
