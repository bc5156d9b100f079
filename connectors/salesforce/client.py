"""Calls to one org as one user: signs in, renews the token once, keeps the reserve; it never judges a record."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, NoReturn, TypeVar, cast

import jwt
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.login import token_login

from connectors.base import Budget
from connectors.errors import BadCredentials, BadInput, PauseConnection, RetryLater, StopMapping
from connectors.salesforce.errors import Failure, Recovery, disposition
from connectors.salesforce.settings import ClientCredentials, JwtBearer, Settings
from connectors.salesforce.soql import lookups, quoted
from connectors.salesforce.transport import Refused, Transport, Usage

T = TypeVar("T")
Row = dict[str, Any]
# Statuses that mean "later" whatever the body says; 406 and 420 were met in practice (facts, salesforce 2.4).
BUSY = frozenset({406, 408, 420, 429}) | frozenset(range(500, 600))
SIGN_IN_REMEDY = "check the connection's auth settings against the connected app in Salesforce"
ASSERTION_LIFE_S = 180
# A look whether a pause is over costs a call. Each half hour, by two processes, that is 96 a day: set aside before the
# reserve begins, as far as that is a hundredth of the quota (15,000 at least, developer.salesforce.com, API limits).
PROBES, LOOK_AGAIN_S = 96, 1800.0
DAY_S, LONGEST_S = 86_400.0, 900.0


class Page(NamedTuple):
    """One answer to a query; `whole` is False where the org cut it short."""

    rows: Sequence[Row]
    whole: bool


class Access(NamedTuple):
    """What a call to another interface of the org (Pub/Sub) must show: token, address of the instance, id of the org."""

    token: str
    instance_url: str
    org_id: str


class Mismatch(StopMapping):
    """The org refused a call because its schema or our permissions do not fit; `failure` is its word."""

    def __init__(self, failure: Failure, remedy: str) -> None:
        super().__init__(f"Salesforce refused the call: {failure.reason}.", remedy)
        self.failure = failure


class Client:
    """Raises the errors of `connectors.errors`; `Mismatch` where the caller can say which mapping is meant.

    `clock` gives aware times, for the life of a JWT assertion and the spacing of calls.

    simple-salesforce builds the calls; the session below it (`Transport`) is ours, and so is the renewal of the token.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        headers = {"Sforce-Call-Options": f"client={settings.client_name}"}
        self._http = Transport(settings.base_url, settings.timeout_s, headers)
        self._signed_in: Salesforce | None = None
        self._user: str | None = None
        self._org_id: str | None = None
        self._not_before: datetime | None = None

    @property
    def usage(self) -> Usage | None:
        """The org's API usage as of the last answer that told it."""
        return self._http.usage

    def budget(self) -> Budget | None:
        """The org's API calls in 24 hours, with the reserve."""
        usage = self._http.usage
        return usage and Budget(usage.used, usage.total, self._kept(usage))

    def breathe(self) -> None:
        """Asked before each piece of work that can wait (a pass, a page, a batch), never between two calls of one.

        Raises `RetryLater` while the org's calls run low and those already made have not been waited out: from
        `slow_share` of what may be used, the calls that are left are spread over a day.
        """
        if self._not_before is None:
            return
        wait = (self._not_before - self._clock()).total_seconds()
        if wait > 0:
            said = self.budget()
            used = "" if said is None else f"{said.used} of {said.quota} API calls are used, {said.reserve} are kept; "
            raise RetryLater(f"slowed down: {used}going on in {wait:.0f} s", "none needed; or buy API calls", wait)
        self._not_before = None

    def access(self) -> Access:
        """The token as it is, after a sign-in where there is none."""
        if self._org_id is None:
            self._org_id = str(self._userinfo()["organization_id"])
        if self._signed_in is None:
            self._signed_in = self._sign_in_or_say()
        return Access(str(self._signed_in.session_id), self._settings.base_url, self._org_id)

    def renew(self, token: str) -> None:
        """This token was refused elsewhere: the next call or `access` signs in anew."""
        if self._signed_in is not None and self._signed_in.session_id == token:
            self._signed_in = None

    def query(self, soql: str, *, deleted: bool = False) -> Page:
        """One page of a query; with `deleted`, also what is in the recycle bin."""
        answer = self._call(lambda org: org.query(soql, include_deleted=deleted))
        return Page(answer["records"], bool(answer["done"]))

    def count(self, soql: str, *, deleted: bool = False) -> int:
        """What a `SELECT COUNT()` finds."""
        return int(self._call(lambda org: org.query(soql, include_deleted=deleted))["totalSize"])

    def tooling(self, soql: str) -> list[Row]:
        """The rows of a query of setup objects, through the Tooling API."""
        found = cast(Row, self._call(lambda org: org.restful("tooling/query", params={"q": soql})))
        return list(found["records"])

    def by_ids(self, entity: str, fields: Sequence[str], ids: Sequence[str]) -> list[Row]:
        """The records with these ids, deleted ones too; unknown ids are left out."""
        pages = [self.query(query, deleted=True) for query in lookups(entity, fields, "Id", ids)]
        rows = [row for page in pages for row in page.rows]
        if all(page.whole for page in pages):
            return rows
        found = {row["Id"] for row in rows}
        return rows + self.by_ids(entity, fields, [each for each in ids if each not in found])

    def rest(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:
        """A call below /services/data/vNN.N/; None for an answer without content (and for an empty list)."""
        return self._call(lambda org: org.restful(path, method=method, json=body, headers=dict(headers or {})))

    def raw(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """As `rest`, for bodies and answers that are no JSON; the answer is one of success."""
        return self._call(
            lambda org: self._http.request(
                method, f"{org.base_url}{path}", data=body, headers={**org.headers, **(headers or {})}, params=params
            )
        )

    def describe(self, entity: str) -> Row:
        """The object's fields and permissions as the integration user has them."""
        return cast(Row, self.rest("GET", f"sobjects/{entity}/describe"))

    def limits(self) -> Row:
        """The org's limits by name, each with `Max` and `Remaining`."""
        return cast(Row, self._call(lambda org: org.limits()))

    def versions(self) -> list[str]:
        """The API versions that the org speaks; asked without a token and not counted as an API call."""
        try:
            answer = self._http.get(f"{self._settings.base_url}/services/data/")
            return [row["version"] for row in answer.json()]
        except requests.exceptions.JSONDecodeError as error:
            raise BadInput("base_url does not answer like Salesforce", "set base_url to the org's My Domain") from error
        except Refused as refused:
            self._raise(refused)

    def user(self) -> str:
        """The id of the user that Tandem writes as."""
        if self._user is None:
            self._user = self._find_user(self._settings.integration_user)
        return self._user

    def _find_user(self, wanted: str) -> str:
        if not wanted:
            return str(self._userinfo()["user_id"])
        if "@" not in wanted:
            return wanted
        found = self.query(f"SELECT Id FROM User WHERE Username = {quoted(wanted)}").rows  # noqa: S608 - quoted
        if not found:
            raise BadInput(f"there is no user {wanted!r} in Salesforce", "correct integration_user, or leave it empty")
        return str(found[0]["Id"])

    def _userinfo(self) -> Row:
        return cast(Row, self._call(lambda org: org.oauth2("userinfo")))

    def _call(self, ask: Callable[[Salesforce], T]) -> T:
        try:
            return self._once(ask)
        except Refused as refused:
            if not _expired(refused):
                self._raise(refused)
            self._signed_in = None
        try:
            return self._once(ask)
        except Refused as refused:
            self._raise(refused)

    def _once(self, ask: Callable[[Salesforce], T]) -> T:
        self._keep_reserve()
        if self._signed_in is None:
            self._signed_in = self._sign_in()
        try:
            return ask(self._signed_in)
        except requests.exceptions.JSONDecodeError as error:
            raise RetryLater("Salesforce answered with something that is no JSON") from error

    def _keep_reserve(self) -> None:
        usage = self._http.usage
        if usage is None:
            return
        kept = self._kept(usage)
        usable = usage.total - kept - min(PROBES, usage.total // 100)
        left = usable - usage.used
        if left > 0:
            if usage.used >= usable * self._settings.slow_share:
                now = self._clock()
                spacing = timedelta(seconds=min(LONGEST_S, DAY_S / left))
                self._not_before = max(now, self._not_before or now) + spacing
            return
        # Forgotten, so that the first call after the pause goes through and tells the usage anew.
        self._http.usage = None
        raise PauseConnection(
            f"the org has used {usage.used} of its {usage.total} API calls in 24 hours;"
            f" the last {self._settings.api_reserve_share:.0%} are left to others",
            "wait for the 24-hour window to move on, buy API calls, or lower api_reserve_share",
            LOOK_AGAIN_S,
        )

    def _kept(self, usage: Usage) -> int:
        return round(usage.total * self._settings.api_reserve_share)

    def _sign_in_or_say(self) -> Salesforce:
        try:
            return self._sign_in()
        except requests.exceptions.JSONDecodeError as error:
            raise RetryLater("Salesforce answered with something that is no JSON") from error

    def _sign_in(self) -> Salesforce:
        auth, base = self._settings.auth, self._settings.base_url
        form, headers = _grant(auth, self._clock())
        try:
            token, _ = token_login(f"{base}/services/oauth2/token", form, "", auth.client_id, headers, None, self._http)
        except Refused as refused:
            if refused.status in BUSY:
                self._raise(refused)
            raise BadCredentials(f"Salesforce refused the sign-in: {refused.failure.reason}.", SIGN_IN_REMEDY) from None
        return self._org(str(token))

    def _org(self, token: str) -> Salesforce:
        """simple-salesforce in direct mode, which leaves a 401 to us, on our own address (it would force https)."""
        version, base = self._settings.api_version, self._settings.base_url
        org = Salesforce(session_id=token, instance_url=base, version=version, session=self._http)
        org.base_url = f"{base}/services/data/v{version}/"
        org.oauth2_url = f"{base}/services/oauth2/"
        org.headers.pop("X-PrettyPrint", None)
        return org

    def _raise(self, refused: Refused) -> NoReturn:
        failure, known = refused.failure, disposition(refused.failure)
        said = f"Salesforce answered HTTP {refused.status}, {failure.reason}"
        if known.recovery is Recovery.PAUSE and refused.status != 429:
            raise PauseConnection(said, known.remedy, refused.after or 900.0) from None
        if known.recovery is Recovery.REAUTHENTICATE or refused.status == 401:
            raise BadCredentials(f"{said}, even with a new token.", SIGN_IN_REMEDY) from None
        if known.recovery is Recovery.RETRY or refused.status in BUSY:
            raise RetryLater(said, after=refused.after) from None
        raise Mismatch(failure, known.remedy) from None


def _expired(refused: Refused) -> bool:
    return refused.status == 401 or disposition(refused.failure).recovery is Recovery.REAUTHENTICATE


def _grant(auth: ClientCredentials | JwtBearer, now: datetime) -> tuple[dict[str, Any], dict[str, str] | None]:
    """The token request's form, and its headers where it needs some."""
    if isinstance(auth, ClientCredentials):
        pair = f"{auth.client_id}:{auth.client_secret.get_secret_value()}"
        basic = base64.b64encode(pair.encode()).decode()
        return {"grant_type": "client_credentials"}, {"Authorization": f"Basic {basic}"}
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": _assertion(auth, now)}, None


def _assertion(auth: JwtBearer, now: datetime) -> str:
    claims = {
        "iss": auth.client_id,
        "sub": auth.username,
        "aud": auth.audience,
        "exp": int(now.timestamp()) + ASSERTION_LIFE_S,
    }
    try:
        return jwt.encode(claims, auth.private_key_file.read_bytes(), algorithm="RS256")
    except OSError as error:
        reason = f"{auth.private_key_file} cannot be read: {error.strerror}"
        raise BadInput(reason, "correct private_key_file") from error
    except (ValueError, jwt.InvalidKeyError) as error:
        remedy = "give the PEM file of an RSA private key"
        raise BadInput(f"{auth.private_key_file} holds no RSA private key", remedy) from error
