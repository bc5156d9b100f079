"""A webhook that only hints is heard for its secret, and says no more than a name."""

import pytest
from pydantic import SecretStr

from connectors.hinting import Wording
from connectors.receiving import Answer

WORDING = Wording("test", "X-Secret", lambda headers: headers.get("x-secret", ""), lambda body: body.decode() or None)


def judged(method="POST", secret="agreed", body=b"7"):
    return WORDING.judged(SecretStr("agreed"), method, "/any/path", {"x-secret": secret}, body)


@pytest.mark.parametrize(("body", "events"), [(b"7", ["7"]), (b"", [])])
def test_a_webhook_with_the_secret_waits_for_its_answer_whether_or_not_it_names_anybody(body, events):
    delivery = judged(body=body)
    assert (delivery.events, delivery.answer, delivery.kept.is_set()) == (events, Answer(200), False)


@pytest.mark.parametrize("secret", ["", "guessed", "agreed "])
def test_a_webhook_without_the_right_secret_is_turned_away_and_the_log_says_where_it_belongs(secret, caplog):
    assert judged(secret=secret) == Answer(401)
    assert "without the right X-Secret" in caplog.text
    assert "agreed" not in caplog.text


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_only_a_post_is_heard(method):
    assert judged(method) == Answer(501)
