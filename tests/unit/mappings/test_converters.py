"""Every converter gives back what it was given, on the domain that it states."""

import string
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.converters import (
    CONVERTERS,
    Boolean,
    Choice,
    Date,
    DateTime,
    Hosts,
    Integer,
    Lines,
    List,
    Money,
    Number,
    Percent,
    Picks,
    Rough,
    Text,
)
from mappings.errors import UnconvertibleError

TRIMMED = st.text(min_size=1).map(str.strip).filter(bool)
SENTENCE = TRIMMED.filter(lambda text: len(text.splitlines()) == 1 and text == text.splitlines()[0])
SECONDS = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
POPULATIONS = Choice(values={"Customer": "customer", "Kunde": "customer", "Lead": "prospect"})
ROUND_TRIPS = {
    "text": (Text(), TRIMMED),
    "integer": (Integer(), st.integers(-(2**53), 2**53)),
    "hosts": (Hosts(), st.lists(st.from_regex(r"[a-z0-9]{1,8}\.[a-z]{2,3}", fullmatch=True), unique=True)),
    "rough": (Rough(), st.integers(-(2**53) + 1, 2**53 - 1)),
    "number": (Number(), st.floats(allow_nan=False, allow_infinity=False)),
    "money": (
        Money(),
        st.integers(-(10**15) + 1, 10**15 - 1).map(lambda cents: f"{Decimal(cents).scaleb(-2).normalize():f}"),
    ),
    "percent": (Percent(), st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)),
    "boolean": (Boolean(), st.booleans()),
    "date": (Date(), st.dates().map(date.isoformat)),
    "datetime": (DateTime(), SECONDS.map(lambda moment: moment.replace(tzinfo=None).isoformat() + "Z")),
    "choice": (POPULATIONS, st.sampled_from(["customer", "prospect"])),
    "lines": (Lines(), st.lists(SENTENCE)),
    "list": (List(), st.lists(TRIMMED)),
    "picks": (
        Picks(values={"Reseller": "reseller", "Wiederverkäufer": "reseller", "Referral": "referral"}),
        st.lists(st.sampled_from(["reseller", "referral", "Agency", "dach"]), unique=True),
    ),
}


def test_every_converter_of_the_vocabulary_has_a_round_trip():
    assert set(ROUND_TRIPS) == set(CONVERTERS)


@pytest.mark.parametrize("name", CONVERTERS)
@given(data=st.data())
def test_what_is_written_reads_as_it_was(name, data):
    converter, domain = ROUND_TRIPS[name]
    value = data.draw(domain)
    assert converter.to_canonical(converter.to_vendor(value)) == value


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,200", 1200),
        ("1.200", 1200),
        ("1 200", 1200),
        ("1,234,567.89", 1234567),
        ("12.5", 12),
        ("51-200 employees", 125),
        ("5001 to 10000", 7500),
        ("10,001+", 10001),
        ("> 500", 500),
        ("1.2k", 1200),
        ("$5M", 5_000_000),
        ("EUR 3,5 Mio", 3_500_000),
        ("2 billion", 2_000_000_000),
        (2.0, 2),
    ],
)
def test_numbers_of_lists_are_read_as_people_write_them(written, number):
    assert Rough().to_canonical(written) == number


@pytest.mark.parametrize("written", ["many", "51-", "1-2-3", "-", "n/a", float("nan"), 1e300, True, ["5"]])
def test_what_is_no_number_says_nothing_and_costs_no_row(written):
    assert Rough().to_canonical(written) is None


@pytest.mark.parametrize(
    ("written", "hosts"),
    [
        ("Ada Okafor <ada@ACME.com>, info@acme.com", ["acme.com"]),
        ("https://www.acme.com/de?x=1; acme.io|acme.ai", ["www.acme.com", "acme.io", "acme.ai"]),
        ("mailto:ada@acme.com", ["acme.com"]),
        ("acme.com.", ["acme.com"]),
        ("none", []),
        (["ada@acme.com", "acme.io"], ["acme.com", "acme.io"]),
    ],
)
def test_of_web_and_mail_addresses_the_hosts_are_kept_and_no_name_of_a_person(written, hosts):
    assert Hosts().to_canonical(written) == hosts


@given(SECONDS)
def test_the_iso_form_of_an_instant_reads_as_it_was(moment):
    converter = DateTime(format="iso")
    assert datetime.fromisoformat(str(converter.to_canonical(converter.to_vendor(moment.isoformat())))) == moment


@given(st.dates().map(date.isoformat))
def test_a_day_that_the_vendor_holds_as_a_moment_reads_as_it_was(day):
    converter = Date(format="midnight")
    assert converter.to_canonical(converter.to_vendor(day)) == day


@given(st.text(), st.integers(2, 40))
def test_a_written_text_is_never_longer_than_the_vendor_allows(text, limit):
    written = str(Text(max_length=limit).to_vendor(text))
    assert len(written.encode("utf-16-le", "surrogatepass")) // 2 <= limit
    assert written == text or written.endswith("…")


@given(st.lists(SENTENCE), st.integers(2, 60))
def test_written_lines_end_at_a_line_and_keep_the_limit_even_with_two_characters_for_a_break(lines, limit):
    converter = Lines(max_length=limit)
    written = str(converter.to_vendor(lines))
    assert len(written.replace("\n", "\r\n").encode("utf-16-le", "surrogatepass")) // 2 <= limit
    kept = converter.to_canonical(written)
    assert kept == lines[: len(kept)] or (len(kept) == 1 and kept[0].endswith("…"))


@pytest.mark.parametrize(
    ("converter", "value"),
    [
        (Integer(), "2.5"),
        (Integer(), True),
        (Number(), "1,5"),
        (Number(), "nan"),
        (Number(), [1]),
        (Percent(), 100.1),
        (Boolean(), "maybe"),
        (Boolean(), 2),
        (Date(), "22.11.2026"),
        (Date(), "2026-W47-7"),
        (Date(), "2026-11-22T00:00:00Z"),
        (Date(format="midnight"), "2026-11-22T00:00:00"),
        (Date(), datetime(2026, 1, 1, tzinfo=UTC)),
        (DateTime(), "2026-11-22T10:00:00"),
        (DateTime(), "yesterday"),
        (DateTime(), 5),
        (Text(), {"a": 1}),
        (Text(), True),
        (Lines(), 7),
        (List(), "one"),
        (List(), [1]),
    ],
)
def test_a_value_outside_of_the_domain_is_refused_with_a_remedy(converter, value):
    with pytest.raises(UnconvertibleError) as refused:
        converter.to_canonical(value)
    assert repr(value) in refused.value.reason
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("converter", "value"),
    [
        (Text(), 5),
        (Percent(), 1.01),
        (Boolean(), "true"),
        (Lines(), "one"),
        (Lines(), [1]),
        (List(), "one"),
        (POPULATIONS, "custom"),
        (POPULATIONS, 1),
    ],
)
def test_a_canonical_value_that_the_vendor_cannot_hold_is_refused_with_a_remedy(converter, value):
    with pytest.raises(UnconvertibleError) as refused:
        converter.to_vendor(value)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("converter", "vendor", "canonical"),
    [
        (Text(), " 10115 ", "10115"),
        (Text(), 10115, "10115"),
        (Text(), 150483782.0, "150483782"),
        (Integer(), 2.0, 2),
        (Integer(), " 7 ", 7),
        (Percent(), "87.5 %", 0.875),
        (Boolean(), " Yes", True),
        (Boolean(), 0, False),
        (Date(), date(2026, 11, 22), "2026-11-22"),
        (Date(format="midnight"), "2026-11-22T00:00:00.000Z", "2026-11-22"),
        (Date(format="midnight"), "2026-11-22T23:30:00-02:00", "2026-11-23"),
        (DateTime(), "2026-11-22T10:00:00.999+0200", "2026-11-22T08:00:00Z"),
        (DateTime(), datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z"),
        (POPULATIONS, " KUNDE ", "customer"),
        (Lines(), "a\r\n\r\n b", ["a", "b"]),
        (List(), (" offer-1 ", ""), ["offer-1"]),
    ],
)
def test_what_vendors_really_send_is_read(converter, vendor, canonical):
    assert converter.to_canonical(vendor) == canonical


def test_an_unknown_choice_names_the_value_and_the_allowed_ones():
    with pytest.raises(UnconvertibleError, match="'Partner' is none of 'Customer', 'Kunde', 'Lead'"):
        POPULATIONS.to_canonical("Partner")


def test_a_choice_with_a_default_takes_other_values_for_it():
    assert Choice(values={"Customer": "customer"}, default="prospect").to_canonical("Partner") == "prospect"


def test_the_first_spelling_of_a_choice_is_written():
    assert POPULATIONS.to_vendor("customer") == "Customer"


def test_a_cut_text_never_ends_in_half_a_character():
    cut = Text(max_length=4).to_vendor("ab😀😀")
    assert cut == "ab…"
    assert set(str(cut)) <= {*string.ascii_lowercase, "…"}


def test_several_picks_are_read_in_any_spelling_each_once_and_what_is_not_named_stays():
    picks = Picks(values={"Reseller": "reseller", "Wiederverkäufer": "reseller"})
    assert picks.to_canonical(" RESELLER; Wiederverkäufer;;Agency ") == ["reseller", "Agency"]
    assert picks.to_vendor(["reseller", "Agency", "Agency"]) == "Reseller;Agency"


@pytest.mark.parametrize(("value", "says"), [(["a;b"], "holds the separator"), ("a", "list of texts"), ([3], "list")])
def test_what_is_no_list_of_picks_is_refused(value, says):
    with pytest.raises(UnconvertibleError) as refused:
        Picks().to_vendor(value)
    assert says in str(refused.value)
