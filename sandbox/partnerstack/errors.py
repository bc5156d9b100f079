"""A refusal as PartnerStack words it: `{"message", "status"}` and nothing more (docs.partnerstack.com)."""

from __future__ import annotations


class PartnerStackError(Exception):
    """An answer other than success; `status` is the HTTP status and stands in the body as well."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    @property
    def body(self) -> dict[str, object]:
        return {"message": self.message, "status": self.status}


def bad(message: str) -> PartnerStackError:
    return PartnerStackError(400, message)


def missing(resource: str, key: str) -> PartnerStackError:
    return PartnerStackError(404, f"No {resource} with key {key} was found")
