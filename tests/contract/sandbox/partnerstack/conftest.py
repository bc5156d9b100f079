"""A running account per test, and a bare HTTP client for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.partnerstack.testing import Emulator, emulator

PARTNER = "acmecloud354"


class Api:
    """Requests with the account's keys; every answer is returned, refused or not."""

    def __init__(self, running: Emulator) -> None:
        self.running = running
        self.http = requests.Session()
        of = running.account.settings
        self.http.auth = (of.public_key, of.secret_key)

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        more = {} if body is None else {"json": body}
        return self.http.request(method, f"{self.running.base_url}/api/v2/{path}", timeout=10, **more, **options)

    def data(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = self(method, path, body, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str]:
        answer = self(method, path, body, params=query)
        told = answer.json()
        assert answer.status_code == told["status"] >= 400
        return answer.status_code, told["message"]

    def keys(self, resource: str, **query: Any) -> list[str]:
        return [each["key"] for each in self.data("GET", resource, **query)["items"]]

    def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        done = requests.request(method, f"{self.running.base_url}/__sandbox__/{path}", json=body, timeout=10)
        return done.json()


@pytest.fixture
def api() -> Iterator[Api]:
    with emulator() as running:
        running.act("partner", PARTNER, "Acme Cloud")
        yield Api(running)
