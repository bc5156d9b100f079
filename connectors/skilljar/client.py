"""Sessions to both APIs of one organization: keys, tokens, pages and refusals; it never retries but for a token.

The first API takes a key as the user name of basic auth and an empty password, and gives pages with a count or bare
arrays; the second takes a bearer token of some minutes, and gives JSON:API with opaque cursors (facts, lms 3).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from connectors.addresses import is_loopback
from connectors.base import Budget
from connectors.errors import BadInput, RetryLater
from connectors.skilljar.errors import of_answer, raised
from connectors.skilljar.pace import Pace
from connectors.skilljar.settings import Settings

EARLY = timedelta(seconds=60)  # a token is renewed this long before its end
OF_SECOND = 100  # rows of a page of the second API at most
Row = Mapping[str, Any]


class Client:
    """Raises `Refused` where one record is refused and the errors of `connectors.errors` where all are."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        self._pace = Pace(settings.calls_per_minute, settings.calls_per_hour, clock)
        self._host = urlsplit(settings.base_url).netloc
        self._session = requests.Session()
        # A proxy from the environment cannot reach an API on this machine; and it would bring a .netrc.
        self._session.trust_env = not is_loopback(urlsplit(settings.base_url).hostname or "")
        self._token, self._until = "", clock()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def budget(self) -> Budget:
        """The hour's calls of this process."""
        return self._pace.budget()

    def first(self, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None) -> Any:
        """A call of the first API, below `/v1/`."""
        key = (self._settings.api_key.get_secret_value(), "")
        return _read(self._send(method, f"/v1/{path}", auth=key, json=body, params=query))

    def second(self, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None) -> Any:
        """A call of the second API, below `/v2/`; a token that is refused is renewed once."""
        answer = self._with_token(method, path, body, query)
        if answer.status_code == 401:
            self._token = ""
            answer = self._with_token(method, path, body, query)
        return _read(answer)

    def rows(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Row]:
        """The rows of a list of the first API, page by page; a bare array is the only page."""
        page: str | None = "1"
        while page is not None:
            asked = {**(query or {}), "page_size": str(self._settings.page_size), "page": page}
            body = self.first("GET", path, query=asked)
            yield from body if isinstance(body, list) else body["results"]
            page = None if isinstance(body, list) else _page_of(body.get("next"))

    def resources(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Row]:
        """The documents of a list of the second API, one for each page."""
        cursor: str | None = None
        while True:
            paged = {"page[size]": str(min(self._settings.page_size, OF_SECOND))}
            paged |= {} if cursor is None else {"page[cursor]": cursor}
            body = self.second("GET", path, query={**(query or {}), **paged})
            yield body
            cursor = body.get("next_cursor")
            if not body.get("has_more") or cursor is None:
                return

    def _with_token(self, method: str, path: str, body: object, query: Mapping[str, str] | None) -> requests.Response:
        if not self._token or self._clock() >= self._until:
            self._renew()
        headers = {"Authorization": f"Bearer {self._token}"}
        return self._send(method, f"/v2/{path}", headers=headers, json=body, params=query)

    def _renew(self) -> None:
        client, now = self._settings.client, self._clock()
        secret = client.client_secret.get_secret_value()
        asked = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret}
        body = _read(self._send("POST", "/v2/auth/token", json=asked))
        self._token = str(body["access_token"])
        self._until = now + max(timedelta(seconds=1), timedelta(seconds=float(body["expires_in"])) - EARLY)

    def _send(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        self._pace.spend()
        url = f"{self._settings.base_url}{path}"
        try:
            return self._session.request(method, url, timeout=self._settings.timeout_s, allow_redirects=False, **kwargs)
        except requests.exceptions.SSLError as error:
            reason = f"there is no trusted TLS connection to {self._host}"
            raise BadInput(reason, "check base_url, or the machine's root certificates") from error
        except requests.RequestException as error:
            raise RetryLater(f"no answer from {self._host}: {type(error).__name__}") from error


def _read(answer: requests.Response) -> Any:
    try:
        body = answer.json() if answer.content else None
    except requests.exceptions.JSONDecodeError:
        body = answer.text
    if answer.status_code >= 300:
        wait = answer.headers.get("Retry-After", "").strip()
        raise raised(of_answer(body, answer.status_code), float(wait) if wait.isdigit() else None)
    if isinstance(body, str):
        raise BadInput(f"the answer is no JSON: {body[:80]!r}", "check base_url")
    return body


def _page_of(url: str | None) -> str | None:
    """The number of the next page; the address itself is not followed, it may be of another host behind a proxy."""
    return next(iter(parse_qs(urlsplit(url).query).get("page", ())), None) if url else None
