"""What a connection can be told."""

import pytest
from pydantic import ValidationError

from connectors.partnerstack import Settings

GOOD = {"public_key": "pk", "secret_key": "sk"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base_url": "http://api.partnerstack.com"}, "in the clear"),
        ({"base_url": "https://api.partnerstack.com/api/v2"}, "address only"),
        ({"listener": {"public_url": "https://t.acme.com", "secret": "short"}}, "at least 16"),
        ({"calls_per_minute": 4001}, "less than or equal to 4000"),
        ({"page_size": 251}, "less than or equal to 250"),
        ({"currency": "usd"}, "match pattern"),
        ({"secret": "sk"}, "Extra inputs"),
    ],
)
def test_what_cannot_work_is_refused_with_a_reason(changes, words):
    with pytest.raises(ValidationError, match=words):
        Settings(**{**GOOD, **changes})


def test_a_secret_is_never_shown():
    assert "sk_hush" not in repr(Settings(public_key="pk", secret_key="sk_hush"))
