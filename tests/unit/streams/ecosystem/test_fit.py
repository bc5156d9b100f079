"""How well a company fits, with what is known of it, and why."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.icp import Icp, read
from streams.ecosystem.codes import MEANINGS, Code
from streams.ecosystem.fit import fit
from tests.unit.streams.ecosystem.cases import ICP, company, ideal

CODES = sorted(Code)
FIRMS = st.builds(
    company,
    industry=st.none() | st.sampled_from(["Software", "COMPUTER_SOFTWARE", "Mining", "Other", " "]),
    employees=st.none() | st.integers(-5, 20000),
    annual_revenue=st.none() | st.integers(-5, 10**9).map(str),
    country=st.none() | st.sampled_from(["Germany", "DE", "Nowhere"]),
    technologies=st.lists(st.sampled_from(["Kafka", "AWS", "Fax"])).map(tuple),
)


def changed(**update: object) -> Icp:
    return ICP.model_copy(update=update)


def test_a_company_that_has_all_that_is_wanted_is_in_band_a_and_everything_is_known():
    found = fit(ideal(), ICP)
    assert (found.score, found.band, found.known) == (100, "A", 1.0)
    assert found.reasons == (
        "400 employees: in the range 250 to 4,999",
        "the industry is Software (technology)",
        "60,000,000 of revenue a year: in the range 50,000,000 or more",
        "it uses AWS (works with other systems)",
    )
    assert found.codes == (Code.SIZE_FITS, Code.INDUSTRY_FITS, Code.REVENUE_FITS, Code.TECH_FITS)


def test_a_company_of_which_nothing_is_known_is_neither_for_nor_against():
    found = fit(company(), ICP)
    assert (found.score, found.band, found.known) == (50, "C", 0)
    assert set(found.codes) == {Code.SIZE_UNKNOWN, Code.INDUSTRY_UNKNOWN, Code.REVENUE_UNKNOWN, Code.TECH_UNKNOWN}


@pytest.mark.parametrize(
    "blank", [{"employees": 0}, {"industry": "Other"}, {"annual_revenue": "0"}, {"technologies": ("-",)}]
)
def test_what_a_crm_holds_where_nobody_filled_it_in_is_not_known(blank):
    assert fit(company(**blank), ICP) == fit(company(), ICP)


def test_one_good_sign_does_not_make_an_ideal_customer():
    found = fit(company(technologies=("Kafka",)), ICP)
    assert (found.band, found.known) == ("C", 0.15)


def test_industries_are_found_by_whole_words():
    assert fit(company(industry="COMPUTER_SOFTWARE"), ICP).codes[1] is Code.INDUSTRY_FITS
    assert fit(company(industry="Softwarehouse"), ICP).codes[1] is Code.INDUSTRY_OTHER


def test_an_excluded_industry_or_country_is_band_d_whatever_else_there_is():
    rules = changed(exclude=ICP.exclude.model_copy(update={"industries": ("software",), "countries": ("DE",)}))
    assert fit(ideal(), rules).codes == (Code.EXCLUDED_INDUSTRY,)
    found = fit(ideal(industry="Energy", country="Germany"), rules)
    assert (found.score, found.band, found.reasons) == (0, "D", ("the country DE is excluded",))


def test_of_several_entries_that_fit_the_best_counts(tmp_path):
    own = tmp_path / "own.toml"
    entries = '[[country.fits]]\ncountries = ["DE"]\npoints = 100\n[[country.fits]]\ncountries = ["FR"]\npoints = 50\n'
    own.write_text('name = "own"\n[country]\nweight = 100\n' + entries, encoding="utf-8")
    rules = read(own)
    points = [fit(ideal(country=each), rules).score for each in ("Germany", "fr", "Italy")]
    assert points == [100, 75, 50]


@settings(max_examples=40, deadline=None)
@given(FIRMS)
def test_the_score_is_within_its_bounds_and_agrees_with_the_band(firm):
    found = fit(firm, ICP)
    assert 0 <= found.score <= 100
    assert 0 <= found.known <= 1
    assert ICP.bands.of(found.score) == found.band
    assert len(found.codes) == len(found.reasons) == 4


@settings(max_examples=40, deadline=None)
@given(FIRMS, st.sampled_from(["industry", "employees", "annual_revenue", "technologies"]))
def test_learning_more_of_a_company_never_lowers_what_is_known(firm, name):
    more = firm.model_copy(update={name: getattr(ideal(), name)})
    assert fit(more, ICP).known >= fit(firm, ICP).known
    assert fit(more, ICP).score >= fit(firm, ICP).score


def test_every_code_is_explained_and_short_enough_for_the_crm():
    assert sorted(MEANINGS) == CODES
    assert {figure for figure, _ in MEANINGS.values()} == {"fit", "evidence", "readiness", "momentum", "qualified"}
    longest = sum(sorted((len(each) + 1 for each in CODES), reverse=True)[:15])
    assert longest <= 255
