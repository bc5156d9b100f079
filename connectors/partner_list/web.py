"""A list behind an http(s) address, downloaded only when the server says that it changed; it never sends anything."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

import requests

from connectors.errors import BadCredentials, BadInput, RetryLater
from connectors.partner_list.places import Listing

TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two bytes
CHUNK = 1 << 20
# A validator is the part of a fingerprint after the address, with the request header that sends it back.
CONDITIONS = {"etag:": "If-None-Match", "modified:": "If-Modified-Since"}


@dataclass(frozen=True, slots=True)
class Address:
    """One address. `now` stands in for a server that gives no date at all."""

    url: str
    session: requests.Session
    now: Callable[[], datetime]

    @property
    def shown(self) -> str:
        """The address without what could be a secret: user, password and query."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @contextmanager
    def newest(self, known: str | None) -> Iterator[Listing | None]:
        """The list, as a temporary copy; None on 304, or if a server without validators sends the same bytes."""
        with TemporaryDirectory(prefix="partner-list-") as folder:
            try:
                listing = self._download(known, Path(folder) / "list")
            except requests.RequestException as error:
                raise RetryLater(f"{self.shown} cannot be reached: {type(error).__name__}.") from error
            yield None if listing is None or listing.fingerprint == known else listing

    def _download(self, known: str | None, path: Path) -> Listing | None:
        with self.session.get(self.url, headers=self._conditions(known), stream=True, timeout=TIMEOUT) as response:
            if response.status_code == HTTPStatus.NOT_MODIFIED:
                return None
            self._refuse(response)
            content = hashlib.blake2b(digest_size=16)
            with path.open("wb") as file:
                for chunk in response.iter_content(CHUNK):
                    content.update(chunk)
                    file.write(chunk)
            name = unquote(urlsplit(self.url).path.rpartition("/")[2]) or self.shown
            validator = _validator(response.headers) or f"content:{content.hexdigest()}"
            return Listing(name, path, f"{self.shown}|{validator}", self._date(response.headers))

    def _conditions(self, known: str | None) -> dict[str, str]:
        address, _, validator = (known or "").partition("|")
        kind = next((each for each in CONDITIONS if validator.startswith(each)), None)
        return {CONDITIONS[kind]: validator.removeprefix(kind)} if kind and address == self.shown else {}

    def _date(self, headers: Mapping[str, str]) -> datetime:
        stamp = headers.get("Last-Modified") or headers.get("Date")
        try:
            return parsedate_to_datetime(stamp).astimezone(UTC) if stamp else self.now()
        except ValueError:
            return self.now()

    def _refuse(self, response: requests.Response) -> None:
        status, told = response.status_code, f"{self.shown} answers {response.status_code} {response.reason}."
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise BadCredentials(told, "put a user and password, or a fresh signed address, into `path`")
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            after = response.headers.get("Retry-After", "")
            raise RetryLater(told, after=float(after) if after.isdigit() else None)
        if status != HTTPStatus.OK:
            raise BadInput(told, "correct `path` in the settings, or ask the partner for the address of the list")


def _validator(headers: Mapping[str, str]) -> str | None:
    if "ETag" in headers:
        return f"etag:{headers['ETag']}"
    return f"modified:{headers['Last-Modified']}" if "Last-Modified" in headers else None
