"""Calls to Crossbeam as one organization: tokens, partners, pages of overlaps and signals; it keeps no cursor.

What is called and answered: Crossbeam's published collection (developers.crossbeam.com). Its text calls the list of an
answer `items`, its examples `data`: both are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.calling import Bearer, answered, parsed, refusal, session
from connectors.crossbeam.settings import RefreshToken, Settings
from connectors.dispositions import Dispositions
from connectors.errors import BadCredentials, RetryLater

DISPOSITIONS = Dispositions("connectors.crossbeam", "Crossbeam")
MANY = 1000  # partners per call
SIGN_IN = "check `auth` against the custom integration in Crossbeam"


@dataclass(frozen=True, slots=True)
class Page:
    """Records as they came. `cursor` is where to go on, now if there is `more`, later for what changes until then."""

    items: tuple[Any, ...]
    cursor: str | None
    more: bool


@dataclass(frozen=True, slots=True)
class PartnerOrg:
    """A partner at Crossbeam."""

    uuid: str
    name: str


class Client:
    """Raises the errors of `connectors.errors`. A new token is asked for when the old one is not taken any more."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._host = settings, urlsplit(settings.base_url).netloc
        self._session, self._token = session(settings.base_url), ""
        self._session.headers["Xbeam-Organization"] = settings.organization
        auth = settings.auth
        self._refresh = auth.refresh_token.get_secret_value() if isinstance(auth, RefreshToken) else ""

    def organizations(self) -> Mapping[str, str]:
        """The organizations that the token's user belongs to: uuid to name."""
        users = [each for each in _items(self._get("/v1/users/me", {})) if isinstance(each, Mapping)]
        found = [each for user in users for each in user.get("organizations") or () if isinstance(each, Mapping)]
        return {str(each.get("uuid")): str(each.get("name")) for each in found}

    def partners(self) -> list[PartnerOrg]:
        """All partners; the list goes on as long as it names a next page and has something on this one."""
        found: list[PartnerOrg] = []
        for number in range(1, MANY):
            body = self._get("/v1/partners", {"limit": str(MANY), "page": str(number)})
            items = [each for each in _items(body) if isinstance(each, Mapping) and each.get("uuid")]
            new = [PartnerOrg(str(each["uuid"]), str(each.get("name") or each["uuid"])) for each in items]
            found += [each for each in new if each not in found]
            if not new or not _pagination(body).get("next_href"):
                break
        return found

    def page(self, path: str, query: Mapping[str, str], cursor: str | None) -> Page:
        """One page; `query` must be the same for a cursor at all times: else Crossbeam answers, and tells not all."""
        body = self._get(path, {**query, **({} if cursor is None else {"cursor": cursor})})
        pagination = _pagination(body)
        told = pagination.get("next_cursor")
        following = str(told) if told else None
        # "false is the only definitive way to know that there are no more"
        more = pagination.get("has_more") is not False and following not in {None, cursor}
        return Page(tuple(_items(body)), following or cursor, more)

    def _get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        answer = self._asked(path, query)
        if answer.status_code == 401 and isinstance(self._settings.auth, RefreshToken):
            self._token = ""
            answer = self._asked(path, query)
        if answer.status_code != 200:
            raise refusal(DISPOSITIONS, answer, self._host)
        return parsed(answer, self._host)

    def _asked(self, path: str, query: Mapping[str, str]) -> requests.Response:
        url, timeout = self._settings.base_url + path, self._settings.timeout_s
        call = partial(
            self._session.get, url, params=dict(query), auth=Bearer(self._bearer()), timeout=timeout,
            allow_redirects=False,
        )  # fmt: skip
        return answered(call, self._host)

    def _bearer(self) -> str:
        auth = self._settings.auth
        if not isinstance(auth, RefreshToken):
            return auth.token.get_secret_value()
        if not self._token:
            self._token = self._renewed(auth)
        return self._token

    def _renewed(self, auth: RefreshToken) -> str:
        form = {
            "grant_type": "refresh_token",
            "client_id": auth.client_id,
            "client_secret": auth.client_secret.get_secret_value(),
            "refresh_token": self._refresh,
        }
        host = urlsplit(auth.sign_in).netloc
        url, timeout = f"{auth.sign_in}/oauth/token", self._settings.timeout_s
        with session(auth.sign_in) as signing_in:
            answer = answered(partial(signing_in.post, url, data=form, timeout=timeout, allow_redirects=False), host)
            if answer.status_code in {408, 429} or answer.status_code >= 500:
                raise RetryLater(f"{host} answered HTTP {answer.status_code}")
            body = parsed(answer, host) if answer.status_code == 200 else {}
        if not body.get("access_token"):
            raise BadCredentials(f"{host} refused the sign-in: HTTP {answer.status_code} {answer.text[:200]}", SIGN_IN)
        # Whether Crossbeam hands out a new refresh token is not documented; one that it sends takes the old one's place.
        self._refresh = str(body.get("refresh_token") or self._refresh)
        return str(body["access_token"])


def _items(body: Mapping[str, Any]) -> list[Any]:
    found = body.get("items", body.get("data"))
    return found if isinstance(found, list) else []


def _pagination(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = body.get("pagination")
    return found if isinstance(found, Mapping) else {}
