"""What each PartnerStack refusal means for us, read from `dispositions.toml`; it never talks to PartnerStack."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from connectors.base import Outcome, Rejected, Retry

UNKNOWN_REMEDY = "look the reason up in PartnerStack's documentation, correct the record and retry it"
LONGEST = 500  # characters of the vendor's words that are kept


class Recovery(StrEnum):
    """What mends a failure."""

    RETRY = "retry"
    REAUTHENTICATE = "reauthenticate"
    STOP = "stop"
    PARK = "park"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Disposition:
    """What to do about a failure. `known` is False for a code that the table does not name."""

    recovery: Recovery
    remedy: str
    known: bool = True


class Refused(Exception):
    """An answer other than success. `after` is Retry-After in seconds, where PartnerStack gave one."""

    def __init__(self, status: int, message: str, after: float | None = None) -> None:
        self.status, self.code, self.after = status, f"HTTP_{status}", after
        self.reason = f"{self.code}: {' '.join(message.split())[:LONGEST]}"
        super().__init__(self.reason)

    @property
    def gone(self) -> bool:
        """Whether the record is not there."""
        return self.status in {404, 410}

    @property
    def outcome(self) -> Outcome:
        """What it means for one write."""
        known = disposition(self.code)
        if known.recovery is Recovery.RETRY:
            return Retry(self.reason, self.after)
        return Rejected(self.code, self.reason, known.remedy)


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Disposition]:
    data = tomllib.loads(files("connectors.partnerstack").joinpath("dispositions.toml").read_text("utf-8"))
    return {
        code: Disposition(Recovery(recovery), remedy)
        for recovery, remedies in data.items()
        for code, remedy in remedies.items()
    }


def disposition(code: str) -> Disposition:
    """What mends this failure; any answer of 500 and above is tried again, an unknown code parks the record."""
    found = _table().get(code)
    if found is not None:
        return found
    if code.startswith("HTTP_5"):
        return Disposition(Recovery.RETRY, "none needed, it is tried again", known=False)
    return Disposition(Recovery.PARK, UNKNOWN_REMEDY, known=False)


def message_of(body: object) -> str:
    """The vendor's words in an error body: `message` (docs.partnerstack.com), or the text as it stands."""
    if isinstance(body, Mapping):
        return str(body.get("message") or body.get("error") or body)
    return str(body)
