"""What each AWS error means for us, read from `dispositions.toml`; it never talks to AWS and shows no token."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    InvalidConfigError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    UnknownEndpointError,
)

from connectors.aws.redaction import redact
from connectors.base import Rejected, Retry
from connectors.errors import BadCredentials, BadInput, ConnectorError, PauseConnection, RetryLater, StopMapping

UNKNOWN_REMEDY = "look the reason up in AWS's documentation, correct the record and try again"
LONGEST = 800  # characters of AWS's words that are kept
PAUSE_S = 300.0  # seconds: a running change set is over by then
ACTIONS = {"marketplace-catalog": "aws-marketplace", "marketplace-agreement": "aws-marketplace",
           "partnercentral-selling": "partnercentral"}  # fmt: skip
# Operations that need the permission of another one (their API references).
SAME_ACTION = {"BatchDescribeEntities": "DescribeEntity", "DeleteMessageBatch": "DeleteMessage"}
THROTTLED = frozenset({"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestThrottled", "HTTP_429"})
OLD_SQS = "AWS.SimpleQueueService."  # SQS still gives the codes of its query protocol
# Not one byte of the call has gone out.
UNSENT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)


def action(service: str, operation: str) -> str:
    """The IAM action that a call needs, as `aws-marketplace:StartChangeSet`."""
    return f"{ACTIONS.get(service, service)}:{SAME_ACTION.get(operation, operation)}"


class Recovery(StrEnum):
    """What mends a failure."""

    RETRY = "retry"
    BUSY = "busy"
    CONFLICT = "conflict"
    REAUTHENTICATE = "reauthenticate"
    PERMIT = "permit"
    PAUSE = "pause"
    PARK = "park"
    RESOLVE = "resolve"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field that AWS refuses: its path as AWS writes it, the words, a code, and the change type it stands in."""

    field: str
    message: str
    code: str = ""
    change: str = ""

    def __str__(self) -> str:
        where = " ".join(part for part in (self.change, self.field) if part)
        return f"{where}: {self.message}" if where else self.message


@dataclass(frozen=True, slots=True)
class Failure:
    """One call that failed. `unsure`: it may have been carried out all the same."""

    service: str
    operation: str
    code: str
    message: str
    status: int = 0
    wrong: tuple[Wrong, ...] = ()
    unsure: bool = False
    after: float | None = None

    @property
    def reason(self) -> str:
        """AWS's code and words, without signatures and tokens."""
        words = "; ".join([self.message, *map(str, self.wrong)]) if self.wrong else self.message
        return f"{self.operation}: {self.code}: {' '.join(redact(words).split())[:LONGEST]}"

    @property
    def action(self) -> str:
        """The IAM action of the call."""
        return action(self.service, self.operation)


@dataclass(frozen=True, slots=True)
class Disposition:
    """What to do about a failure. `known` is False for a code that the table does not name."""

    recovery: Recovery
    remedy: str
    known: bool = True


class Refused(Exception):
    """A failure that is about one record, or whose call must not simply be made again: whoever called decides."""

    def __init__(self, failure: Failure, known: Disposition) -> None:
        super().__init__(failure.reason)
        self.failure, self.disposition = failure, known

    @property
    def absent(self) -> bool:
        """Whether the record is not there."""
        return self.disposition.recovery is Recovery.RESOLVE

    def outcome(self, busy_s: float, field: str | None = None) -> Retry | Rejected:
        """What becomes of the write; a locked record is tried again after `busy_s` seconds."""
        reason, recovery = self.failure.reason, self.disposition.recovery
        if recovery is Recovery.BUSY:
            return Retry(reason, busy_s)
        if recovery in {Recovery.RETRY, Recovery.CONFLICT}:
            return Retry(reason)
        named = field or next((each.field for each in self.failure.wrong if each.field), None)
        return Rejected(self.failure.code, reason, self.disposition.remedy, named)


@lru_cache(maxsize=1)
def _table() -> tuple[Mapping[str, Disposition], Mapping[tuple[str, str], Disposition]]:
    data = tomllib.loads(files("connectors.aws").joinpath("dispositions.toml").read_text("utf-8"))
    special = {
        (row["service"], row["code"]): Disposition(Recovery(row["recovery"]), row["remedy"])
        for row in data.pop("unless")
    }
    codes = {
        code: Disposition(Recovery(recovery), remedy)
        for recovery, remedies in data.items()
        for code, remedy in remedies.items()
    }
    return codes, special


def disposition(failure: Failure) -> Disposition:
    """What mends this failure; any other answer of 500 and above is tried again, an unknown code parks the record."""
    codes, special = _table()
    found = special.get((failure.service, failure.code)) or codes.get(failure.code)
    if found is None and failure.status >= 500:
        return Disposition(Recovery.RETRY, "none needed, it is tried again")
    if found is None:
        return Disposition(Recovery.PARK, UNKNOWN_REMEDY, known=False)
    return Disposition(found.recovery, found.remedy.replace("{action}", failure.action))


def of_answer(service: str, operation: str, error: ClientError) -> Failure:
    """The failure of an answer. An answer of 500 and above does not say whether the call was carried out."""
    response: Mapping[str, Any] = error.response
    told = response.get("Error", {})
    metadata = response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0))
    code = str(told.get("Code") or status).removeprefix(OLD_SQS)
    if code.isdigit():
        code = f"HTTP_{code}"
    return Failure(
        service,
        operation,
        code,
        str(told.get("Message", "")),
        status,
        tuple(_wrong(response)),
        unsure=status >= 500,
        after=_after(metadata.get("HTTPHeaders", {})),
    )


def of_transport(service: str, operation: str, error: BotoCoreError) -> Failure:
    """The failure of a call that got no answer, or could not be made at all."""
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, (NoCredentialsError, PartialCredentialsError, ProfileNotFound)):
        return Failure(service, operation, "NO_CREDENTIALS", words)
    if isinstance(error, ParamValidationError):
        return Failure(service, operation, "INVALID_REQUEST", words)
    if isinstance(error, (NoRegionError, InvalidConfigError, UnknownEndpointError)):
        return Failure(service, operation, "MISCONFIGURED", words)
    if isinstance(error, UNSENT):
        return Failure(service, operation, "UNREACHABLE", words)
    return Failure(service, operation, "UNANSWERED", words, unsure=isinstance(error, HTTPClientError))


def raised(failure: Failure, *, repeatable: bool) -> ConnectorError | Refused:
    """What a caller gets. `repeatable`: the call may be made again though it may have been carried out."""
    known = disposition(failure)
    match known.recovery:
        case Recovery.RETRY if repeatable or not failure.unsure:
            return RetryLater(failure.reason, known.remedy, failure.after)
        case Recovery.REAUTHENTICATE:
            return BadCredentials(failure.reason, known.remedy)
        case Recovery.PERMIT | Recovery.STOP:
            kind = BadInput if failure.code == "MISCONFIGURED" else StopMapping
            return kind(failure.reason, known.remedy)
        case Recovery.PAUSE:
            return PauseConnection(failure.reason, known.remedy, PAUSE_S)
    return Refused(failure, known)


def _wrong(response: Mapping[str, Any]) -> list[Wrong]:
    """The fields that a ValidationException names, in the words of each of the three services."""
    catalog = [
        Wrong(each.get("Field", ""), each.get("Message", ""), each.get("Reason", ""), each.get("ChangeType", ""))
        for each in response.get("ValidationExceptionFieldList") or ()
    ]
    agreement = [Wrong(each.get("name", ""), each.get("message", "")) for each in response.get("fields") or ()]
    selling = [
        Wrong(each.get("FieldName", ""), each.get("Message", ""), each.get("Code", ""))
        for each in response.get("ErrorList") or ()
    ]
    return [Wrong(each.field, redact(each.message), each.code, each.change) for each in catalog + agreement + selling]


def _after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After; AWS seldom gives one."""
    value = headers.get("retry-after", "").strip()
    return float(value) if value.isdigit() else None
