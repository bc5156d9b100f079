"""One HTTP session to one org: timeouts, usage and failures, whatever library asks; it never retries and never logs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

from connectors.addresses import is_loopback
from connectors.errors import BadInput, RetryLater
from connectors.salesforce.errors import Failure, of_answer


class Usage(NamedTuple):
    """API calls of the org in the last 24 hours, by `Sforce-Limit-Info`; recalculated by the org now and then."""

    used: int
    total: int


class Refused(Exception):
    """An answer other than success. `after` is Retry-After in seconds, where the org gave one."""

    def __init__(self, status: int, failure: Failure, after: float | None) -> None:
        super().__init__(f"HTTP {status}: {failure.reason}")
        self.status, self.failure, self.after = status, failure, after


class Transport(requests.Session):
    """A session that gives every call a timeout, keeps the usage of every answer and raises `Refused` for the bad ones.

    Raises `RetryLater` when no answer comes, `BadInput` when its TLS cannot be trusted.
    """

    def __init__(self, base_url: str, timeout_s: float, headers: Mapping[str, str]) -> None:
        super().__init__()
        self._host, self._timeout = urlsplit(base_url).netloc, timeout_s
        self.usage: Usage | None = None
        self.headers.update(headers)
        # A proxy from the environment cannot reach an org on this machine.
        self.trust_env = not is_loopback(urlsplit(base_url).hostname or "")

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """As `requests.Session.request`, of which simple-salesforce uses the keyword arguments."""
        kwargs.setdefault("timeout", self._timeout)
        try:
            answer = super().request(method, url, *args, **kwargs)
        except requests.exceptions.SSLError as error:
            reason = f"there is no trusted TLS connection to {self._host}"
            raise BadInput(reason, "check base_url, or the machine's root certificates") from error
        except requests.RequestException as error:
            raise RetryLater(f"no answer from {self._host}: {type(error).__name__}") from error
        self.usage = _usage(answer.headers.get("Sforce-Limit-Info", "")) or self.usage
        if answer.status_code >= 300:
            raise Refused(answer.status_code, of_answer(_body(answer), answer.status_code), _after(answer.headers))
        return answer


def _body(answer: requests.Response) -> object:
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError:
        return answer.text


def _usage(header: str) -> Usage | None:
    """`api-usage=18/5000; per-app-api-usage=17/250(appName=x)`: the first part counts for the whole org."""
    for part in header.split(";"):
        label, _, value = part.strip().partition("=")
        used, _, total = value.partition("/")
        if label == "api-usage" and used.isdigit() and total.isdigit():
            return Usage(int(used), int(total))
    return None


def _after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; a date is counted from the org's own clock, in the same answer."""
    value = headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    until, now = _date(value), _date(headers.get("Date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    # A zone of -0000 reads as no zone at all.
    return found if found.tzinfo else found.replace(tzinfo=UTC)
