"""A running emulator and a bare client: forms in, JSON out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sandbox.moodle.testing import Emulator, emulator


@dataclass
class Caller:
    """What a script with a token does."""

    running: Emulator

    def __call__(self, function: str, token: str | None = None, **form: Any) -> Any:
        return self.raw(function, token, **form).json()

    def raw(self, function: str, token: str | None = None, **form: Any) -> requests.Response:
        told = {"wstoken": token or self.running.token, "wsfunction": function, "moodlewsrestformat": "json", **form}
        return requests.post(f"{self.running.base_url}/webservice/rest/server.php", data=told, timeout=10)

    def door(self, path: str, method: str = "POST", body: Any = None) -> requests.Response:
        return requests.request(method, f"{self.running.base_url}/__sandbox__/{path}", json=body, timeout=10)

    def make(self, *names: str) -> list[int]:
        """Users by hand."""
        found = []
        for name in names:
            row = {"email": f"{name}@partner.example", "firstname": name.title(), "lastname": "Okafor"}
            found.append(self.door("users", body=row).json()["id"])
        return found


@pytest.fixture
def call() -> Iterator[Caller]:
    with emulator() as running:
        yield Caller(running)


def rows(name: str, *each: dict[str, Any]) -> dict[str, Any]:
    """`users[0][email]` and so on."""
    return {f"{name}[{number}][{key}]": value for number, row in enumerate(each) for key, value in row.items()}


def learner(name: str, **more: Any) -> dict[str, Any]:
    row = {
        "username": name,
        "email": f"{name}@partner.example",
        "firstname": name,
        "lastname": "O",
        "createpassword": 1,
    }
    return {**row, **more}


def code(answer: Any) -> Any:
    return answer.get("errorcode") if isinstance(answer, dict) else None
