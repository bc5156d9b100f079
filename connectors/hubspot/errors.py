"""What each HubSpot error means for us, read from `dispositions.toml`; it never talks to HubSpot."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

UNKNOWN_REMEDY = "look the reason up in HubSpot's documentation, correct the record and retry it"
# Bad values stand as a JSON list in the words: `Property values were not valid: [{"error":"...","name":"..."}]`.
_CODES, _NAMES = re.compile(r'"error"\s*:\s*"(\w+)"'), re.compile(r'"name"\s*:\s*"(\w+)"')
LONGEST = 500  # characters of the vendor's words that are kept


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
    """One error as HubSpot words it, of one input of a batch or of a whole answer."""

    code: str
    message: str
    properties: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The vendor's code and words."""
        return f"{self.code}: {' '.join(self.message.split())[:LONGEST]}"


@dataclass(frozen=True, slots=True)
class Disposition:
    """What to do about a failure. `known` is False for a code that the table does not name."""

    recovery: Recovery
    remedy: str
    known: bool = True


@lru_cache(maxsize=1)
def _table() -> tuple[Mapping[str, Disposition], Sequence[tuple[str, str]]]:
    data = tomllib.loads(files("connectors.hubspot").joinpath("dispositions.toml").read_text("utf-8"))
    says = [(row["words"].casefold(), row["code"]) for row in data.pop("says")]
    codes = {
        code: Disposition(Recovery(recovery), remedy)
        for recovery, remedies in data.items()
        for code, remedy in remedies.items()
    }
    return codes, says


def disposition(failure: Failure) -> Disposition:
    """What mends this failure; any answer of 500 and above is tried again, an unknown code parks the record."""
    codes, _ = _table()
    if failure.code in codes:
        return codes[failure.code]
    if failure.code.startswith("HTTP_5"):
        return Disposition(Recovery.RETRY, "none needed, it is tried again")
    return Disposition(Recovery.PARK, UNKNOWN_REMEDY, known=False)


def of_error(error: Mapping[str, Any], status: int = 0) -> Failure:
    """The failure of an error body, or of one entry of `errors` in a 207."""
    message = str(error.get("message", ""))
    inner = [each for each in error.get("errors") or () if isinstance(each, Mapping)]
    named = [str(name) for each in (error, *inner) for name in (each.get("context") or {}).get("propertyName") or ()]
    named += _NAMES.findall(message)
    return Failure(_code(error, inner, message, status), message, tuple(dict.fromkeys(named)))


def of_answer(body: object, status: int) -> Failure:
    """The failure of a whole answer: an error body, or text that is no JSON."""
    if isinstance(body, Mapping):
        return of_error(body, status)
    return Failure(f"HTTP_{status}", str(body)[:LONGEST])


def _code(error: Mapping[str, Any], inner: Sequence[Mapping[str, Any]], message: str, status: int) -> str:
    codes, says = _table()
    words = message.casefold()
    candidates = [each.get("code") for each in inner] + _CODES.findall(message)
    candidates += [code for part, code in says if part in words]
    candidates += [error.get(key) for key in ("subCategory", "policyName", "category", "errorType")]
    told = [str(each) for each in candidates if each]
    # A code that the table knows says more than one that it does not, wherever it stands.
    known = [each for each in told if each in codes]
    if status in {408, 423, 429, 477} or status >= 500:
        known = [each for each in known if codes[each].recovery in {Recovery.RETRY, Recovery.PAUSE}]
        return known[0] if known else f"HTTP_{status}"
    return (known or told or [f"HTTP_{status}"])[0]
