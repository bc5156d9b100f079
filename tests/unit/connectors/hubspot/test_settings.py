"""A connection's settings are refused where they could leak the token, and every one says what it is."""

import pytest
from pydantic import BaseModel, ValidationError

from connectors.hubspot import Settings
from connectors.hubspot.paths import Paths
from connectors.hubspot.settings import AccessToken, App, Listener, RefreshToken

AUTH = {"method": "token", "token": "pat-hush"}
APP = {"client_id": "key", "client_secret": "hush"}


@pytest.mark.parametrize("url", ["https://api.hubapi.com/", "http://127.0.0.1:8001", "http://localhost:8001"])
def test_an_address_is_kept_without_its_slash(url):
    assert Settings(base_url=url, auth=AUTH).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://api.hubapi.com", "in the clear"),
        ("api.hubapi.com", "whole address"),
        ("https://api.hubapi.com/crm", "address only"),
        ("https://dana:pw@api.hubapi.com", "address only"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_with_the_remedy(url, words):
    with pytest.raises(ValidationError, match=words):
        Settings(base_url=url, auth=AUTH)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"changes": "journal"}, "give `app`"),
        ({"auth": {"method": "refresh_token", "refresh_token": "r"}}, "give `app`"),
        ({"changes": "webhooks", "app": APP}, "give `listener`"),
        ({"overlap": 5}, "overlap"),
        ({"api": "v4x"}, "api"),
        ({"listener": {"public_url": "https://a", "answer_s": 5}}, "answer_s"),
    ],
)
def test_what_does_not_go_together_is_refused(given, words):
    with pytest.raises(ValidationError, match=words):
        Settings(**{"auth": AUTH, **given})


def test_no_secret_is_ever_printed():
    settings = Settings(auth={"method": "refresh_token", "refresh_token": "hush"}, app=APP)
    assert "hush" not in repr(settings)
    assert "hush" not in repr(Settings(auth=AUTH))


@pytest.mark.parametrize("model", [Settings, AccessToken, RefreshToken, App, Listener])
def test_every_setting_has_a_description_and_an_example(model: type[BaseModel]):
    assert [name for name, field in model.model_fields.items() if not (field.description and field.examples)] == []


@pytest.mark.parametrize(
    ("api", "objects", "associations", "schemas"),
    [
        (
            "v3",
            "/crm/v3/objects/0-2/search",
            "/crm/v4/associations/0-1/0-2/batch/read",
            "/crm-object-schemas/v3/schemas",
        ),
        (
            "2026-09",
            "/crm/objects/2026-09/0-2/search",
            "/crm/associations/2026-09/0-1/0-2/batch/read",
            "/crm-object-schemas/2026-09/schemas",
        ),
    ],
)
def test_the_version_of_the_paths_is_a_setting(api, objects, associations, schemas):
    paths = Paths(api)
    assert paths.objects("0-2", "search") == objects
    assert paths.associations("0-1", "0-2", "batch/read") == associations
    assert paths.schemas() == schemas


def test_a_name_in_a_path_is_escaped():
    assert Paths("v3").objects("a/b?c") == "/crm/v3/objects/a%2Fb%3Fc"
