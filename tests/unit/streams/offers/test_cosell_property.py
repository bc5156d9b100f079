"""Whatever sellers, AWS's people, reviewers and slow wires do: the opportunity comes to what the deal wants, and rests."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.streams.offers.cosell_life import Life

OFTEN = ["a_wire_moves", "a_wire_moves", "a_wire_moves", "a_wire_moves", "all_goes_quickly", "aws_reviews", "aws_edits"]
ALSO = ["a_seller_edits_the_deal", "a_seller_edits_the_deal", "a_seller_edits_the_company", "the_deal_moves"]
RARELY = ["the_offer_goes_on", "somebody_takes_the_offer_off", "aws_moves_it"]
STEPS = st.lists(st.tuples(st.sampled_from(OFTEN + ALSO + RARELY), st.integers(0, 99)), min_size=25, max_size=60)


@settings(max_examples=50, deadline=None)
@given(start=st.integers(0, 5), steps=STEPS)
def test_it_never_overwrites_aws_never_repeats_itself_and_comes_to_what_the_deal_wants(start, steps):
    life = Life(start)
    for name, pick in steps:
        getattr(life, name)(pick)
        life.what_aws_has_entered_stands()
    life.it_comes_to_rest()
