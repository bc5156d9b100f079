"""One opportunity on the wire, and an emulated Partner Central with its clock in the test's hand."""

import pytest
import requests

from sandbox.aws.testing import emulator
from tests.unit.connectors.aws_partner_central.partner import Partner
from tests.unit.connectors.aws_partner_central.shelf import shelf as opened


@pytest.fixture
def shelf():
    with opened() as made:
        yield made


@pytest.fixture(scope="module")
def running():
    with emulator() as made:
        yield made


@pytest.fixture
def partner(running):
    requests.post(f"{running.base_url}/__sandbox__/reset", timeout=5).raise_for_status()
    made = Partner(running)
    yield made
    made.shared.close()
