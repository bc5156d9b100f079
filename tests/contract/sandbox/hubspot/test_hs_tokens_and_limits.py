"""Who may call, and how often."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.hubspot.auth import App
from sandbox.hubspot.testing import Emulator, emulator, standing_still

from .conftest import Api

CLIENT = {"client_id": "tandem-sandbox", "client_secret": "sandbox-secret"}


def token(running: Emulator, path: str = "/oauth/2026-09/token", **form: str) -> requests.Response:
    return requests.post(f"{running.base_url}{path}", data={**CLIENT, **form}, timeout=10)


def test_a_call_without_a_known_token_is_refused(hubspot: Emulator) -> None:
    for header in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": f"Basic {hubspot.token}"}):
        refused = requests.get(f"{hubspot.base_url}/crm/v3/objects/companies", headers=header, timeout=10)
        assert (refused.status_code, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")


@pytest.mark.parametrize("path", ["/oauth/v1/token", "/oauth/v3/token", "/oauth/2026-09/token"])
def test_a_refresh_token_buys_half_an_hour(hubspot: Emulator, path: str) -> None:
    made = token(hubspot, path, grant_type="refresh_token", refresh_token="na1-sandbox-refresh").json()
    assert (made["token_type"], made["expires_in"], made["hub_id"]) == ("bearer", 1800, 62515)
    api = Api(hubspot, made["access_token"])
    hubspot.portal.clock.advance(1799)
    assert api.objects("GET", "companies").status_code == 200
    hubspot.portal.clock.advance(1)
    refused = api.objects("GET", "companies")
    assert (refused.status_code, refused.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert refused.json()["message"] == "The OAuth token used to make this call expired 0 second(s) ago."


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"client_id": "x", "grant_type": "refresh_token"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x", "grant_type": "refresh_token"}, "BAD_CLIENT_SECRET"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ({"grant_type": "client_credentials", "scope": "everything"}, "BAD_SCOPE"),
    ],
)
def test_the_token_endpoint_says_what_is_wrong(hubspot: Emulator, form: dict[str, str], status: str) -> None:
    refused = token(hubspot, **form)
    assert (refused.status_code, refused.json()["status"]) == (400, status)


def test_client_credentials_open_the_journal_and_nothing_else(hubspot: Emulator) -> None:
    scope = "developer.webhooks_journal.read crm.objects.companies.read"
    made = token(hubspot, grant_type="client_credentials", scope=scope).json()
    assert "refresh_token" not in made
    api = Api(hubspot, made["access_token"])
    assert api("GET", "/webhooks-journal/journal/2026-09/earliest").status_code == 204
    refused = api.objects("GET", "companies")
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert refused.json()["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.companies.read"]}
    assert api("GET", "/webhooks-journal/subscriptions/2026-09").status_code == 403


def test_a_token_reads_and_writes_what_its_scopes_say() -> None:
    with emulator(standing_still(app=App(scopes=("crm.objects.companies.read",)))) as running:
        api = Api(running)
        assert api.objects("GET", "companies").status_code == 200
        assert api.search("companies").status_code == 200
        assert api.batch("companies", "create", {"properties": {"name": "A"}}).status_code == 403
        assert api.objects("GET", "contacts").status_code == 403
        assert api("GET", "/crm/v3/properties/companies").status_code == 403


def test_the_door_ends_oauth_tokens_but_not_the_private_one(hubspot: Emulator) -> None:
    api = Api(hubspot, hubspot.oauth_token())
    assert api.sandbox("POST", "expire-tokens") == {"expired": 1}
    assert api.objects("GET", "companies").status_code == 401
    assert Api(hubspot).objects("GET", "companies").status_code == 200


def limited(**changes: Any) -> Any:
    return emulator(standing_still(**{"private_burst": 3, "oauth_burst": 2, "search_per_second": 2, **changes}))


def test_the_fourth_call_in_ten_seconds_waits_and_the_headers_count_down() -> None:
    with limited() as running:
        api = Api(running)
        left = [api.objects("GET", "companies").headers["X-HubSpot-RateLimit-Remaining"] for _ in range(3)]
        refused = api.objects("GET", "companies")
        assert left == ["2", "1", "0"]
        assert refused.status_code == 429
        body = refused.json()
        assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
        assert body["message"] == "You have reached your ten_secondly_rolling limit."
        assert refused.headers["X-HubSpot-RateLimit-Max"] == "3"
        assert refused.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
        running.portal.clock.advance(10)
        assert api.objects("GET", "companies").status_code == 200


def test_an_installed_app_has_a_window_of_its_own_and_no_daily_headers() -> None:
    with limited(daily_limit=10) as running:
        private, installed = Api(running), Api(running, running.oauth_token())
        assert [installed.objects("GET", "companies").status_code for _ in range(3)] == [200, 200, 429]
        shown = private.objects("GET", "companies").headers
        assert shown["X-HubSpot-RateLimit-Daily-Remaining"] == "9"
        assert "X-HubSpot-RateLimit-Daily" not in installed.objects("GET", "companies").headers


def test_searches_have_a_limit_per_second_and_do_not_count_for_the_ten_seconds() -> None:
    with limited() as running:
        api = Api(running)
        assert [api.search("companies").status_code for _ in range(3)] == [200, 200, 429]
        assert api.search("companies").json()["policyName"] == "SECONDLY"
        running.portal.clock.advance(1)
        assert api.search("companies").status_code == 200
        assert api.objects("GET", "companies").headers["X-HubSpot-RateLimit-Remaining"] == "2"


def test_the_daily_limit_ends_at_midnight_only() -> None:
    with limited(private_burst=None, daily_limit=2) as running:
        api = Api(running)
        assert [api.objects("GET", "companies").status_code for _ in range(3)] == [200, 200, 429]
        assert api.search("companies").json()["policyName"] == "DAILY"
        running.portal.clock.advance(3600)
        assert api.objects("GET", "companies").status_code == 429
        running.portal.clock.advance(13 * 3600)
        assert api.objects("GET", "companies").status_code == 200


def test_the_limits_can_be_changed_while_it_runs(hubspot: Emulator, api: Api) -> None:
    api.sandbox("PUT", "conditions", {"private_burst": 1, "daily": 100, "used": 99})
    shown = api.objects("GET", "companies")
    assert shown.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    assert api.objects("GET", "companies").json()["policyName"] == "DAILY"
    api.sandbox("PUT", "conditions", {"used": 0})
    assert api.objects("GET", "companies").json()["policyName"] == "TEN_SECONDLY_ROLLING"
