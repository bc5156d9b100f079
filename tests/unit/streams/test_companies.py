"""Sentences about which records of a lane speak of one company."""

from schemas.entities import Account
from streams import companies
from streams.matching.keys import CAP
from tests.support.rows import Rows

KIND = ("account",)


def known(**names: Account) -> Rows:
    rows = Rows()
    book = rows.book()
    for ref, company in names.items():
        companies.put(book, "account", ref, company)
    rows.keep(book)
    return rows


def found(rows: Rows, company: Account) -> list[str]:
    return [each.ref for each in companies.same(rows.book(), KIND, company)]


def test_two_spellings_of_one_company_are_one():
    rows = known(a=Account(name="Zyxtron Dynamics GmbH", website="https://zyxtron.com"), b=Account(name="Other Oy"))
    assert found(rows, Account(name="ZYXTRON DYNAMICS", domains=("mail.zyxtron.com",))) == ["a"]


def test_the_reasons_are_told_in_words():
    rows = known(a=Account(name="Zyxtron Dynamics", website="zyxtron.com"))
    (same,) = companies.same(rows.book(), KIND, Account(name="Zyxtron Dynamics Ltd", website="zyxtron.com"))
    assert same.name == "Zyxtron Dynamics"
    assert any("zyxtron.com" in reason for reason in same.match.reasons)


def test_a_record_that_moved_on_to_another_company_is_found_there_only():
    rows = known(a=Account(name="Zyxtron Dynamics", website="zyxtron.com"))
    book = rows.book()
    assert companies.put(book, "account", "a", Account(name="Quorvane Logistics", website="quorvane.com"))
    rows.keep(book)
    assert found(rows, Account(name="Zyxtron Dynamics", website="zyxtron.com")) == []
    assert found(rows, Account(name="Quorvane Logistics", website="quorvane.com")) == ["a"]


def test_what_is_put_again_unchanged_is_no_change():
    rows = known(a=Account(name="Zyxtron Dynamics"))
    assert not companies.put(rows.book(), "account", "a", Account(name="Zyxtron  Dynamics"))


def test_what_is_dropped_leaves_no_row():
    rows = known(a=Account(name="Zyxtron Dynamics", website="zyxtron.com"))
    book = rows.book()
    companies.drop(book, "account", "a")
    rows.keep(book)
    assert rows.rows == {}


def test_records_of_another_kind_are_not_found():
    rows = known(a=Account(name="Zyxtron Dynamics", website="zyxtron.com"))
    assert companies.same(rows.book(), ("registration",), Account(name="Zyxtron Dynamics", website="zyxtron.com")) == []


def test_a_key_that_very_many_hold_finds_nobody():
    many = {f"r{n:03}": Account(name=f"Branch {n:03}", website="franchise.com") for n in range(CAP + 1)}
    assert found(known(**many), Account(name="Kwik Umbrella", website="franchise.com")) == []
