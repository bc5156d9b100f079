"""A running portal per test, and a bare HTTP client for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.hubspot.testing import Emulator, emulator


class Api:
    """Requests with the private-app token; every answer is returned, refused or not. Paths are the dated ones."""

    def __init__(self, running: Emulator, token: str | None = None) -> None:
        self.running = running
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token or running.token}"

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.http.request(method, f"{self.running.base_url}{path}", timeout=10, **options)

    def objects(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self(method, f"/crm/objects/2026-09/{path}", **({"json": body} if body is not None else {}), **options)

    def create(self, kind: str, **properties: str) -> str:
        made = self.objects("POST", kind, {"properties": properties})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def get(self, kind: str, record_id: str, *names: str, **query: str) -> dict[str, Any]:
        found = self.objects("GET", f"{kind}/{record_id}", params={"properties": ",".join(names), **query})
        assert found.status_code == 200, found.text
        return dict(found.json())

    def batch(self, kind: str, action: str, *inputs: dict[str, Any], **more: Any) -> requests.Response:
        return self.objects("POST", f"{kind}/batch/{action}", {"inputs": list(inputs), **more})

    def search(self, kind: str, *filters: dict[str, Any], **more: Any) -> requests.Response:
        groups = [{"filters": list(filters)}] if filters else []
        return self.objects("POST", f"{kind}/search", {"filterGroups": groups, **more})

    def ids(self, kind: str, *filters: dict[str, Any], **more: Any) -> list[str]:
        found = self.search(kind, *filters, **more)
        assert found.status_code == 200, found.text
        return [one["id"] for one in found.json()["results"]]

    def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        done = requests.request(method, f"{self.running.base_url}/__sandbox__/{path}", json=body, timeout=10)
        assert done.status_code == 200, done.text
        return done.json()


def unique_key(api: Api, kind: str = "companies", name: str = "tandem_key") -> str:
    """Adds a property whose values are unique; returns its name."""
    group = {"companies": "companyinformation", "contacts": "contactinformation", "deals": "dealinformation"}[kind]
    body = {"name": name, "label": "Key", "type": "string", "fieldType": "text", "groupName": group}
    made = api("POST", f"/crm/properties/2026-09/{kind}", json={**body, "hasUniqueValue": True})
    assert made.status_code == 201, made.text
    return name


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({"value": value} if value is not None else {}), **more}


@pytest.fixture
def hubspot() -> Iterator[Emulator]:
    with emulator() as running:
        yield running


@pytest.fixture
def api(hubspot: Emulator) -> Api:
    return Api(hubspot)
