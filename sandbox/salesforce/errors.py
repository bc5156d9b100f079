"""The refusals of the platform, in its own codes and words; it never decides when to refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SalesforceError(Exception):
    """One refusal: HTTP status for a whole request, code and message for either a request or one row.

    `fields` is None where the platform leaves the key out (session, query and parser errors),
    and a list, perhaps empty, where it names fields.
    """

    def __init__(self, code: str, message: str, fields: Sequence[str] | None = None, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status
        self.fields = None if fields is None else list(fields)

    def as_request_error(self) -> dict[str, Any]:
        """Shape of a whole-request error: `errorCode`, and `fields` only when known."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = self.fields
        return body

    def as_row_error(self) -> dict[str, Any]:
        """Shape of an error of one row of a collection: `statusCode`, and `fields` always."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or []}


class OAuthError(Exception):
    """A refusal of the token endpoint: a dict body, not the list that the REST resources answer with."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description, self.status = error, description, status


def invalid_session() -> SalesforceError:
    return SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def no_such_resource() -> SalesforceError:
    return SalesforceError("NOT_FOUND", "The requested resource does not exist", status=404)


def no_such_external_id(what: str) -> SalesforceError:
    return SalesforceError(
        "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {what}", status=404
    )


def no_such_column(field: str, sobject: str) -> SalesforceError:
    return SalesforceError("INVALID_FIELD", f"No such column '{field}' on sobject of type {sobject}")


def field_not_allowed_in_body(field: str) -> SalesforceError:
    return SalesforceError("INVALID_FIELD", f"The {field} field should not be specified in the sobject data.")


def entity_is_deleted() -> SalesforceError:
    return SalesforceError("ENTITY_IS_DELETED", "entity is deleted", [], status=404)


def invalid_cross_reference(fields: Sequence[str] = (), status: int = 400) -> SalesforceError:
    return SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", list(fields), status)


def rolled_back() -> SalesforceError:
    return SalesforceError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
        [],
    )


def row_locked(record_id: str | None) -> SalesforceError:
    suffix = f" or 1 records: {record_id}" if record_id else ""
    return SalesforceError("UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record{suffix}", [])


def attributes_not_first() -> SalesforceError:
    """Recorded from a live org (v63.0): a row whose `attributes` are missing or not first."""
    return SalesforceError(
        "JSON_PARSER_ERROR",
        "Nested object for polymorphic foreign key must have an attributes field before any other fields.",
        [],
    )


def cannot_deserialize(kind: str, token: str, value: str) -> SalesforceError:
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {token} value {value} or request may be missing a required field",
    )
