"""Reads learners, enrolments and badges by comparing what Moodle shows with what was told; it never writes to Moodle.

Moodle has no call that says what changed. The list of users is read now and then, and the courses and badges of some
users with every pass, so that all have their turn; webhooks only say who comes first. The first turn is one pass, so
that nobody decides on half of the learners.

The source's own slots: `turn` (the user whose learning was read last; `first <user>` while the first turn goes on) and
`problem:<user>` (the code of a refusal that was reported).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.base import STREAM, Budget, Event, Progress, Unreadable, slots_of
from connectors.dispositions import Recovery, Refused
from connectors.errors import NeedsConfirmation, RetryLater
from connectors.hinting import Hints
from connectors.moodle import rows
from connectors.moodle.client import Client
from connectors.moodle.errors import disposition
from connectors.moodle.listener import WORDING
from connectors.moodle.pace import Pace
from connectors.moodle.rows import Person
from connectors.moodle.selection import Selection
from connectors.moodle.settings import Settings
from connectors.moodle.site import Site
from connectors.moodle.window import Window
from mappings.table import EntityMap

LEARNER, ENROLLMENT, CREDENTIAL = "learner", "enrollment", "credential"
TURN, FIRST, ALL, PROBLEM = "turn", "first ", "all", "problem:"
CALLS = 4  # of one user: courses, badges, and the dates of what was newly completed


class MoodleSource:
    """A `connectors.base.Source`. `connection` is its name in the settings, for what a person is told to do."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], connection: str) -> None:
        self._settings, self._clock, self._connection = settings, clock, connection
        self._pace = Pace(settings.calls_per_hour, clock)
        self._client = Client(settings, self._pace.spend)
        self._site = Site(self._client)
        self._chosen = Selection(settings, self._site)
        self._hints = Hints(WORDING, settings.listener, clock)
        self._listed: datetime | None = None

    @property
    def port(self) -> int:
        """Where webhooks are taken; 0 before the first pass, and where there are none."""
        return self._hints.port

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`."""
        now, own = self._clock(), slots_of(STREAM, cursors)
        windows = {entity: Window(table, slots_of(entity, cursors), now) for entity, table in tables.items()}
        hinted = self._hints.taken(cursors)
        turns = bool(tables.keys() & {ENROLLMENT, CREDENTIAL})
        first = turns and own.get(TURN, FIRST).startswith(FIRST)
        self._list(hinted, now, first=first, paths=ENROLLMENT in tables)
        yield from self._people(windows)
        yield from self._paths(windows)
        for user in hinted:
            if user in self._chosen.people and not first:
                yield from self._learning(self._chosen.people[user], windows, own)
        yield from self._hints.done()
        if turns:
            yield from self._first(windows, own) if first else self._turn(windows, own)

    def budget(self) -> Budget | None:
        """The calls of the hour that the settings allow."""
        return self._pace.budget()

    def close(self) -> None:
        """Stop listening and close the connections; webhooks that were not kept are answered so."""
        self._hints.close()
        self._client.close()

    def _list(self, hinted: Sequence[str], now: datetime, *, first: bool, paths: bool) -> None:
        if self._due(hinted, now, first=first):
            self._chosen.read(paths=paths)
            self._listed = now
        else:
            self._chosen.refresh(hinted)

    def _due(self, hinted: Sequence[str], now: datetime, *, first: bool) -> bool:
        """Whether the list is read again: not in the middle of the first turn, whose calls it would use up."""
        if self._listed is None:
            return True
        if first or not self._pace.left():
            return False
        stranger = any(user not in self._chosen.people for user in hinted)
        return stranger or now - self._listed >= timedelta(seconds=self._settings.list_every_s)

    def _people(self, windows: Mapping[str, Window]) -> Iterator[Event]:
        """Learners who are new or changed, then those who are gone, with all their records."""
        people = self._chosen.people
        for who in people.values():
            if LEARNER in windows:
                yield from windows[LEARNER].tell(who.id, who.row)
        known = {user for window in windows.values() for user in window.users()}
        lost = sorted(known - people.keys(), key=int)
        self._refuse_shrinking(len(lost), len(known))
        for user in lost:
            for window in windows.values():
                for record_id in window.living(user):
                    yield from window.gone(record_id)

    def _refuse_shrinking(self, lost: int, known: int) -> None:
        """A permission that the token's user lost looks as if everybody had left."""
        limits, confirmed = self._settings, self._settings.confirm_removals or 0
        if lost <= limits.max_removed_rows or lost <= limits.max_removed_share * known or lost <= confirmed:
            return
        reason = f"Moodle shows {lost} of the {known} known users no more"
        remedy = f"if they are really gone, `tandem source {self._connection} --confirm-removals {lost}`; if not, see "
        raise NeedsConfirmation(reason, f"{remedy}what the token's user may see: `tandem check {self._connection}`")

    def _paths(self, windows: Mapping[str, Window]) -> Iterator[Event]:
        if ENROLLMENT not in windows:
            return
        window, people, paths = windows[ENROLLMENT], self._chosen.people, self._chosen.paths
        there = set()
        for cohort in paths.values():
            for who in (people[user] for user in cohort.members if user in people):
                record_id = rows.path_id(who.id, cohort.idnumber)
                there.add(record_id)
                yield from window.tell(record_id, rows.membership(who, cohort.idnumber, cohort.name))
        for user in people:
            for record_id in window.living(user):
                if rows.is_path(record_id) and record_id not in there:
                    yield from window.gone(record_id)

    def _first(self, windows: Mapping[str, Window], own: Mapping[str, str]) -> Iterator[Event]:
        """Everybody's learning, from where the last try came to; raises `RetryLater` when the calls are used up."""
        people = self._chosen.people
        last = int(own.get(TURN, "").removeprefix(FIRST) or 0)
        for number, who in enumerate(people.values(), 1):
            if int(who.id) <= last:
                continue
            if self._pace.left() < CALLS:
                share = max(CALLS, self._settings.calls_per_hour // 10)
                reason = f"the first reading has come to {number - 1} of {len(people)} users, and the calls are used up"
                raise RetryLater(reason, "none needed, or raise calls_per_hour", self._pace.wait_s(share))
            yield from self._learning(who, windows, own)
            yield Progress(STREAM, FIRST + who.id, TURN, f"{number} of {len(people)} users")
        yield Progress(STREAM, ALL, TURN)

    def _turn(self, windows: Mapping[str, Window], own: Mapping[str, str]) -> Iterator[Event]:
        """The learning of the users whose turn it is."""
        people, before = list(self._chosen.people.values()), own[TURN]
        last = 0 if before == ALL else int(before)
        order = [who for who in people if int(who.id) > last] + [who for who in people if int(who.id) <= last]
        come_to: str | None = None
        for number, who in enumerate(order):
            if number >= self._settings.users_per_pass or self._pace.left() < CALLS:
                break
            yield from self._learning(who, windows, own)
            come_to = who.id
        else:
            return  # everybody was read: where the next pass begins is all the same
        if come_to is not None:
            yield Progress(STREAM, come_to, TURN)

    def _learning(self, who: Person, windows: Mapping[str, Window], own: Mapping[str, str]) -> Iterator[Event]:
        """One user's courses and badges; a refusal of this user is reported once and the others go on."""
        slot = PROBLEM + who.id
        try:
            if ENROLLMENT in windows:
                yield from self._courses(who, windows[ENROLLMENT])
            if CREDENTIAL in windows:
                yield from self._badges(who, windows[CREDENTIAL])
        except Refused as refused:
            known = disposition(refused.failure)
            if known.recovery is not Recovery.RESOLVE and own.get(slot) != refused.failure.code:
                yield Unreadable(f"user {who.id}", refused.failure.code, refused.failure.reason, known.remedy)
                yield Progress(STREAM, refused.failure.code, slot)
            return
        if slot in own:
            yield Progress(STREAM, None, slot)

    def _courses(self, who: Person, window: Window) -> Iterator[Event]:
        there = set()
        for course in self._site.courses(who.id):
            record_id, row = rows.enrolment_id(who.id, course["id"]), rows.enrolment(who, course)
            there.add(record_id)
            if window.differs(record_id, row):
                done = rows.is_complete(course)
                at = self._site.completed_at(who.id, str(course["id"])) if done else None
                yield from window.tell(record_id, row, lasting=done, more={"completed_at": at})
        for record_id in window.living(who.id):
            # An unenrolment takes no completion back (facts, lms 2.6).
            if record_id not in there and not rows.is_path(record_id) and not window.lasts(record_id):
                yield from window.gone(record_id)

    def _badges(self, who: Person, window: Window) -> Iterator[Event]:
        there = set()
        for badge in self._site.badges(who.id):
            record_id = rows.badge_id(who.id, badge)
            there.add(record_id)
            yield from window.tell(record_id, rows.credential(who, badge, self._settings.base_url))
        for record_id in window.living(who.id):
            if record_id not in there:
                yield from window.gone(record_id)
