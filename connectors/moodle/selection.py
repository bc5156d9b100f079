"""Whose learning is read, and which paths they are on, as Moodle last listed it; it tells no changes."""

from collections.abc import Mapping, Sequence

from connectors.moodle.rows import Person, person
from connectors.moodle.settings import Cohorts, Domains, Everybody, Settings
from connectors.moodle.site import Cohort, Site, needed

EVERYBODY = "%"


class Selection:
    """`people` by user id, `paths` by ID number; both empty before the first reading."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self._settings, self._site = settings, site
        self.people: Mapping[str, Person] = {}
        self.paths: Mapping[str, Cohort] = {}

    def read(self, *, paths: bool) -> None:
        """Both anew; learning paths only where they are asked for."""
        chosen, wanted = self._settings.select, self._settings.paths if paths else ()
        selecting = chosen.cohorts if isinstance(chosen, Cohorts) else ()
        cohorts = self._site.cohorts([*selecting, *wanted])
        found: dict[str, Person] = {}
        for user in self._users(chosen, needed(cohorts, selecting)):
            who = person(user)
            if who is not None:
                found[who.id] = who
        self.people = dict(sorted(found.items(), key=lambda each: int(each[0])))
        self.paths = {each.idnumber: each for each in needed(cohorts, wanted)}

    def refresh(self, users: Sequence[str]) -> None:
        """Some of the people anew; one who is gone meanwhile goes with the next reading of all."""
        found = (person(each) for each in self._site.users_by("id", users)) if users else ()
        self.people = {**self.people, **{who.id: who for who in found if who is not None and who.id in self.people}}

    def _users(self, chosen: Everybody | Domains | Cohorts, cohorts: Sequence[Cohort]) -> list[Mapping[str, object]]:
        if isinstance(chosen, Everybody):
            return self._site.users_like(EVERYBODY)
        if isinstance(chosen, Domains):
            return [each for domain in chosen.domains for each in self._site.users_like(f"%@{domain}")]
        members = {member for each in cohorts for member in each.members}
        return self._site.users_by("id", sorted(members, key=int))
