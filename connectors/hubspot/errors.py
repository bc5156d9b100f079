"""What each HubSpot error means for us, read from `dispositions.toml`; it never talks to HubSpot."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.dispositions import LONGEST, Disposition, Dispositions, Recovery

# Bad values stand as a JSON list in the words: `Property values were not valid: [{"error":"...","name":"..."}]`.
_CODES, _NAMES = re.compile(r'"error"\s*:\s*"(\w+)"'), re.compile(r'"name"\s*:\s*"(\w+)"')
DISPOSITIONS = Dispositions("connectors.hubspot", "HubSpot")


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


def disposition(failure: Failure) -> Disposition:
    """What mends this failure."""
    return DISPOSITIONS.of(failure.code)


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
    codes, words = DISPOSITIONS.table, message.casefold()
    candidates = [each.get("code") for each in inner] + _CODES.findall(message)
    candidates += [row["code"] for row in DISPOSITIONS.file["says"] if row["words"].casefold() in words]
    candidates += [error.get(key) for key in ("subCategory", "policyName", "category", "errorType")]
    told = [str(each) for each in candidates if each]
    # A code that the table knows says more than one that it does not, wherever it stands.
    known = [each for each in told if each in codes]
    if status in {408, 423, 429, 477} or status >= 500:
        known = [each for each in known if codes[each].recovery in {Recovery.RETRY, Recovery.PAUSE}]
        return known[0] if known else f"HTTP_{status}"
    return (known or told or [f"HTTP_{status}"])[0]
