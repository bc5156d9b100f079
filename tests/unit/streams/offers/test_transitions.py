"""The table of moves: whole, and a guard that names what it did not expect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.marketplace import AgreementStatus, OfferState
from streams.offers.observing import ENDS
from streams.offers.transitions import AGAIN, MOVES, OPEN, STEPS, Move, move, told

STATES = (None, *OfferState)
states = st.sampled_from(STATES)


def test_every_state_has_its_moves_and_its_words():
    assert set(MOVES) == set(STATES) == set(STEPS)
    assert all(now in STATES for onward in MOVES.values() for now in onward)


def test_every_state_but_none_can_be_come_to_by_a_known_step():
    for state in OfferState:
        before = [each for each in STATES if each is not None and state in MOVES[each]]
        assert before or state is OfferState.PARTNER_ACTION, state


def test_there_is_no_state_of_a_buyer_having_looked():
    assert not [state for state in OfferState if "view" in state]


@given(states, states)
def test_every_pair_of_states_is_a_step_a_leap_or_a_correction_and_is_told(before, now):
    how = move(before, now)
    assert (how is Move.NONE) == (before == now)
    if how is Move.STEP:
        assert told(before, now) == STEPS[now]
    elif how is Move.LEAP:
        assert told(before, now).endswith("Steps in between were not seen.")
    elif how is Move.CORRECTION:
        assert told(before, now).startswith("Correction: ")


@pytest.mark.parametrize(
    ("before", "now", "how"),
    [
        ("creating", "released", Move.STEP),
        ("creating", "accepted", Move.LEAP),
        ("released", "ended", Move.LEAP),
        ("renewed", "accepted", Move.STEP),
        ("replaced", "accepted", Move.STEP),
        ("expired", "released", Move.STEP),
        ("accepted", "released", Move.CORRECTION),
        ("ended", "accepted", Move.CORRECTION),
        ("terminated", "accepted", Move.CORRECTION),
        ("released", "creating", Move.CORRECTION),
        ("accepted", "expired", Move.CORRECTION),
    ],
)
def test_moves_of_note(before, now, how):
    assert move(OfferState(before), OfferState(now)) is how


def test_an_offer_is_made_only_where_none_stands():
    assert OPEN.isdisjoint({"released", "accepted", "creating", "draft", "renewed", "replaced"})
    assert {"expired", "cancelled", "ended", "terminated"} == AGAIN


def test_every_status_of_an_agreement_is_a_state():
    assert set(ENDS) == set(AgreementStatus)
