"""Incremental equals batch: after any sequence of changes, duplicates, replays, aborts and crashes the overlaps are those of
one comparison of the final lists."""

from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.entities import Account, Population
from schemas.messages import record_ref
from streams.accounts import pairs
from streams.matching import batch, keys
from streams.matching.features import features
from streams.matching.selection import select
from tests.unit.streams.accounts.flow import CONNECTIONS, Flow, changed

NAMES = [
    "Acme Robotics GmbH",
    "ACME ROBOTICS",
    "Acme Robot",
    "Zyxtron Inc",
    "Zyxtron Holdings",
    "First Bank",
    "Firstbank",
]
SITES = [None, "acme-robotics.de", "https://www.zyxtron.com/us", "gmail.com", "first.bank"]
PARTIES = ["us", "partner:acme", "partner:bolt"]

accounts = st.builds(
    Account,
    name=st.sampled_from(NAMES),
    website=st.sampled_from(SITES),
    country=st.sampled_from([None, "Germany", "US"]),
    city=st.sampled_from([None, "Berlin", "Austin"]),
    population=st.sampled_from(Population),
)
edits = st.tuples(st.sampled_from(PARTIES), st.integers(1, 4), st.one_of(st.none(), accounts, accounts, accounts))


def history(script):
    """Each edit as a change event with a rising version of its record."""
    return [changed(party, f"{party[-1]}{number}", nth, account) for nth, (party, number, account) in enumerate(script)]


def final(events):
    """The lists as they stand after the last edit: party to record to account."""
    lists = {party: {} for party in PARTIES}
    for event in sorted(events, key=lambda event: event.version):
        lists[event.party][event.record_id] = event.record
    return {party: {key: a for key, a in held.items() if a is not None} for party, held in lists.items()}


def expected(events):
    """What one batch comparison of the final lists says: our account and partner to the partner's account."""
    lists, found = final(events), {}
    ours = {key: features(account) for key, account in lists["us"].items()}
    for party in PARTIES[1:]:
        theirs = {key: features(account) for key, account in lists[party].items()}
        best = {}
        for overlap in batch.match(ours, theirs):
            best.setdefault(overlap.ours, {})[overlap.theirs] = overlap.match
        for our_id, matches in best.items():
            chosen = min(select(matches), key=lambda their_id: (-matches[their_id].confidence, their_id))
            found[our_id, party.removeprefix("partner:")] = (chosen, matches[chosen].confidence)
    return found


def decided(flow):
    return {pair: (overlap.partner_account, overlap.confidence) for pair, overlap in flow.active().items()}


@given(
    script=st.lists(edits, min_size=1, max_size=25),
    replays=st.lists(st.integers(0, 24), max_size=8),
    chunks=st.lists(st.integers(1, 6), max_size=10),
    faults=st.lists(st.sampled_from(["abort", "die-before", "die-after", None]), max_size=10),
)
def test_after_any_history_the_overlaps_are_those_of_a_batch_over_the_final_lists(script, replays, chunks, faults):
    events = history(script)
    stream = [*events, *(events[nth % len(events)] for nth in replays)]  # duplicates and replays come late
    flow = Flow(faults)
    for size in [*chunks, len(stream)]:
        head, stream = stream[:size], stream[size:]
        flow.publish(*head)
        flow.settle()
    assert flow.dead() == []
    assert decided(flow) == expected(events)


@settings(max_examples=60)
@given(script=st.lists(edits, min_size=8, max_size=40))
def test_the_same_holds_when_keys_turn_hot_and_cool_down_again(script):
    events = history(script)
    with mock.patch.object(pairs, "CAP", 1), mock.patch.object(pairs, "ENOUGH", 3), mock.patch.object(batch, "CAP", 1):
        flow = Flow()
        for event in events:
            flow.publish(event)
            flow.settle()
        assert decided(flow) == expected(events)


@given(script=st.lists(edits, min_size=1, max_size=20), seed=st.randoms(use_true_random=False))
def test_the_order_between_records_does_not_matter(script, seed):
    events = history(script)
    shuffled = sorted(events, key=lambda event: (seed.random(), event.version))
    flow = Flow()
    flow.publish(*shuffled)
    flow.settle()
    assert decided(flow) == expected(events)


@given(script=st.lists(edits, min_size=1, max_size=20))
def test_the_last_writes_leave_the_crm_as_the_facts_say(script):
    flow = Flow()
    for event in history(script):
        flow.publish(event)
        flow.settle()
    crm: dict[str, dict] = {}
    for write in flow.writes():
        crm.setdefault(f"{write.entity}/{write.key}", {}).update(write.fields)
    for key, overlap in flow.overlaps().items():
        assert crm[f"overlap/{key}"] == overlap.model_dump(mode="json", exclude={"key"})
    for account in final(history(script))["us"]:
        counted = sum(1 for our_id, _ in flow.active() if our_id == account)
        assert crm.get(f"account_summary/{account}", {}).get("partner_count", 0) == counted


@given(script=st.lists(edits, min_size=1, max_size=15))
def test_a_second_delivery_of_everything_writes_nothing(script):
    events = history(script)
    flow = Flow()
    flow.publish(*events)
    flow.settle()
    writes = len(flow.writes())
    flow.publish(*events)
    flow.settle()
    assert len(flow.writes()) == writes


def test_the_ids_of_the_test_are_those_of_the_stream():
    assert changed("us", "A1", 1, None).ref == record_ref(CONNECTIONS["us"], "account", "A1")
    assert keys.CAP == batch.CAP == pairs.CAP


@pytest.mark.parametrize("party", PARTIES)
def test_a_record_that_is_deleted_before_it_was_known_leaves_nothing(party):
    flow = Flow()
    flow.publish(changed(party, "x", 1, None))
    flow.settle()
    assert (flow.overlaps(), flow.writes(), flow.dead()) == ({}, [], [])
