"""What connectors that read an HTTP API of JSON share: the session, a call without an answer, a refusal; it never tries again."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from connectors.addresses import is_loopback
from connectors.dispositions import LONGEST, Dispositions, Failure, Refused
from connectors.errors import BadInput, RetryLater, StopMapping


def session(address: str) -> requests.Session:
    """A session for one API; a proxy from the environment cannot reach an address on this machine."""
    made = requests.Session()
    made.trust_env = not is_loopback(urlsplit(address).hostname or "")
    made.headers.update({"Accept": "application/json", "User-Agent": "tandem"})
    return made


class Bearer(AuthBase):
    """A token as requests signs with it; as a header alone it would be overruled by a machine's netrc file."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def answered(call: Callable[[], requests.Response], host: str) -> requests.Response:
    """The answer, whatever its status. Raises `RetryLater` for none, `BadInput` where TLS cannot be trusted."""
    try:
        return call()
    except requests.exceptions.SSLError as error:
        reason = f"there is no trusted TLS connection to {host}"
        raise BadInput(reason, "check the address, or the machine's root certificates") from error
    except requests.RequestException as error:
        raise RetryLater(f"no answer from {host}: {type(error).__name__}") from error


def parsed(answer: requests.Response, host: str) -> Mapping[str, Any]:
    """The JSON object of an answer; empty for other JSON. Raises `RetryLater` for what is no JSON."""
    try:
        body = answer.json()
    except requests.exceptions.JSONDecodeError as error:
        raise RetryLater(f"{host} answered with something that is no JSON") from error
    return body if isinstance(body, Mapping) else {}


def refusal(known: Dispositions, answer: requests.Response, host: str) -> Exception:
    """The error of an answer that is no success, where it concerns all that is called: nothing is parked here."""
    code, words = f"HTTP_{answer.status_code}", " ".join(answer.text.split())[:LONGEST]
    failure = Failure(code, f"{host} says {words!r}" if words else f"{host} says no more")
    error = known.raised(failure, _after(answer.headers))
    if isinstance(error, Refused):
        return StopMapping(f"{known.vendor} refuses: {failure.reason}", known.of(code).remedy)
    return error


def _after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "").strip()
    return float(value) if value.isdigit() else None
