"""A running emulator per test, with the fixture objects, and a bare HTTP client for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.salesforce.org import Settings
from sandbox.salesforce.testing import START, Emulator, emulator

FORCE_APP = Path(__file__).parent / "force-app"


class Api:
    """Requests to one API version as the integration user; every answer is returned, refused or not."""

    def __init__(self, running: Emulator, version: str = "v59.0") -> None:
        self.running, self.root = running, f"{running.base_url}/services/data/{version}"
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {running.token()}"

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        url = f"{self.running.base_url}{path}" if path.startswith("/services") else f"{self.root}/{path}"
        return self.http.request(method, url, timeout=10, **options)

    def create(self, sobject: str, **fields: Any) -> str:
        made = self("POST", f"sobjects/{sobject}", json=fields)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def query(self, soql: str, resource: str = "query", **options: Any) -> Any:
        found = self("GET", resource, params={"q": soql}, **options)
        assert found.status_code == 200, found.text
        return found.json()

    def names(self, soql: str, resource: str = "query") -> list[Any]:
        return [one["Name"] for one in self.query(soql, resource)["records"]]

    def refusal(self, method: str, path: str, **options: Any) -> tuple[int, str, str]:
        """(HTTP status, error code, message) of a refused request."""
        refused = self(method, path, **options)
        first = refused.json()[0]
        return refused.status_code, first["errorCode"], first["message"]

    def sandbox(self, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(method, f"{self.running.base_url}/__sandbox__/{path}", timeout=10, **options)


def settings(**changes: Any) -> Settings:
    return Settings(**{"clock": lambda: START, "sfdx": FORCE_APP, **changes})


@pytest.fixture
def salesforce() -> Iterator[Emulator]:
    with emulator(settings()) as running:
        yield running


@pytest.fixture
def api(salesforce: Emulator) -> Api:
    return Api(salesforce)
