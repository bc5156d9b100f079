"""What partners say for an account: evidence of each, of all together, readiness and momentum, each by itself."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.entities import AccountSummary, Overlap, OverlapStatus, Population
from schemas.messages import AccountCard
from streams.ecosystem import OURS_ALONE, fit, qualified, summed, told
from streams.ecosystem.codes import Code
from streams.ecosystem.evidence import evidence
from streams.ecosystem.qualifying import together
from tests.unit.streams.ecosystem.cases import ICP, at, company, ideal, overlap

STRONGEST = (Code.THEIR_CUSTOMER, Code.SURE_MATCH, Code.RECENT, Code.OWNER_KNOWN)


def seen(now: Overlap, before: Overlap | None = None) -> Overlap:
    return told(now, before, ideal(), ICP)


def all_of(overlaps: Sequence[Overlap], ours: Population = Population.PROSPECT, owner: str | None = None, **fields):
    return qualified(fit(ideal(**fields), ICP), overlaps, ICP, ours, owner)


def test_a_sure_new_match_with_their_customer_and_its_owner_is_all_that_one_partner_can_say():
    found = evidence(overlap(), ICP, at(0))
    assert (found.score, found.codes) == (100, STRONGEST)


@pytest.mark.parametrize(
    ("fields", "score", "codes"),
    [
        ({"partner_population": "open_opportunity"}, 88, {Code.THEIR_OPEN_DEAL}),
        ({"partner_population": "prospect"}, 56, {Code.THEIR_PROSPECT}),
        ({"band": "to_confirm"}, 75, {Code.TO_CONFIRM}),
        ({"partner_owner_name": None}, 88, set()),
        ({"relation": "related"}, 40, {Code.RELATED_COMPANY}),
        ({"last_changed": at(91)}, 88, set()),
    ],
)
def test_less_is_less(fields, score, codes):
    found = evidence(overlap(**fields), ICP, at(0))
    assert found.score == score
    assert codes <= set(found.codes)


def test_a_partners_tier_counts_only_where_it_is_at_hand():
    plain, lowest, highest = (evidence(overlap(partner_owner_name=None), ICP, at(0), tier) for tier in (None, 0.0, 1.0))
    assert lowest.score < plain.score < highest.score
    assert Code.PARTNER_TIER in highest.codes
    assert Code.PARTNER_TIER not in (*plain.codes, *lowest.codes)


def test_an_overlap_that_did_not_change_comes_out_as_it_was_however_late_one_looks():
    first = seen(overlap())
    again = seen(overlap(first_seen=first.first_seen, last_changed=first.last_changed), first)
    assert again == first


def test_a_rise_with_the_partner_is_dated_and_what_it_was_is_kept():
    first = seen(overlap(partner_population="prospect"))
    later = seen(overlap(first_seen=at(0), last_changed=at(200)), first)
    assert later.partner_population_since == at(200)
    assert later.partner_population_before is Population.PROSPECT
    assert "RECENT" in later.evidence_codes


def test_other_changes_leave_the_date_and_let_the_evidence_age():
    first = seen(overlap())
    later = seen(overlap(last_changed=at(200), partner_owner_name="Mei Lin"), first)
    assert later.partner_population_since == at(0)
    assert "RECENT" not in later.evidence_codes


def test_an_overlap_that_came_back_begins_anew():
    gone = seen(overlap()).model_copy(update={"status": OverlapStatus.ENDED, "ended_on": at(10)})
    back = seen(overlap(last_changed=at(50), partner_population="prospect"), gone)
    assert (back.partner_population_since, back.partner_population_before) == (at(50), None)


def test_an_overlap_of_an_older_version_stands_so_since_it_was_first_seen():
    later = seen(overlap(last_changed=at(5)), overlap())
    assert later.partner_population_since == at(0)


def test_further_partners_add_to_the_strongest_and_never_take_away():
    strong, weak = seen(overlap("acme", partner_owner_name=None)), seen(overlap("blue", partner_population="prospect"))
    third = seen(overlap("cyan", partner_population="prospect"))
    scores = [together(some, ICP).score for some in ([strong], [strong, weak], [strong, weak, third])]
    assert scores == [88, 91, 94]
    assert Code.SEVERAL_PARTNERS in together([strong, weak], ICP).codes


def test_fit_and_evidence_together_qualify_an_account():
    found = all_of([seen(overlap())], Population.OPEN_OPPORTUNITY, "Pam")
    assert found.qualified
    assert (found.evidence, found.readiness, found.momentum) == (100, 100, 25)
    assert found.codes == (Code.FITS_ICP, *STRONGEST, Code.OUR_OPEN_DEAL, Code.OUR_OWNER_KNOWN, Code.NEW_OVERLAP)


@pytest.mark.parametrize(
    ("overlaps", "fields", "code"),
    [
        ([], {}, Code.NO_PARTNER),
        ([overlap(status="ended", ended_on=at(0))], {}, Code.NO_PARTNER),
        (
            [seen(overlap(partner_population="prospect", band="to_confirm", partner_owner_name=None))],
            {},
            Code.WEAK_EVIDENCE,
        ),
        ([seen(overlap())], {"employees": 3, "industry": "Mining", "annual_revenue": "9"}, Code.OUTSIDE_ICP),
        ([seen(overlap())], {"employees": None, "industry": None, "annual_revenue": None}, Code.FIT_UNKNOWN),
    ],
)
def test_what_does_not_qualify_an_account_is_said(overlaps, fields, code):
    found = all_of(overlaps, **fields)
    assert not found.qualified
    assert code in found.codes


def test_readiness_and_fit_do_not_hang_together():
    assert all_of([], Population.PROSPECT).readiness == 0
    assert all_of([seen(overlap(relation="related"))]).readiness == 0
    assert all_of([seen(overlap())]).readiness == 30


def test_momentum_counts_what_moved_of_late_and_has_a_sign():
    old = seen(overlap("acme", partner_population="customer"))
    fell = seen(overlap("acme", partner_population="prospect", last_changed=at(300)), old)
    gone = overlap("blue", status="ended", ended_on=at(299), last_changed=at(299))
    found = all_of([fell, gone])
    assert found.momentum == -60
    assert {Code.FELL, Code.ENDED} <= set(found.codes)
    assert all_of([seen(overlap("acme", last_changed=at(300)), old)]).momentum == 0


def test_the_overlap_and_the_account_carry_the_figures_side_by_side():
    card = AccountCard.model_validate(
        {"record_id": "001", "name": "Acme", "population": "prospect", "owner_name": "Pam"}
        | {"industry": "Software", "employees": 400, "annual_revenue": "60000000", "technologies": ("AWS",)}
    )
    shown = told(overlap(), None, card, ICP)
    assert (shown.fit, shown.fit_band, shown.fit_known, shown.partner_evidence) == (100, "A", 100, 100)
    assert shown.icp_version == ICP.label
    total = summed(AccountSummary(account="001", partner_count=1), {"partner:acme": shown}, card, ICP)
    assert (total.fit_band, total.partner_evidence, total.readiness, total.qualified) == ("A", 100, 60, True)
    assert total.qualified_codes[:2] == ("FITS_ICP", "THEIR_CUSTOMER")


def test_what_stays_with_us_is_named():
    shown, bare = seen(overlap()).model_dump(), overlap().model_dump()
    assert {name for name in shown if shown[name] != bare[name]} <= OURS_ALONE
    assert set(Overlap.model_fields) >= OURS_ALONE


OVERLAPS = st.builds(
    overlap,
    st.sampled_from(["acme", "blue", "cyan"]),
    partner_population=st.sampled_from(list(Population)),
    band=st.sampled_from(["linked", "to_confirm", None]),
    relation=st.sampled_from(["same", "related"]),
    last_changed=st.integers(0, 400).map(at),
    partner_owner_name=st.none() | st.just("Mei Lin"),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(OVERLAPS, max_size=4, unique_by=lambda it: it.partner), st.sampled_from(list(Population)))
def test_every_figure_keeps_its_bounds_and_codes_fit_into_the_crm(overlaps, ours):
    found = qualified(fit(company(), ICP), [seen(it) for it in overlaps], ICP, ours, "Pam")
    assert all(0 <= each <= 100 for each in (found.evidence, found.readiness))
    assert -100 <= found.momentum <= 100
    assert len(";".join(found.codes)) <= 255
    assert len(set(found.codes)) == len(found.codes)
