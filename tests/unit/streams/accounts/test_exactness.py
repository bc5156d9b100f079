"""Incremental equals batch: after any sequence of changes, duplicates, replays, aborts and crashes the overlaps are those of
one comparison of the final lists."""

from contextlib import ExitStack, contextmanager
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.entities import Account, Population
from schemas.messages import Ruling, record_ref
from streams.accounts import holders
from streams.accounts.telling import UNWRITTEN
from streams.matching import keys, model
from streams.matching.features import features
from streams.matching.score import score
from tests.unit.streams.accounts.flow import CONNECTIONS, Flow, changed, ruled

VERDICTS = {
    "same": Ruling.SAME_COMPANY,
    "different": Ruling.DIFFERENT_COMPANY,
    "related": Ruling.RELATED_COMPANY,
}

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


def blocks(accounts):
    """Who holds each match key."""
    found = {}
    for record_id, account in accounts.items():
        for key in keys.keys(features(account)):
            found.setdefault(key, set()).add(record_id)
    return found


def best_of(ours, theirs, cap, verdicts):
    """What one comparison of two final lists says: our account to those of the partner's that are shown, best first."""
    our_blocks, their_blocks, found = blocks(ours), blocks(theirs), {}
    for our_id, account in ours.items():
        mine = features(account)
        name = f"name:{''.join(mine.words)}"
        crowd = model.crowd_level(max(len(our_blocks[name]), len(their_blocks.get(name, ()))))
        shared = [key for key in keys.keys(mine) if max(map(len, (our_blocks[key], their_blocks.get(key, ())))) <= cap]
        near = {their_id for key in shared for their_id in their_blocks.get(key, ())}
        for their_id, other in theirs.items():
            verdict = verdicts.get((our_id, their_id))
            match = score(mine, features(other), crowd) if their_id in near else None
            shown = match if match and (match.band != "not_shown" or match.relation == "related") else None
            if verdict == "same":
                found.setdefault(our_id, []).append((0, -1.0, their_id, "linked"))
            elif verdict == "related":
                found.setdefault(our_id, []).append((1, None, their_id, None))
            elif shown and verdict is None:
                related = shown.relation == "related"
                row = (int(related), -shown.confidence, their_id, None if related else shown.band)
                found.setdefault(our_id, []).append(row)
    return found


def expected(events, cap=50, rulings=()):
    """What one batch comparison of the final lists says, of each of our accounts and each partner: the best account of
    the partner's, the relation, the confidence (where no person related the two) and the band."""
    lists, found = final(events), {}
    for party in PARTIES[1:]:
        said = sorted((r for r in rulings if r[1] == party), key=lambda r: r[3])
        verdicts = {(our_id, their_id): verdict for our_id, _, their_id, _, verdict in said}
        for our_id, rows in best_of(lists["us"], lists[party], cap, verdicts).items():
            best = min(rows, key=lambda row: (row[0], row[1] or 0.0, row[2]))
            certain = (
                None if any(row[0] == best[0] and row[1] is None for row in rows) else (best[2], -best[1], best[3])
            )
            found[our_id, party.removeprefix("partner:")] = ("related" if best[0] else "same", certain)
    return found


def decided(flow, like):
    """The same of what the streams decided; only the relation where `like` says no more."""
    found = {}
    for pair, overlap in flow.active().items():
        certain = (overlap.partner_account, overlap.confidence, overlap.band)
        told = like.get(pair, ("", ()))[1]
        found[pair] = (overlap.relation.value, None if told is None else certain)
    return found


def agree(flow, want):
    assert flow.dead() == []
    assert decided(flow, want) == want


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
    agree(flow, expected(events))


@contextmanager
def small_crowds(cap):
    """Keys are hot from two or three holders on, and names are crowded from two on."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(holders, "most", return_value=cap))
        stack.enter_context(mock.patch.object(model, "CROWD", (1, 2, cap)))
        yield


rulings = st.tuples(
    st.integers(1, 4), st.sampled_from(PARTIES[1:]), st.integers(1, 4), st.integers(0, 99),
    st.sampled_from(["same", "different", "related"]),
)  # fmt: skip


@settings(max_examples=60)
@given(script=st.lists(edits, min_size=8, max_size=40), cap=st.integers(1, 2))
def test_the_same_holds_when_keys_turn_hot_and_names_get_crowded_and_all_goes_back_again(script, cap):
    events = history(script)
    with small_crowds(cap):
        flow = Flow()
        for event in events:
            flow.publish(event)
            flow.settle()
        agree(flow, expected(events, cap))


@settings(max_examples=60)
@given(
    script=st.lists(edits, min_size=4, max_size=30),
    said=st.lists(rulings, min_size=1, max_size=6, unique_by=lambda ruling: ruling[3]),
    seed=st.randoms(use_true_random=False),
    faults=st.lists(st.sampled_from(["abort", "die-before", "die-after", None]), max_size=10),
)
def test_the_same_holds_with_rulings_in_between_whatever_the_order(script, said, seed, faults):
    events = history(script)
    given = [(f"s{ours}", party, f"{party[-1]}{theirs}", at, verdict) for ours, party, theirs, at, verdict in said]
    told = [ruled(VERDICTS[verdict], ours, party, theirs, at) for ours, party, theirs, at, verdict in given]
    stream = sorted([*events, *told], key=lambda event: seed.random())
    with small_crowds(2):
        flow = Flow(faults)
        for event in stream:
            flow.publish(event)
            if seed.random() < 0.5:
                flow.settle()
        flow.settle()
        agree(flow, expected(events, 2, given))


@given(script=st.lists(edits, min_size=1, max_size=20), seed=st.randoms(use_true_random=False))
def test_the_order_between_records_does_not_matter(script, seed):
    events = history(script)
    shuffled = sorted(events, key=lambda event: (seed.random(), event.version))
    flow = Flow()
    flow.publish(*shuffled)
    flow.settle()
    agree(flow, expected(events))


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
        assert crm[f"overlap/{key}"] == overlap.model_dump(mode="json", exclude=UNWRITTEN)
    for account in final(history(script))["us"]:
        same = [pair for pair, overlap in flow.active().items() if overlap.relation == "same"]
        counted = sum(1 for our_id, _ in same if our_id == account)
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
    assert keys.CAP == keys.cap("name:acme") == model.CROWD[-1]


@pytest.mark.parametrize("party", PARTIES)
def test_a_record_that_is_deleted_before_it_was_known_leaves_nothing(party):
    flow = Flow()
    flow.publish(changed(party, "x", 1, None))
    flow.settle()
    assert (flow.overlaps(), flow.writes(), flow.dead()) == ({}, [], [])
