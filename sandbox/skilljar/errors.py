"""The refusals of both APIs, each in its own shape; it decides nothing."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """`body` is what stands in the answer."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


def first(status: int, detail: str) -> Refusal:
    """Of the first API: `{"detail"}`."""
    return Refusal(status, {"detail": detail})


def invalid(**fields: str) -> Refusal:
    """Of the first API, for values: a list of sentences for each field."""
    return Refusal(400, {name: [words] for name, words in fields.items()})


def second(status: int, code: str, detail: str, pointer: str | None = None) -> Refusal:
    """Of the second API: a JSON:API error document."""
    error: dict[str, Any] = {"status": str(status), "code": code, "title": code.replace("_", " "), "detail": detail}
    return Refusal(status, {"errors": [error | ({"source": {"pointer": pointer}} if pointer else {})]})


def grant(code: str, words: str, status: int = 401) -> Refusal:
    """Of the token endpoint (RFC 6749)."""
    return Refusal(status, {"error": code, "error_description": words})


def failed(code: str, detail: str, pointer: str, id_: str | None = None) -> dict[str, Any]:
    """One row of a batch that did not succeed."""
    return {"status": "failed", "id": id_, "error": {"code": code, "detail": detail, "source": {"pointer": pointer}}}
