"""Which accounts are compared at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from streams.matching.features import Features, features
from streams.matching.keys import CAP, cap, keys
from tests.unit.streams.matching.accounts import AnAccount, acme
from tests.unit.streams.matching.strategies import accounts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (acme("Acme GmbH", website="acme.com"), acme("Zyxtron Inc", website="www.acme.com")),
        (acme("Zyxtron Labs", country="DE"), acme("Zyxtron", country="US")),
        (acme("INTERCONT.H.", country="GB"), acme("InterContinental Hotels Group PLC", country="GB")),
        (acme("AMER.INTL GRP", country="US"), acme("American International Group", country="US")),
        (acme("Initech", ids={"duns": "08-146-6849"}), acme("Globex", ids={"duns": "081466849"})),
        (acme("Daimler"), acme("Mercedes-Benz Group", website="daimler.com")),
        (acme("Globex", phone="+1 312 555 0142"), acme("Initech", phone="(312) 555-0142")),
        (acme("IBM", country="US"), acme("International Business Machines", country="US")),
        (acme("Initech", former_domains=("acme.com",)), acme("Globex", website="acme.com")),
        (acme("Initech", contact_domains=("acme.com",)), acme("Globex", website="acme.com")),
        (acme("Initech", other_names=("Zyxtron",)), acme("Zyxtron", country="US")),
        (
            acme("Initech", street="27 N Washington St", postal_code="60302"),
            acme("Globex", street="27 Washington Street"),
        ),
        (
            acme("Initech", street="27 Washington St", city="Oak Park"),
            acme("Globex", street="27 Washington Street", city="Oak Park"),
        ),
    ],
)
def test_accounts_that_may_be_one_company_share_a_key(one: Features, other: Features) -> None:
    assert keys(one) & keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (acme("Acme Robotics", country="DE"), acme("Zyxtron Logistics", country="DE")),
        (acme("Acme", website="facebook.com/acme"), acme("Zyxtron", website="facebook.com/zyxtron")),
        (acme("", country="DE"), acme("---", country="DE")),
    ],
)
def test_accounts_with_nothing_in_common_share_none(one: Features, other: Features) -> None:
    assert not keys(one) & keys(other)


@given(accounts)
def test_an_account_has_at_most_fourteen_keys(account: AnAccount) -> None:
    assert len(keys(features(account))) <= 14


@given(accounts)
def test_every_key_has_a_cap_of_at_most_the_common_one(account: AnAccount) -> None:
    assert all(0 < cap(key) <= CAP for key in keys(features(account)))


def test_a_weak_key_is_hot_sooner_than_a_strong_one() -> None:
    assert cap("letters:acm.r|DE") < cap("domain:acme.com")


def test_keys_and_scores_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "import json; from streams.matching.keys import keys; from streams.matching.score import score;"
        "from tests.unit.streams.matching.accounts import acme;"
        "a, b = acme('Zyxtron Labs GmbH', website='zyxtron.io', country='DE'), acme('ZYXTR.LABS', country='US');"
        "print(json.dumps([sorted(keys(a)), sorted(keys(b)), repr(score(a, b))]))"
    )
    root = Path(__file__).parents[4]
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(answers) == 1
    assert len(json.loads(answers.pop())) == 3
