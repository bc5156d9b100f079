"""What the gate lets through, field by field and population by population."""

import pytest

from schemas.entities import Account, Overlap
from streams.sharing.gate import BLANK, Met
from streams.sharing.policy import Consent, given
from tests.unit.streams.sharing.worlds import BOTH, START, agreed, card, gate, overlap, rules

OURS = Account(name="Acme Robotics GmbH", website="acme.com", city="Berlin", owner_name="Dana", description="secret")
ACME = "[partners.acme]\n"


def met(mine: str, other: str, number: int, start: int = 0) -> list[Met]:
    return [Met(f"a{mine}{n}", mine, f"p{other}{n}", other) for n in range(start, start + number)]


def test_without_an_entry_a_partner_whose_system_is_connected_sees_overlaps_with_the_standard_fields():
    seen = gate().overlap(overlap(), card())
    assert (seen["account"], seen["partner_account"], seen["partner_account_name"]) == ("b1", "001", OURS.name)
    assert (seen["partner"], seen["partner_owner_name"], seen["confidence"]) == ("Borealis", "Dana Reyes", 0.97)
    assert (seen["our_population"], seen["partner_population"]) == ("prospect", "customer")


def test_a_partner_that_nothing_connects_and_no_entry_names_sees_nothing():
    closed = agreed("", asked=False)
    assert (closed.ours, closed.theirs) == (None, None)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('fields = "minimal"\n', "we have not agreed"),
        ('ours = { by = "Dana", on = 2026-01-01 }\n', "the partner has not agreed"),
        ('theirs = { by = "Mei", on = 2026-01-01 }\n', "we have not agreed"),
    ],
)
def test_with_an_entry_of_its_own_nothing_leaves_before_both_sides_have_agreed(lines, why):
    closed = gate(ACME + lines)
    assert closed.overlap(overlap(), card()) is None
    assert closed.row(OURS, "001", meets=True) is None
    assert closed.counts(met("customer", "customer", 50)).total is None
    assert why in closed.closed_by


def test_the_consent_of_the_partner_can_be_a_ruling():
    lines = ACME + 'ours = { by = "Dana", on = 2026-01-01 }\n'
    assert gate(lines, Consent(theirs=given("Mei", START))).overlap(overlap(), card())


def test_what_is_withdrawn_closes_the_gate_whatever_the_file_says():
    closed = gate(ACME + BOTH, Consent(withdrawn=given("Mei", START)))
    assert closed.overlap(overlap(), card()) is None
    assert closed.closed_by == "withdrawn by Mei"


def test_reasons_tell_of_shared_fields_only():
    assert gate().overlap(overlap(), card())["reasons"] == ["same web domain acme.com", "also matches 'Acme (old)'"]
    wider = gate(ACME + BOTH + 'fields = ["name", "website", "city", "reasons"]\n')
    assert wider.tellable(overlap().reasons) == overlap().reasons


@pytest.mark.parametrize(
    "sentence",
    [
        "same phone number 4930123456",
        "different streets: Invalidenstr. 1 and Hauptstr. 2",
        "same VAT id DE123456789",
        "rare name 'Zyxtron' in the same city",
        "something new that nobody foresaw 4711",
        "web domain acme.com is that of contacts' mail",
    ],
)
def test_a_sentence_about_something_that_is_not_shared_or_not_known_is_not_told(sentence):
    assert gate().tellable((sentence,)) == ()


def test_a_quoted_name_is_no_subject_of_a_sentence():
    assert gate().tellable(("same name but for legal form: 'City Phone Ltd' and 'City Phone'",))


def test_a_field_that_is_new_in_an_overlap_does_not_leave():
    known = {"partner", "partner_name", "status", "first_seen", "last_changed", "ended_on", *BLANK}
    assert set(gate(ACME + BOTH + 'fields = "full"\n').overlap(overlap(), card())) == known
    assert known <= set(Overlap.model_fields)


def test_the_smallest_preset_shows_a_name_and_blanks_what_stood_there():
    seen = gate(ACME + BOTH + 'fields = "minimal"\n').overlap(overlap(), card())
    left = {name: value for name, value in seen.items() if value not in (None, [], "")}
    assert set(left) == {
        "account",
        "partner",
        "partner_name",
        "partner_account_name",
        "our_population",
        "relation",
        "status",
        "first_seen",
        "last_changed",
    }
    assert seen["partner_account_website"] is None


def test_a_row_without_an_overlap_is_seen_at_the_level_of_all_accounts_only():
    assert gate().row(OURS, "001", meets=False) is None
    whole = gate(ACME + BOTH + 'level = "all"\n').row(OURS, "001", meets=False)
    assert whole == {
        "id": "001",
        "name": OURS.name,
        "website": "acme.com",
        "owner_name": "Dana",
        "population": "prospect",
    }


@pytest.mark.parametrize("level", ["counts", "hidden"])
def test_a_population_in_counts_or_hidden_shows_no_row(level):
    closed = gate(ACME + BOTH + f'levels = {{ customer = "{level}" }}\n')
    assert closed.overlap(overlap(), card()) is None
    assert closed.overlap(overlap("prospect"), card("prospect"))
    assert closed.row(OURS.model_copy(update={"population": "customer"}), "001", meets=True) is None


def test_the_level_of_a_population_stands_unless_the_partner_s_entry_names_it():
    text = '[populations.customer]\nlevel = "hidden"\n[partners.acme]\nlevel = "all"\n'
    assert agreed(text).levels["customer"] == "hidden"
    assert agreed(text).levels["prospect"] == "all"
    assert agreed(text + 'levels = { customer = "counts" }\n').levels["customer"] == "counts"


def test_an_account_whose_populations_are_not_those_of_today_is_shown_only_if_no_population_could_hide_it():
    text = '[populations.secret]\nwhen = {{ phone = ["4711"] }}\nlevel = "{}"\n'
    hiding, open_to_all = text.format("hidden"), text.format("all")
    seen_since = card(shared_as=f"{rules(hiding).version}:customer")
    assert gate(hiding).overlap(overlap(), card(shared_as=":customer")) is None
    assert gate(hiding).overlap(overlap(), seen_since)
    assert gate(open_to_all).overlap(overlap(), card(shared_as=":customer"))


@pytest.mark.parametrize(("lists", "seen"), [(("Secret",), False), (("Other",), True)])
def test_a_population_that_is_new_is_told_from_what_a_card_says_already(lists, seen):
    text = '[populations.secret]\nreport = "Secret"\nlevel = "hidden"\n'
    before = card(shared_as=":customer", lists=lists)
    assert (gate(text).overlap(overlap(), before) is not None) is seen
    assert gate(text).overlap(overlap(), before.model_copy(update={"shared_as": ""})) is None


def test_what_the_partner_shows_us_is_overlaps_unless_its_entry_says_otherwise():
    assert gate().received("customer") == "overlaps"
    assert gate(ACME + BOTH + 'shows = { customer = "all" }\n').received("customer") == "all"
    assert gate(ACME + BOTH + 'shows = "hidden"\n').received("prospect") == "hidden"


IN_COUNTS = ACME + BOTH + 'level = "counts"\n'


def test_a_cell_below_five_is_not_shown_and_no_total_tells_of_it():
    found = gate(IN_COUNTS).counts([*met("customer", "customer", 7), *met("customer", "prospect", 4)])
    assert found.cells["customer", "customer"] == 7
    assert found.cells["customer", "prospect"] is None
    assert (found.ours["customer"], found.theirs["prospect"], found.total) == (None, None, None)


def test_none_and_four_look_alike():
    one = gate(IN_COUNTS).counts(met("customer", "customer", 9))
    assert one == gate(IN_COUNTS).counts([*met("customer", "customer", 9), *met("prospect", "customer", 4)])


def test_a_total_is_shown_where_all_its_cells_are():
    every = [each for other in ("customer", "open_opportunity", "prospect") for each in met("customer", other, 6)]
    found = gate(IN_COUNTS).counts(every)
    assert found.ours["customer"] == 18
    assert found.total is None


def test_duplicates_of_a_guess_do_not_make_a_small_count_large():
    copies = [Met("our one", "customer", f"copy {n}", "customer") for n in range(50)]
    assert gate(IN_COUNTS).counts(copies).cells["customer", "customer"] is None


def test_a_hidden_population_has_no_line_in_the_counts():
    text = ACME + BOTH + 'levels = { customer = "hidden", prospect = "counts" }\n'
    with_it = gate(text).counts([*met("customer", "customer", 90), *met("prospect", "customer", 9)])
    assert with_it == gate(text).counts(met("prospect", "customer", 9))
    assert "customer" not in with_it.ours


def test_counts_are_rounded_down_where_the_rules_say_so():
    found = gate("[counts]\nround_to = 5\n" + IN_COUNTS).counts(met("customer", "customer", 14))
    assert found.cells["customer", "customer"] == 10
    assert [gate("[counts]\nround_to = 5\n").shown(n) for n in (4, 5, 9, 10)] == [None, 5, 5, 10]
