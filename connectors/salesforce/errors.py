"""What each Salesforce error means for us, read from `dispositions.toml`; it never talks to Salesforce."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

HTTP_SEVERAL = 300  # the answer lists the records that share an external id
UNKNOWN_REMEDY = "look the code up in Salesforce's list of status codes, correct the record and retry it"


class Recovery(StrEnum):
    """What mends a failure."""

    RETRY = "retry"
    ALONE = "alone"
    REAUTHENTICATE = "reauthenticate"
    PAUSE = "pause"
    PARK = "park"
    STOP = "stop"
    RESOLVE = "resolve"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Failure:
    """One error as Salesforce words it, of a row (`statusCode`) or of a whole answer (`errorCode`)."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The vendor's code and words, and the fields where it names some."""
        named = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.code}: {' '.join(self.message.split())}{named}"


@dataclass(frozen=True, slots=True)
class Disposition:
    """What to do about a failure. `known` is False for a code that the table does not name."""

    recovery: Recovery
    remedy: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Unless:
    code: str
    says: tuple[str, ...]
    disposition: Disposition

    def applies(self, failure: Failure) -> bool:
        words = failure.message.lower()
        return failure.code == self.code and any(part.lower() in words for part in self.says)


@lru_cache(maxsize=1)
def _table() -> tuple[Mapping[str, Disposition], Sequence[_Unless]]:
    data = tomllib.loads(files("connectors.salesforce").joinpath("dispositions.toml").read_text("utf-8"))
    unless = [
        _Unless(row["code"], tuple(row["says"]), Disposition(Recovery(row["recovery"]), row["remedy"]))
        for row in data.pop("unless")
    ]
    codes = {
        code: Disposition(Recovery(recovery), remedy)
        for recovery, remedies in data.items()
        for code, remedy in remedies.items()
    }
    return codes, unless


def disposition(failure: Failure) -> Disposition:
    """What mends this failure; a code that nobody has classified parks the record."""
    codes, unless = _table()
    for exception in unless:
        if exception.applies(failure):
            return exception.disposition
    exact = codes.get(failure.code)
    if exact is not None:
        return exact
    for code, found in codes.items():
        if code.endswith("*") and failure.code.startswith(code[:-1]):
            return found
    return Disposition(Recovery.PARK, UNKNOWN_REMEDY, known=False)


def of_row(errors: Sequence[Mapping[str, object]]) -> Failure:
    """The failure of one row of a collection answer: its first error, with the words of the others, if it has some."""
    if not errors:
        return Failure("UNKNOWN_EXCEPTION", "refused without an error")
    first, *others = (_failure(error) for error in errors)
    message = "; ".join([first.message, *(other.reason for other in others)])
    return Failure(first.code, message, (*first.fields, *(name for other in others for name in other.fields)))


def of_bulk(text: str) -> Failure:
    """The failure of a row or a job of Bulk API 2.0: `CODE:words:field, field --`, or `CODE : words`."""
    words = text.strip()
    fields: tuple[str, ...] = ()
    if words.endswith("--"):
        words, _, named = words.removesuffix("--").rpartition(":")
        fields = tuple(name.strip() for name in named.split(",") if name.strip())
    code, _, message = words.partition(":")
    return Failure(code.strip() or "UNKNOWN_EXCEPTION", message.strip(), fields)


def of_answer(body: object, status: int) -> Failure:
    """The failure of a whole answer: a list of errors, OAuth's single object, or text that is no JSON."""
    if isinstance(body, list) and body and isinstance(body[0], Mapping):
        return _failure(body[0])
    if status == HTTP_SEVERAL and isinstance(body, list):
        ids = ", ".join(str(url).rpartition("/")[2] for url in body)
        return Failure("DUPLICATE_EXTERNAL_ID", f"several records have the external id: {ids}")
    if isinstance(body, Mapping):
        return Failure(str(body.get("error", f"HTTP_{status}")), str(body.get("error_description", "")))
    text = str(body)
    # The identity endpoints answer with the bare code, such as `Bad_OAuth_Token` (jsforce #736).
    return Failure(text if text.isidentifier() else f"HTTP_{status}", text[:200])


def _failure(error: Mapping[str, object]) -> Failure:
    fields = error.get("fields") or ()
    named = tuple(str(field) for field in fields) if isinstance(fields, (list, tuple)) else ()
    code = error.get("statusCode") or error.get("errorCode") or "UNKNOWN_EXCEPTION"
    return Failure(str(code), f"{error.get('message', '')}{_duplicates(error)}", named)


def _duplicates(error: Mapping[str, object]) -> str:
    """The records that a duplicate rule matched; the vendor spells the key `duplicateResut`."""
    found = error.get("duplicateResut") or error.get("duplicateResult")
    if not isinstance(found, Mapping):
        return ""
    ids = [
        match["record"]["Id"]
        for result in found.get("matchResults") or ()
        for match in result.get("matchRecords") or ()
    ]
    return f" The rule {found.get('duplicateRule')} matched {', '.join(ids)}." if ids else ""
