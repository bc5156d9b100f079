"""The refusals of Moodle's web services: HTTP 200 with an exception, its code and its words; it decides nothing."""

from __future__ import annotations

from typing import Any


class MoodleError(Exception):
    """`code` is what Moodle calls errorcode; debuginfo is hidden, as on a site that is not in developer mode."""

    def __init__(self, code: str, message: str, exception: str = "moodle_exception") -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.exception = code, message, exception

    def body(self) -> dict[str, Any]:
        return {"exception": self.exception, "errorcode": self.code, "message": self.message}


def invalid_parameter() -> MoodleError:
    """Bare, whatever is wrong: also a user who is there already (observed on 4.5.6)."""
    return MoodleError("invalidparameter", "Invalid parameter value detected", "invalid_parameter_exception")


def no_permission(capability: str) -> MoodleError:
    words = f"Sorry, but you do not currently have permissions to do that ({capability})."
    return MoodleError("nopermissions", words, "required_capability_exception")


def missing_record(table: str) -> MoodleError:
    """A user and a course have codes of their own; of another table there is only `invalidrecord`."""
    code = {"user": "invaliduser", "course": "invalidcourseid"}.get(table, "invalidrecord")
    words = f"Can't find data record in database table {table}."
    return MoodleError(code, words, "dml_missing_record_exception")


def warning(code: str, message: str, item: str | None = None, item_id: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"warningcode": code, "message": message}
    if item is not None:
        found = {"item": item, "itemid": item_id, **found}
    return found
