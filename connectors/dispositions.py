"""What each refusal of a vendor means for us, read from a connector's `dispositions.toml`; it never talks to a vendor.

The file has one table per recovery, `CODE = "remedy"`; what else stands in it, in lists, is the connector's own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from typing import Any

from connectors.errors import BadCredentials, PauseConnection, RetryLater, StopMapping

LONGEST = 500  # characters of a vendor's words that are kept


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
    """One refusal as the vendor words it: of a whole call, or of one record of several."""

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
    """A call or a record was refused, and others may succeed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


@dataclass(frozen=True)
class Dispositions:
    """What each code means at one vendor; `package` is the connector's, `vendor` the name that a person reads."""

    package: str
    vendor: str

    @cached_property
    def file(self) -> Mapping[str, Any]:
        """The file as it stands."""
        return tomllib.loads(files(self.package).joinpath("dispositions.toml").read_text("utf-8"))

    @cached_property
    def table(self) -> Mapping[str, Disposition]:
        """What mends each code that has been classified. Raises `ValueError` for a table that is no recovery."""
        return {
            code: Disposition(Recovery(recovery), remedy)
            for recovery, remedies in self.file.items()
            if isinstance(remedies, Mapping)
            for code, remedy in remedies.items()
        }

    def of(self, code: str) -> Disposition:
        """What mends this failure; any answer of 500 and above is tried again, an unknown code parks the record."""
        found = self.table.get(code)
        if found is not None:
            return found
        if code.startswith("HTTP_5"):
            return Disposition(Recovery.RETRY, "none needed, it is tried again", known=False)
        remedy = f"look the reason up in {self.vendor}'s documentation, correct the record and retry it"
        return Disposition(Recovery.PARK, remedy, known=False)

    def raised(self, failure: Failure, after: float | None = None) -> Exception:
        """The error to raise: by recovery where it is everybody's, `Refused` where it is the record's.

        `after` is the vendor's word on when to come again, in seconds.
        """
        known, reason = self.of(failure.code), f"{self.vendor} refuses: {failure.reason}"
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
