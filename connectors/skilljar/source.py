"""Reads learners, enrolments and certificates of one domain; it never writes to Skilljar.

What is new is found by its stamp (enrolled, completed, issued since); the rest, progress and what was switched off or
taken back, by reading everything now and then; webhooks only say whose learning to read next. The source's own slot
`reread` holds when everything was read last.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.base import STREAM, Budget, Event, Progress, slots_of
from connectors.errors import NeedsConfirmation, StopMapping
from connectors.hinting import Hints
from connectors.skilljar import rows
from connectors.skilljar.academy import Academy, Course
from connectors.skilljar.client import Client, Row
from connectors.skilljar.listener import WORDING
from connectors.skilljar.settings import Settings
from connectors.skilljar.window import Window
from mappings.table import EntityMap

LEARNER, ENROLLMENT, CREDENTIAL = "learner", "enrollment", "credential"
REREAD = "reread"
BEGINNING = "2000-01-01T00:00:00+00:00"  # where nothing has the stamp yet: before anything at Skilljar


class SkilljarSource:
    """A `connectors.base.Source`. `connection` is its name in the settings, for what a person is told to do."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], connection: str) -> None:
        self._settings, self._clock, self._connection = settings, clock, connection
        self._client = Client(settings, clock)
        self._academy = Academy(self._client, settings.domain)
        self._hints = Hints(WORDING, settings.listener, clock)
        self._users: list[Row] = []
        self._on_paths: dict[str, tuple[str, list[Row]]] = {}
        self._courses: dict[str, Course] = {}
        self._listed: datetime | None = None
        self._polled: datetime | None = None

    @property
    def port(self) -> int:
        """Where webhooks are taken; 0 before the first pass, and where there are none."""
        return self._hints.port

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`."""
        now, own = self._clock(), slots_of(STREAM, cursors)
        windows = {entity: Window(table, slots_of(entity, cursors), now) for entity, table in tables.items()}
        hinted = self._hints.taken(cursors)
        self._list(hinted, now)
        yield from self._people(windows)
        yield from self._paths(windows, now)
        for user in hinted:
            yield from self._of_user(user, windows)
        yield from self._hints.done()
        last = own.get(REREAD)
        if last is None or now - datetime.fromisoformat(last) >= timedelta(seconds=self._settings.reread_s):
            yield from self._everything(windows)
            if last != now.isoformat():
                yield Progress(STREAM, now.isoformat(), REREAD)
        elif self._polled is None or now - self._polled >= timedelta(seconds=self._settings.poll_s):
            yield from self._new(windows)
        else:
            return
        self._polled = now

    def budget(self) -> Budget | None:
        """The hour's calls of this process."""
        return self._client.budget()

    def close(self) -> None:
        """Stop listening and close the connections; webhooks that were not kept are answered so."""
        self._hints.close()
        self._client.close()

    def _list(self, hinted: Sequence[str], now: datetime) -> None:
        """Users, paths and courses anew where it is time, or a webhook names somebody who is not known."""
        known = {str(each["user"]["id"]) for each in self._users}
        stranger = any(user not in known for user in hinted)
        every = timedelta(seconds=self._settings.list_every_s)
        if self._listed is not None and not stranger and now - self._listed < every:
            return
        self._users = list(self._academy.users())
        self._courses = self._academy.courses()
        titles = self._academy.paths() if self._settings.paths else {}
        for path in self._settings.paths:
            if path not in titles:
                reason = f"there is no published path {path!r} on {self._settings.domain}"
                raise StopMapping(reason, "correct `paths`; `tandem check` names those that are there")
        self._on_paths = {
            path: (titles[path], list(self._academy.path_enrollments(path))) for path in self._settings.paths
        }
        self._listed = now

    @property
    def _emails(self) -> dict[str, str]:
        return {str(each["user"]["id"]): str(each["user"].get("email")) for each in self._users}

    def _people(self, windows: Mapping[str, Window]) -> Iterator[Event]:
        if LEARNER in windows:
            told = {str(each["user"]["id"]): rows.learner(each) for each in self._users}
            yield from self._whole(windows[LEARNER], told, windows[LEARNER].living())

    def _paths(self, windows: Mapping[str, Window], now: datetime) -> Iterator[Event]:
        if ENROLLMENT not in windows:
            return
        window = windows[ENROLLMENT]
        told = {
            f"{rows.PATH}{each['id']}": rows.path_enrollment(each, path, title, now)
            for path, (title, listed) in self._on_paths.items()
            for each in listed
        }
        yield from self._whole(window, told, [id_ for id_ in window.living() if id_.startswith(rows.PATH)])

    def _everything(self, windows: Mapping[str, Window]) -> Iterator[Event]:
        if ENROLLMENT in windows:
            window, listed = windows[ENROLLMENT], list(self._academy.enrollments())
            living = [id_ for id_ in window.living() if not id_.startswith(rows.PATH)]
            yield from self._whole(window, self._enrollments(listed), living)
            yield from window.advance("enrolled", _newest(listed, "enrolled_at"))
            yield from window.advance("completed", _newest(listed, "completed_at"))
        if CREDENTIAL in windows:
            window, listed = windows[CREDENTIAL], list(self._academy.certificates())
            yield from self._whole(window, self._credentials(listed), window.living())
            yield from window.advance("issued", _newest(listed, "issued_at"))

    def _new(self, windows: Mapping[str, Window]) -> Iterator[Event]:
        overlap = timedelta(seconds=self._settings.overlap_s)
        if ENROLLMENT in windows:
            window = windows[ENROLLMENT]
            for stamp in ("enrolled", "completed"):
                since = window.since(stamp, overlap)
                listed = list(self._academy.enrollments(**({f"{stamp}_gte": since} if since else {})))
                for record_id, row in self._enrollments(listed).items():
                    yield from window.tell(record_id, row)
                yield from window.advance(stamp, _newest(listed, f"{stamp}_at"))
        if CREDENTIAL in windows:
            window = windows[CREDENTIAL]
            since = window.since("issued", overlap)
            listed = list(self._academy.certificates(**({"issued_gte": since} if since else {})))
            for record_id, row in self._credentials(listed).items():
                yield from window.tell(record_id, row)
            yield from window.advance("issued", _newest(listed, "issued_at"))

    def _of_user(self, user: str, windows: Mapping[str, Window]) -> Iterator[Event]:
        if ENROLLMENT in windows:
            listed = list(self._academy.enrollments(**{"student.id": user}))
            for record_id, row in self._enrollments(listed).items():
                yield from windows[ENROLLMENT].tell(record_id, row)
        if CREDENTIAL in windows:
            listed = list(self._academy.certificates(**{"student.id": user}))
            for record_id, row in self._credentials(listed).items():
                yield from windows[CREDENTIAL].tell(record_id, row)

    def _enrollments(self, listed: list[Row]) -> dict[str, rows.Row]:
        emails = self._emails
        return {str(each["id"]): rows.enrollment(each, self._courses, emails) for each in listed}

    def _credentials(self, listed: list[Row]) -> dict[str, rows.Row]:
        emails, titles = self._emails, {course.id: course.title for course in self._courses.values()}
        return {str(each["id"]): rows.credential(each, titles, emails) for each in listed}

    def _whole(self, window: Window, told: Mapping[str, rows.Row], living: list[str]) -> Iterator[Event]:
        """A list that was read to its end: what is in it, and then the end of what is not."""
        lost = [record_id for record_id in living if record_id not in told]
        self._refuse_shrinking(len(lost), len(living))
        for record_id, row in told.items():
            yield from window.tell(record_id, row)
        for record_id in lost:
            yield from window.gone(record_id)

    def _refuse_shrinking(self, lost: int, known: int) -> None:
        """A domain that was renamed, or a key of another organization, looks as if all had gone."""
        limits, confirmed = self._settings, self._settings.confirm_removals or 0
        if lost <= limits.max_removed_rows or lost <= limits.max_removed_share * known or lost <= confirmed:
            return
        reason = f"Skilljar shows {lost} of the {known} known records no more"
        remedy = (
            f"if they are really gone, `tandem source {self._connection} --confirm-removals {lost}`; if not, check "
        )
        raise NeedsConfirmation(reason, f"{remedy}`domain`, `api_key` and `client`")


def _newest(listed: list[Row], stamp: str) -> str:
    stamps = [str(each["attributes"][stamp]) for each in listed if each["attributes"].get(stamp)]
    return max(stamps, key=datetime.fromisoformat, default=BEGINNING)
