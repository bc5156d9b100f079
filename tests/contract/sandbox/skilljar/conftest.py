"""A running emulator and a bare client of both APIs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sandbox.skilljar.testing import Emulator, emulator


@dataclass
class Caller:
    """What a script with a key and a client does."""

    running: Emulator
    token: str = ""

    def first(self, method: str, path: str, body: Any = None, key: str = "sk-live-sandbox", **query: Any) -> Any:
        url = f"{self.running.base_url}/v1/{path}"
        return requests.request(method, url, json=body, params=query, auth=(key, ""), timeout=10)

    def second(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        if not self.token:
            self.token = self.grant().json()["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.running.base_url}/v2/{path}"
        return requests.request(method, url, json=body, params=query, headers=headers, timeout=10)

    def grant(self, secret: str = "sandbox-secret", **more: Any) -> Any:
        asked = {"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": secret}
        return requests.post(f"{self.running.base_url}/v2/auth/token", **(more or {"json": asked}), timeout=10)

    def door(self, path: str, method: str = "POST", body: Any = None) -> Any:
        return requests.request(method, f"{self.running.base_url}/__sandbox__/{path}", json=body, timeout=10)

    def learner(self, name: str) -> str:
        return str(self.door("learners", body={"email": f"{name}@partner.example", "first_name": name}).json()["id"])

    @property
    def published(self) -> list[str]:
        return list(self.running.academy.data.courses)

    @property
    def path(self) -> str:
        return next(iter(self.running.academy.data.paths))


@pytest.fixture
def call() -> Iterator[Caller]:
    with emulator() as running:
        yield Caller(running)


DOMAIN = "domains/learn.acme.example"
