"""Looks whether key and client can do what the mapping needs, and whether domain and paths are there; no changes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from connectors.base import Finding
from connectors.dispositions import Refused
from connectors.errors import ConnectorError
from connectors.skilljar.academy import Academy
from connectors.skilljar.client import Client
from connectors.skilljar.errors import disposition
from connectors.skilljar.settings import Settings
from mappings.table import EntityMap


class SkilljarCheck:
    """A `connectors.base.Checkable`. What writing needs cannot be tried without doing it."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._academy = settings, Academy(Client(settings, clock), settings.domain)

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """See `connectors.base.Checkable.check`; without the key nothing of the first API is looked at."""
        key = self._tried("api_key", self._ping)
        yield key
        if key.ok:
            yield self._tried(f"domain {self._settings.domain}", lambda: _some(self._academy.users(), "users"))
            yield from self._paths()
        reads = {table.entity for table in tables if table.reads}
        yield self._tried("client: published-courses:read", lambda: f"{len(self._academy.courses())} courses")
        if "enrollment" in reads:
            yield self._tried("client: enrollments:read", lambda: _some(self._academy.enrollments(), "enrolments"))
        if "credential" in reads:
            yield self._tried("client: certificates:read", lambda: _some(self._academy.certificates(), "certificates"))

    def _ping(self) -> str:
        self._academy.ping()
        return "taken"

    def _paths(self) -> Iterator[Finding]:
        try:
            there = self._academy.paths()
        except (ConnectorError, Refused) as error:
            yield _failed("paths", error)
            return
        known = ", ".join(f"{id_} ({title})" for id_, title in there.items()) or "none"
        yield Finding("paths", True, f"published on the domain: {known}")
        for path in self._settings.paths:
            found = path in there
            yield Finding(f"path {path}", found, there.get(path, "it is not there"), "" if found else "correct `paths`")

    def _tried(self, subject: str, look: Callable[[], str]) -> Finding:
        try:
            return Finding(subject, True, look())
        except (ConnectorError, Refused) as error:
            return _failed(subject, error)


def _some(rows: Iterator[object], what: str) -> str:
    return f"{what} are visible" if list(islice(rows, 1)) else f"there are no {what} yet"


def _failed(subject: str, error: ConnectorError | Refused) -> Finding:
    if isinstance(error, ConnectorError):
        return Finding(subject, False, error.reason, error.remedy)
    return Finding(subject, False, error.failure.reason, disposition(error.failure).remedy)
