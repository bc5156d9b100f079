"""What Tandem asks of both APIs, one method each; it decides nothing.

Shapes: Skilljar's published descriptions of both APIs (api.skilljar.com/docs, /v2/openapi.json). A user has one id in
both. Only the first API knows paths; only the second tells what was completed or issued since when.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from connectors.dispositions import Failure
from connectors.skilljar.client import Client, Row
from connectors.skilljar.errors import of_row

AT_ONCE = 200  # rows of a batch at most


class Course(NamedTuple):
    """A course as it stands behind its publication."""

    id: str
    title: str | None


class Academy:
    """Raises what `Client` raises."""

    def __init__(self, client: Client, domain: str) -> None:
        self._client, self._domain = client, domain

    def ping(self) -> None:
        """Whether the key is taken."""
        self._client.first("GET", "ping")

    def users(self, email: str | None = None) -> Iterator[Row]:
        """The users of the domain: `user` with id, email and names, `active`; or the one with an address."""
        return self._client.rows(f"domains/{self._domain}/users", {} if email is None else {"user__email": email})

    def add_user(self, user: Row, *, active: bool) -> Row:
        """Puts a user on the domain; one whom the organization knows stays as they are, and is told so."""
        body = {"user": dict(user), "active": active}
        return self._client.first("POST", f"domains/{self._domain}/users", body)  # type: ignore[no-any-return]

    def set_active(self, user: str, *, active: bool) -> None:
        """Whether a user can use the domain."""
        self._client.first("PATCH", f"domains/{self._domain}/users/{user}", {"active": active})

    def rename(self, students: Mapping[str, Row]) -> dict[str, Failure]:
        """Names by user id, each row with its own fate; what was refused, by id."""
        data = [{"type": "students", "id": id_, "attributes": dict(names)} for id_, names in students.items()]
        answer = self._client.second("PATCH", "students/", {"data": data})
        return _failed(list(students), answer["data"])

    def paths(self) -> dict[str, str]:
        """The titles of the paths that are published on the domain, by the id of the publication."""
        rows = self._client.rows(f"domains/{self._domain}/published-paths")
        return {str(each["id"]): str((each.get("path") or {}).get("title") or "") for each in rows}

    def path_enrollments(self, path: str) -> Iterator[Row]:
        """The enrolments of a published path, also those that were switched off or have expired."""
        return self._client.rows(f"domains/{self._domain}/published-paths/{path}/published-path-enrollments")

    def enroll_on_path(self, path: str, user: str, enrolled_at: str) -> Row:
        """Idempotent on user and `enrolled_at`."""
        body = {"user": {"id": user}, "enrolled_at": enrolled_at, "active": True}
        place = f"domains/{self._domain}/published-paths/{path}/published-path-enrollments"
        return self._client.first("POST", place, body)  # type: ignore[no-any-return]

    def enroll_in_course(self, published: str, emails: Sequence[str]) -> dict[str, Failure]:
        """Enrols in a published course, each row with its own fate; what was refused, by mail address."""
        data = [{"type": "enrollments", "attributes": {"email": each}} for each in emails]
        answer = self._client.second("POST", "enrollments/", {"published_course_id": published, "data": data})
        return _failed(emails, answer["data"])

    def enrollments(self, **filters: str) -> Iterator[Row]:
        """Enrolments in courses; `filters` as `enrolled_gte`, `completed_gte`, `student.id`."""
        return self._listed("enrollments/", filters)

    def certificates(self, **filters: str) -> Iterator[Row]:
        """Certificates, expired ones too; `filters` as `issued_gte`, `student.id`."""
        return self._listed("certificates/", {"status": "all", **filters})

    def courses(self) -> dict[str, Course]:
        """The course behind each publication, by the publication's id."""
        found: dict[str, Course] = {}
        for page in self._client.resources("published-courses/", {"include": "course"}):
            titles = {str(each["id"]): each["attributes"].get("title") for each in page.get("included") or ()}
            for each in page["data"]:
                id_ = linked(each, "course")
                if id_ is not None:
                    found[str(each["id"])] = Course(id_, titles.get(id_))
        return found

    def _listed(self, path: str, filters: Mapping[str, str]) -> Iterator[Row]:
        asked = {f"filter[{name}]": value for name, value in {"domains": self._domain, **filters}.items()}
        for page in self._client.resources(path, asked):
            yield from page["data"]


def linked(resource: Row, name: str) -> str | None:
    """The id of a related resource; None where there is none."""
    data = (resource.get("relationships") or {}).get(name, {}).get("data")
    return None if data is None else str(data["id"])


def _failed(keys: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Failure]:
    """Rows come in the order of the request."""
    return {key: of_row(row) for key, row in zip(keys, rows, strict=True) if row.get("status") == "failed"}
