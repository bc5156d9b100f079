"""Calls to one learning record store: pages of statements, oldest first; it never writes to it and never retries.

What a store answers: xAPI 1.0.3, Part Three, 2.1.3 (GET Statements) and 3.2 (statuses).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from connectors.calling import Bearer, answered, parsed, refusal, session
from connectors.dispositions import Dispositions
from connectors.errors import BadInput
from connectors.xapi.settings import Basic, Settings
from connectors.xapi.statements import moment
from connectors.xapi.window import written

VERSION, CONSISTENT = "X-Experience-API-Version", "X-Experience-API-Consistent-Through"
DISPOSITIONS = Dispositions("connectors.xapi", "the learning record store")


@dataclass(frozen=True, slots=True)
class Page:
    """Statements as they came; `more` is the address of the next page. All stored before `consistent` can be seen."""

    statements: tuple[Any, ...]
    more: str | None
    consistent: datetime | None


class Store:
    """Raises the errors of `connectors.errors`. `settings` name an endpoint."""

    def __init__(self, settings: Settings) -> None:
        assert settings.endpoint is not None and settings.auth is not None  # noqa: S101, PT018 - the caller looks
        self._settings, self.endpoint = settings, settings.endpoint
        self._host, self._session = urlsplit(self.endpoint).netloc, session(self.endpoint)
        auth = settings.auth
        self._session.auth = _basic(auth) if isinstance(auth, Basic) else Bearer(auth.token.get_secret_value())
        self._session.headers[VERSION] = settings.version

    def about(self) -> tuple[str, ...]:
        """The versions of xAPI that the store speaks."""
        told = parsed(self._get(f"{self.endpoint}/about", {}), self._host).get("version")
        return tuple(map(str, told)) if isinstance(told, list) else ()

    def first(self, since: datetime | None, limit: int | None = None) -> Page:
        """What was stored after `since`, oldest first."""
        query = {"ascending": "true", "limit": str(limit or self._settings.page_size), "attachments": "false"}
        if since is not None:
            query["since"] = written(since)
        return self._page(f"{self.endpoint}/statements", query)

    def following(self, more: str) -> Page:
        """The page that another one named."""
        return self._page(more, {})

    def _page(self, url: str, query: Mapping[str, str]) -> Page:
        answer = self._get(url, query)
        body = parsed(answer, self._host)
        if not isinstance(body.get("statements"), list):
            reason = f"{self.endpoint} answers, but not with statements"
            raise BadInput(reason, "correct `endpoint`: it is the address before /statements")
        return Page(tuple(body["statements"]), self._next(body.get("more")), _consistent(answer.headers))

    def _next(self, more: object) -> str | None:
        """`more` is relative and of the same host; absent or empty at the end."""
        if not more:
            return None
        url, here = urlsplit(urljoin(self.endpoint, str(more))), urlsplit(self.endpoint)
        if (url.scheme, url.netloc) != (here.scheme, here.netloc):
            reason = f"{self.endpoint} names its next page at {url.netloc}, where its key does not belong"
            raise BadInput(reason, "correct the address that the store has of itself, or `endpoint`")
        return url.geturl()

    def _get(self, url: str, query: Mapping[str, str]) -> requests.Response:
        timeout = self._settings.timeout_s
        call = partial(self._session.get, url, params=dict(query), timeout=timeout, allow_redirects=False)
        answer = answered(call, self._host)
        if answer.status_code != 200:
            raise refusal(DISPOSITIONS, answer, self._host)
        return answer


def _basic(auth: Basic) -> HTTPBasicAuth:
    """In UTF-8: requests would take latin-1."""
    return HTTPBasicAuth(auth.key.encode(), auth.secret.get_secret_value().encode())


def _consistent(headers: Mapping[str, str]) -> datetime | None:
    """None where the store does not say, or says something that is no time."""
    try:
        found = moment(headers.get(CONSISTENT))
    except ValueError:
        return None
    return found if isinstance(found, datetime) else None
