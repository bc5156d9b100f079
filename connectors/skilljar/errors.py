"""What each refusal of Skilljar means for us, read from `dispositions.toml`; it never talks to Skilljar."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from connectors.errors import BadCredentials, RetryLater, StopMapping

UNKNOWN_REMEDY = "look the reason up in Skilljar's documentation, correct the record and retry it"
LONGEST = 500  # characters of the vendor's words that are kept


class Recovery(StrEnum):
    """What mends a failure."""

    RETRY = "retry"
    REAUTHENTICATE = "reauthenticate"
    PARK = "park"
    STOP = "stop"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Failure:
    """One refusal as Skilljar words it: of a whole call, or of one row of a batch."""

    code: str
    message: str

    @property
    def reason(self) -> str:
        """The vendor's code and words."""
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class Disposition:
    """What to do about a failure. `known` is False for a code that the table does not name."""

    recovery: Recovery
    remedy: str
    known: bool = True


class Refused(Exception):
    """A call or an item was refused, and others may succeed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Disposition]:
    data = tomllib.loads(files("connectors.skilljar").joinpath("dispositions.toml").read_text("utf-8"))
    return {
        code: Disposition(Recovery(recovery), remedy)
        for recovery, remedies in data.items()
        for code, remedy in remedies.items()
    }


def disposition(failure: Failure) -> Disposition:
    """What mends this failure; any answer of 500 and above is tried again, an unknown code parks the record."""
    found = _table().get(failure.code)
    if found is not None:
        return found
    if failure.code.startswith("HTTP_5"):
        return Disposition(Recovery.RETRY, "none needed, it is tried again")
    return Disposition(Recovery.PARK, UNKNOWN_REMEDY, known=False)


def of_answer(body: object, status: int) -> Failure:
    """The failure of a whole answer, in any of the three shapes: `{"errors"}`, `{"error"}`, or fields with sentences."""
    code, words = f"HTTP_{status}", " ".join(_sentences(body)) or "no words"
    told = body if isinstance(body, Mapping) else {}
    errors = told.get("errors")
    named = (
        [str(each.get("code")) for each in errors or () if isinstance(each, Mapping)]
        if isinstance(errors, list)
        else []
    )
    named += [str(told["error"])] if isinstance(told.get("error"), str) else []
    # Codes of whole answers are not published: the status says more, but for those of the token endpoint.
    known = [
        each for each in named if each in _table() and status < 500 and status not in {401, 403, 404, 408, 409, 429}
    ]
    known += [each for each in named if each in {"invalid_client", "invalid_grant", "unauthorized_client"}]
    return Failure(known[0] if known else code, words[:LONGEST])


def of_row(row: Mapping[str, object]) -> Failure:
    """The failure of one row of a batch: `{"status": "failed", "error": {"code", "detail"}}`."""
    error = row.get("error")
    told = error if isinstance(error, Mapping) else {}
    return Failure(str(told.get("code") or "unnamed"), str(told.get("detail") or "no words")[:LONGEST])


def raised(failure: Failure, after: float | None = None) -> Exception:
    """The error to raise: by recovery where it is everybody's, `Refused` where it is the record's."""
    known, reason = disposition(failure), f"Skilljar refuses: {failure.reason}"
    match known.recovery:
        case Recovery.RETRY:
            return RetryLater(reason, known.remedy, after)
        case Recovery.REAUTHENTICATE:
            return BadCredentials(reason, known.remedy)
        case Recovery.STOP:
            return StopMapping(reason, known.remedy)
        case _:
            return Refused(failure)


def _sentences(body: object) -> Iterator[str]:
    """The words of an error body, wherever they stand."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, list):
        for each in body:
            yield from _sentences(each)
    elif isinstance(body, Mapping):
        for name, each in body.items():
            if name not in {"status", "code", "title", "source", "meta"}:
                yield from _sentences(each)
