"""Calls to one PartnerStack account: keys, limits, pages, failures; it never judges a record and never logs."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from connectors.addresses import is_loopback
from connectors.dispositions import Recovery
from connectors.errors import BadCredentials, BadInput, RetryLater, StopMapping
from connectors.partnerstack.errors import Refused, disposition, message_of
from connectors.partnerstack.pace import MINUTE, Pace
from connectors.partnerstack.settings import Settings

API = "/api/v2"
Item = dict[str, Any]


class Client:
    """Raises `Refused` for the refusal of one record, and the errors of `connectors.errors` for what concerns all.

    `wait` and `monotonic` are for the pace that PartnerStack's limit asks for.
    """

    def __init__(
        self,
        settings: Settings,
        wait: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._wait, self._monotonic = settings, wait, monotonic
        self._pace = Pace(settings.calls_per_minute)
        self._http = requests.Session()
        # A proxy from the environment cannot reach an account on this machine.
        self._http.trust_env = not is_loopback(urlsplit(settings.base_url).hostname or "")
        self._http.auth = HTTPBasicAuth(settings.public_key, settings.secret_key.get_secret_value())
        self._http.headers.update({"Accept": "application/json", "User-Agent": "tandem"})

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, *path: str, **query: str) -> Item | None:
        """One record by its key or external key; None where there is none."""
        try:
            found = self._data("GET", path, query)
        except Refused as refused:
            if refused.gone:
                return None
            raise
        return dict(found) if isinstance(found, Mapping) else {}

    def read(self, *path: str, **query: str) -> Item | None:
        """As `get`, where a refusal means the same for every record that is read."""
        try:
            return self.get(*path, **query)
        except Refused as refused:
            self.raise_for(refused)

    def create(self, resource: str, body: Mapping[str, object]) -> Item:
        """A new record, as PartnerStack has it."""
        return dict(self._data("POST", (resource,), {}, body) or {})

    def update(self, resource: str, key: str, body: Mapping[str, object]) -> Item:
        """Parameters that `body` does not name are left unchanged (docs.partnerstack.com, Update a deal)."""
        return dict(self._data("PATCH", (resource, key), {}, body) or {})

    def archive(self, resource: str, key: str) -> None:
        """Archive a record."""
        self._data("DELETE", (resource, key), {})

    def pages(self, resource: str, **query: str) -> Iterator[Sequence[Item]]:
        """A whole list, the newest record first, page by page (docs.partnerstack.com, Pagination).

        A page starts after the last key of the one before: what is created meanwhile comes with the next listing.
        """
        after: str | None = None
        while True:
            more = {} if after is None else {"starting_after": after}
            data = self._page(resource, {**query, "limit": str(self._settings.page_size), **more})
            items = [dict(each) for each in data["items"]]
            yield items
            if not data.get("has_more") or not items:
                return
            last = str(items[-1].get("key"))
            if last == after:
                raise RetryLater(f"PartnerStack's list of {resource} goes round in circles behind {last}")
            after = last

    def _page(self, resource: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            data = self._data("GET", (resource,), query)
        except Refused as refused:
            if "starting_after" in query and refused.status in {400, 404}:
                # The record that the page was to start after is gone.
                raise RetryLater(f"the list of {resource} changed while it was read: {refused.reason}") from None
            self.raise_for(refused)
        if not isinstance(data, Mapping) or not isinstance(data.get("items"), list):
            raise RetryLater(f"PartnerStack answered the list of {resource} with something that is no list")
        return data

    def raise_for(self, refused: Refused) -> NoReturn:
        """The error that a refusal means for the whole connection or mapping."""
        known = disposition(refused.code)
        said = f"PartnerStack refused the call: {refused.reason}"
        match known.recovery:
            case Recovery.RETRY:
                raise RetryLater(said, after=_after(refused)) from None
            case Recovery.REAUTHENTICATE:
                raise BadCredentials(said, known.remedy) from None
            case _:
                raise StopMapping(said, known.remedy) from None

    def _data(
        self, method: str, path: Sequence[str], query: Mapping[str, str], body: Mapping[str, object] | None = None
    ) -> Any:
        """The `data` of an answer. A refusal that is not of one record alone is raised for all."""
        while (delay := self._pace.delay(self._monotonic())) > 0:
            self._wait(delay)
        answer = self._sent(method, path, query, body)
        if answer.status_code >= 300:
            refused = Refused(answer.status_code, message_of(_parsed(answer)), _retry_after(answer))
            known = disposition(refused.code).recovery
            if known in {Recovery.REAUTHENTICATE, Recovery.STOP} or refused.status == 429:
                self.raise_for(refused)
            raise refused
        parsed = _parsed(answer)
        if isinstance(parsed, str):
            raise RetryLater("PartnerStack answered with something that is no JSON")
        return parsed.get("data") if isinstance(parsed, Mapping) else parsed

    def _sent(
        self, method: str, path: Sequence[str], query: Mapping[str, str], body: Mapping[str, object] | None
    ) -> requests.Response:
        # A key may be an external key, which is any text; each part of the path is quoted whole.
        url = "/".join((self._settings.base_url + API, *(quote(part, safe="") for part in path)))
        try:
            return self._http.request(
                method, url, params=dict(query), json=body, timeout=self._settings.timeout_s, allow_redirects=False
            )
        except requests.exceptions.SSLError as error:
            reason = f"there is no trusted TLS connection to {self._settings.base_url}"
            raise BadInput(reason, "check base_url, or the machine's root certificates") from error
        except requests.RequestException as error:
            raise RetryLater(f"no answer from {self._settings.base_url}: {type(error).__name__}") from error


def _after(refused: Refused) -> float | None:
    # The limit counts in minutes.
    return refused.after if refused.after is not None or refused.status != 429 else MINUTE


def _retry_after(answer: requests.Response) -> float | None:
    value = answer.headers.get("Retry-After", "").strip()
    return float(value) if value.isdigit() else None


def _parsed(answer: requests.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except requests.exceptions.JSONDecodeError:
        return answer.text
