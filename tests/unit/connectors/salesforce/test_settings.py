"""A connection's settings are refused where they could leak the token, and every one says what it is."""

import pytest
from pydantic import BaseModel, ValidationError

from connectors.salesforce import Settings
from connectors.salesforce.settings import ClientCredentials, JwtBearer

AUTH = {"method": "client_credentials", "client_id": "key", "client_secret": "hush"}


@pytest.mark.parametrize("url", ["https://acme.my.salesforce.com/", "http://127.0.0.1:8001", "http://localhost:8001"])
def test_an_address_is_kept_without_its_slash(url):
    assert Settings(base_url=url, auth=AUTH).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://acme.my.salesforce.com", "in the clear"),
        ("acme.my.salesforce.com", "whole address"),
        ("ftp://acme.my.salesforce.com", "whole address"),
        ("https://acme.my.salesforce.com/services/data", "address only"),
        ("https://dana:pw@acme.my.salesforce.com", "address only"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_with_the_remedy(url, words):
    with pytest.raises(ValidationError, match=words):
        Settings(base_url=url, auth=AUTH)


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValidationError, match="overlap"):
        Settings(base_url="https://acme.my.salesforce.com", auth=AUTH, overlap=5)


def test_an_unknown_flow_is_refused():
    with pytest.raises(ValidationError, match="client_credentials"):
        Settings(base_url="https://acme.my.salesforce.com", auth={"method": "password"})


def test_the_secret_is_never_printed():
    assert "hush" not in repr(Settings(base_url="https://acme.my.salesforce.com", auth=AUTH))


@pytest.mark.parametrize("model", [Settings, ClientCredentials, JwtBearer])
def test_every_setting_has_a_description_and_an_example(model: type[BaseModel]):
    bare = [name for name, field in model.model_fields.items() if not (field.description and field.examples)]
    assert bare == []
