"""What each refusal of Moodle means for us, read from `dispositions.toml`; it never talks to Moodle."""

import html
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from connectors.errors import BadCredentials, PauseConnection, RetryLater, StopMapping

UNKNOWN_REMEDY = "look the reason up in Moodle's documentation, correct the record and retry it"
LONGEST = 500  # characters of the vendor's words that are kept
WORDED = "worded"
_CODE, _TAG = re.compile(r"[\w/:.-]{1,80}"), re.compile(r"<[^>]*>")


class Recovery(StrEnum):
    """What mends a failure."""

    RETRY = "retry"
    REAUTHENTICATE = "reauthenticate"
    PAUSE = "pause"
    PARK = "park"
    STOP = "stop"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Failure:
    """One refusal as Moodle words it: of a whole call, or of one item that a warning names."""

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
    data = tomllib.loads(files("connectors.moodle").joinpath("dispositions.toml").read_text("utf-8"))
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


def of_exception(body: Mapping[str, object]) -> Failure:
    """The failure of `{"exception", "errorcode", "message"}`; the code of a refused password is HTML (facts, lms 2.1)."""
    code, words = str(body.get("errorcode") or body.get("exception") or ""), str(body.get("message") or "")
    if not _CODE.fullmatch(code):
        code, words = WORDED, code or words
    return Failure(code, _plain(words))


def of_warning(body: Mapping[str, object]) -> Failure:
    """The failure of one warning."""
    code = str(body.get("warningcode") or "")
    return Failure(f"warning_{code}" if code.isdigit() or not code else code, _plain(str(body.get("message") or "")))


def raised(failure: Failure, after: float | None = None) -> Exception:
    """The error to raise: by recovery where it is everybody's, `Refused` where it is the record's."""
    known, reason = disposition(failure), f"Moodle refuses: {failure.reason}"
    match known.recovery:
        case Recovery.RETRY:
            return RetryLater(reason, known.remedy, after)
        case Recovery.REAUTHENTICATE:
            return BadCredentials(reason, known.remedy)
        case Recovery.PAUSE:
            return PauseConnection(reason, known.remedy)
        case Recovery.STOP:
            return StopMapping(reason, known.remedy)
        case _:
            return Refused(failure)


def _plain(words: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", words)).split())[:LONGEST]
