"""One HTTP session to one portal: timeouts, rate headers and failures; it never retries and never logs.

The requests are built by hubspot-api-client (address, token, JSON) and sent by a session of ours: its typed calls know
no dated path and give None for an unforeseen answer, its `api_request` has no timeout, opens a connection for every
call and prints its errors, and neither tries a POST again.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from hubspot import HubSpot  # type: ignore[import-untyped]
from hubspot.utils.requests.http_request_builder import Request  # type: ignore[import-untyped]

from connectors.addresses import is_loopback
from connectors.errors import BadInput, RetryLater
from connectors.hubspot.errors import Failure, of_answer

USER_AGENT = "tandem"


class Refused(Exception):
    """An answer other than success. `after` is Retry-After in seconds, where HubSpot gave one."""

    def __init__(self, status: int, failure: Failure, after: float | None) -> None:
        super().__init__(f"HTTP {status}: {failure.reason}")
        self.status, self.failure, self.after = status, failure, after


class Transport:
    """Raises `Refused` for bad answers, `RetryLater` when none comes, `BadInput` when its TLS cannot be trusted."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        self._base_url, self._host, self._timeout = base_url, urlsplit(base_url).netloc, timeout_s
        self._session = requests.Session()
        # A proxy from the environment cannot reach a portal on this machine.
        self._session.trust_env = not is_loopback(urlsplit(base_url).hostname or "")

    def call(
        self, token: str, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None
    ) -> requests.Response:
        """One call of the API; `body` is sent as JSON."""
        portal = HubSpot(access_token=token, base_url=self._base_url, user_agent=USER_AGENT)
        options: dict[str, Any] = {"method": method, "path": path, "qs": dict(query or {})}
        if body is not None:
            options["body"] = body
        request = Request(portal.config, options)
        return self._send(request.get_method(), request.get_url(), **request.get_options_for_sending())

    def post_form(self, path: str, form: Mapping[str, str]) -> requests.Response:
        """A form to the token endpoint, without a token."""
        return self._send("POST", f"{self._base_url}{path}", data=dict(form))

    def fetch(self, url: str) -> requests.Response:
        """A file that HubSpot has put elsewhere; its signed address needs no token and gets none."""
        return self._send("GET", url)

    def _send(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        host = urlsplit(url).netloc
        try:
            answer = self._session.request(method, url, timeout=self._timeout, allow_redirects=False, **kwargs)
        except requests.exceptions.SSLError as error:
            reason = f"there is no trusted TLS connection to {host}"
            raise BadInput(reason, "check base_url, or the machine's root certificates") from error
        except requests.RequestException as error:
            raise RetryLater(f"no answer from {host}: {type(error).__name__}") from error
        if answer.status_code >= 300:
            raise Refused(answer.status_code, of_answer(_body(answer), answer.status_code), _after(answer.headers))
        return answer


def _body(answer: requests.Response) -> object:
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError:
        return answer.text


def _after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "").strip()
    return float(value) if value.isdigit() else None
