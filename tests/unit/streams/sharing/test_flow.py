"""Sharing behind account mapping: from a changed account to what the partner's system is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.sharing import SharingRules
from schemas import topics
from schemas.codec import decode
from schemas.entities import Account
from streams.accounts.mirror import Sharing
from streams.sharing.view import as_told
from tests.unit.streams.accounts.flow import Flow, changed
from tests.unit.streams.sharing.worlds import BOTH, rules

HIDING = '[populations.secret]\nreport = "Secret"\nlevel = "hidden"\n[partners.acme]\n' + BOTH
NAMES = ["Acme Robotics GmbH", "Zyxtron Holdings", "First Bank"]
SITES = ["acme-robotics.de", "zyxtron.com", None]


def hub(policy: str) -> Flow:
    found: SharingRules = rules(policy)
    return Flow(sharing=Sharing("Borealis", {"acme-list": "our-crm"}, found))


def seen(flow: Flow) -> list[object]:
    """All that reaches the partner: its own system's writes, and the audit as it may read it."""
    written = [decode(record) for record in flow.broker.read("writes.acme-list")]
    audit = [as_told(decode(record)) for record in flow.broker.read(topics.SHARES.name)]
    told = [(write.key, write.action, write.fields, write.reasons) for write in written]
    return [*told, *(each for each in audit if each is not None)]


accounts = st.builds(
    Account,
    name=st.sampled_from(NAMES),
    website=st.sampled_from(SITES),
    country=st.sampled_from([None, "Germany"]),
    owner_name=st.sampled_from(["Dana", "Tom"]),
)
edits = st.tuples(st.sampled_from(["us", "partner:acme", "partner:bolt"]), st.integers(1, 3), accounts | st.none())


@settings(max_examples=15, deadline=None)
@given(
    script=st.lists(edits, min_size=2, max_size=12),
    secrets=st.lists(st.tuples(st.integers(0, 11), accounts | st.none()), min_size=1, max_size=4),
    fields=st.sampled_from(["minimal", "standard", "full"]),
)
def test_a_hidden_account_changes_no_write_to_the_partner_whatever_it_has_in_common_with_the_others(
    script, secrets, fields
):
    with_it, without = hub(f'{HIDING}fields = "{fields}"\n'), hub(f'{HIDING}fields = "{fields}"\n')
    for nth, (party, number, account) in enumerate(script):
        for when, secret in secrets:
            if when == nth:
                hidden = secret and secret.model_copy(update={"lists": ("Secret",)})
                with_it.publish(changed("us", "secret", nth, hidden))
                with_it.settle()
        for flow in (with_it, without):
            flow.publish(changed(party, f"{party[-1]}{number}", nth, account))
            flow.settle()
    assert with_it.dead() == without.dead() == []
    assert seen(with_it) == seen(without)


OURS = Account(name="Acme Robotics GmbH", website="acme.com", owner_name="Dana Reyes")
THEIRS = Account(name="Acme Robotics", website="https://acme.com")


def test_an_account_that_a_report_names_later_is_taken_back():
    flow = hub(HIDING)
    flow.publish(changed("us", "001", 1, OURS), changed("partner:acme", "b1", 2, THEIRS))
    flow.settle()
    assert len(seen(flow)) == 2
    flow.publish(changed("us", "001", 3, OURS.model_copy(update={"lists": ("Secret",)})))
    flow.settle()
    assert [write.action.value for write in map(decode, flow.broker.read("writes.acme-list"))] == [
        "set",
        "set",
        "archive",
    ]


@pytest.mark.parametrize(("level", "active"), [("overlaps", 1), ("counts", 0), ("hidden", 0)])
def test_what_a_partner_hides_from_us_makes_no_overlap_in_our_crm(level, active):
    flow = hub("[partners.acme]\n" + BOTH + f'shows = "{level}"\n')
    flow.publish(changed("us", "001", 1, OURS), changed("partner:acme", "b1", 2, THEIRS))
    flow.settle()
    assert len(flow.active()) == active
