"""Calls to one portal as one app: tokens, limits, the reserve of the day; it never judges a record."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import requests

from connectors.base import Budget
from connectors.dispositions import Recovery
from connectors.errors import BadCredentials, ConnectorError, PauseConnection, RetryLater, StopMapping
from connectors.hubspot.errors import Failure, disposition
from connectors.hubspot.pace import Pace
from connectors.hubspot.paths import Paths
from connectors.hubspot.settings import AccessToken, App, Settings
from connectors.hubspot.transport import Refused, Transport

Row = dict[str, Any]
SIGN_IN_REMEDY = "check the connection's auth and app settings against the app in HubSpot"
_SCOPE = "developer.webhooks_journal"
READING = f"{_SCOPE}.read {_SCOPE}.subscriptions.read"
SUBSCRIBING = f"{_SCOPE}.subscriptions.read {_SCOPE}.subscriptions.write"
# Where midnight of the portal is not known, the day's quota is looked at again after an hour.
AN_HOUR = 3600.0


class Mismatch(StopMapping):
    """The portal refused a call because its definitions or our permissions do not fit; `failure` is its word."""

    def __init__(self, failure: Failure, remedy: str) -> None:
        super().__init__(f"HubSpot refused the call: {failure.reason}.", remedy)
        self.failure = failure


@dataclass(slots=True)
class _Token:
    """One kind of token and how to get a new one; a private app's token is never renewed."""

    form: Mapping[str, str] | None
    value: str | None = None


class Client:
    """Raises the errors of `connectors.errors`; `Refused` only where `bare` asks for it.

    `clock` gives aware times; `wait` and `monotonic` are for the pace that HubSpot's limits ask for.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime],
        wait: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.paths = Paths(settings.api, settings.journal_api)
        self._settings, self._clock, self._wait, self._monotonic = settings, clock, wait, monotonic
        self._http = Transport(settings.base_url, settings.timeout_s)
        self._pace = Pace(settings.searches_per_s)
        self._token = _token(settings)
        self._reader = _Token(None if settings.app is None else _app_form(settings.app, READING))
        self._subscriber = _Token(None if settings.app is None else _app_form(settings.app, SUBSCRIBING))
        self._portal: int | None = None

    def budget(self) -> Budget | None:
        """The portal's API calls of the day, with the reserve; None for an OAuth app, which is told none."""
        daily = self._pace.daily
        if daily is None:
            return None
        return Budget(daily.limit - daily.left, daily.limit, round(daily.limit * self._settings.api_reserve_share))

    def get(self, path: str, **query: str) -> Any:
        """The answer's JSON."""
        return self._json(lambda: self._crm("GET", path, None, query))

    def post(self, path: str, body: object) -> Any:
        """The answer's JSON; None for an answer without content."""
        return self._json(lambda: self._crm("POST", path, body, None))

    def search(self, object_: str, body: Row) -> Row:
        """One page of a search."""
        return dict(
            self._json(lambda: self._crm("POST", self.paths.objects(object_, "search"), body, None, search=True))
        )

    def bare(self, method: str, path: str, body: object = None) -> Any:
        """As `post`, but a refusal of the content comes as `Refused`: the caller tells whose it is."""
        answer = self._crm(method, path, body, None)
        return _parsed(answer)

    def portal(self) -> int:
        """The portal's number."""
        if self._portal is None:
            self._portal = int(self.get(self.paths.account())["portalId"])
        return self._portal

    def journal(self, rest: str) -> Row | None:
        """A resource of the webhooks journal, read as the app and not as the portal; None where nothing is new."""
        path, query = self.paths.journal_of(rest), {"installPortalId": str(self.portal())}
        answer = self._guarded(lambda: self._as(self._reader, "GET", path, None, query))
        return _parsed(answer) if answer.content else None

    def journal_file(self, url: str) -> Row:
        """What a journal entry points to; the address is good for minutes only, and then a new one is asked for."""
        try:
            return dict(_parsed(self._http.fetch(url)))
        except Refused as refused:
            raise RetryLater(f"the journal's file cannot be had: HTTP {refused.status}") from None

    def subscriptions(self) -> list[Row]:
        """What the journal tells of this portal."""
        answer = self._guarded(lambda: self._as(self._reader, "GET", self.paths.subscriptions(), None, None))
        found = _parsed(answer)["results"]
        return [each for each in found if each["portalId"] == self.portal() and each.get("deletedAt") is None]

    def subscribe(self, body: Mapping[str, Any]) -> None:
        """Have the journal tell of something in this portal."""
        path, whole = self.paths.subscriptions(), {**body, "portalId": self.portal()}
        self._guarded(lambda: self._as(self._subscriber, "POST", path, whole, None))

    def raise_for(self, refused: Refused) -> NoReturn:
        """The error that a refusal means for the whole connection or mapping."""
        failure, known = refused.failure, disposition(refused.failure)
        said = f"HubSpot answered HTTP {refused.status}, {failure.reason}"
        match known.recovery:
            case Recovery.PAUSE:
                raise PauseConnection(said, known.remedy, self._until_midnight()) from None
            case Recovery.REAUTHENTICATE:
                raise BadCredentials(f"{said}, even with a new token.", SIGN_IN_REMEDY) from None
            case Recovery.RETRY:
                raise RetryLater(said, after=refused.after or _interval(failure)) from None
            case _:
                raise Mismatch(failure, known.remedy) from None

    def _json(self, ask: Callable[[], requests.Response]) -> Any:
        return _parsed(self._guarded(ask))

    def _guarded(self, ask: Callable[[], requests.Response]) -> requests.Response:
        try:
            return ask()
        except Refused as refused:
            self.raise_for(refused)

    def _crm(
        self, method: str, path: str, body: object, query: Mapping[str, str] | None, *, search: bool = False
    ) -> requests.Response:
        self._keep_reserve()
        while (delay := self._pace.delay(self._monotonic(), search=search)) > 0:
            self._wait(delay)
        answer = self._as(self._token, method, path, body, query)
        self._pace.heard(answer.headers, self._monotonic())
        return answer

    def _as(
        self, token: _Token, method: str, path: str, body: object, query: Mapping[str, str] | None
    ) -> requests.Response:
        """The call with the token, and once more with a new one where the old is not taken any more."""
        fresh = token.value is None
        try:
            return self._http.call(self._value(token), method, path, body, query)
        except Refused as refused:
            expired = disposition(refused.failure).recovery is Recovery.REAUTHENTICATE
            if fresh or not expired or token.form is None:
                raise
        token.value = None
        return self._http.call(self._value(token), method, path, body, query)

    def _value(self, token: _Token) -> str:
        if token.value is None:
            token.value = self._renewed(token.form or {})
        return token.value

    def _renewed(self, form: Mapping[str, str]) -> str:
        try:
            return str(_parsed(self._http.post_form(self.paths.token(), form))["access_token"])
        except Refused as refused:
            if disposition(refused.failure).recovery is Recovery.RETRY:
                self.raise_for(refused)
            raise BadCredentials(f"HubSpot refused the sign-in: {refused.failure.reason}.", SIGN_IN_REMEDY) from None

    def _keep_reserve(self) -> None:
        daily, share = self._pace.daily, self._settings.api_reserve_share
        if daily is None or daily.left > daily.limit * share:
            return
        after = self._until_midnight()
        # Forgotten, so that the first call after the pause goes through and tells the quota anew.
        self._pace.daily = None
        raise PauseConnection(
            f"{daily.left} of the portal's {daily.limit} API calls of the day are left; the last {share:.0%} are left"
            " to others",
            "wait until midnight in the portal's time zone, raise the portal's API limit, or lower api_reserve_share",
            after,
        )

    def _until_midnight(self) -> float:
        """Seconds until the day of the portal ends; an hour where the portal does not say what its day is."""
        try:
            answer = self._as(self._token, "GET", self.paths.account(), None, None)
            zone = ZoneInfo(str(_parsed(answer)["timeZone"]))
        except (Refused, ConnectorError, KeyError, ZoneInfoNotFoundError, ValueError):
            return AN_HOUR
        now = self._clock().astimezone(zone)
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return max(1.0, midnight.timestamp() - now.timestamp())


def _token(settings: Settings) -> _Token:
    auth = settings.auth
    if isinstance(auth, AccessToken):
        return _Token(None, auth.token.get_secret_value())
    assert settings.app is not None  # noqa: S101 - the settings see to it
    secret = settings.app.client_secret.get_secret_value()
    return _Token(
        {
            "grant_type": "refresh_token",
            "client_id": settings.app.client_id,
            "client_secret": secret,
            "refresh_token": auth.refresh_token.get_secret_value(),
        }
    )


def _app_form(app: App, scopes: str) -> Mapping[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": app.client_id,
        "client_secret": app.client_secret.get_secret_value(),
        "scope": scopes,
    }


def _interval(failure: Failure) -> float | None:
    """The length of the window that a rate limit counts in."""
    return {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}.get(failure.code)


def _parsed(answer: requests.Response) -> Any:
    if not answer.content:
        return None
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError as error:
        raise RetryLater("HubSpot answered with something that is no JSON") from error
