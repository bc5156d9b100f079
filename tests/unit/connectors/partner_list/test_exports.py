"""Lists as people's tools export them: encodings, separators, titles, totals, merged and doubled names of columns."""

from pathlib import Path

import pytest

from connectors.errors import BadInput
from connectors.partner_list import Settings
from connectors.partner_list.encodings import garbled, guess
from connectors.partner_list.sheets import sheet, spellings
from mappings.loader import load

KNOWN = spellings(load("partner_list")["account"], {})
ROWS = [("1", "Müller GmbH", "Köln"), ("2", "Société Générale", "Orléans"), ("3", "Bolt", "Berlin")]


def read(path, content, **options):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = sheet(path, path.name, Settings(path=str(path), **options), KNOWN)
    return found, list(found.rows(found.columns))


def cells(rows):
    return [tuple(row.cells.values()) for row in rows]


def text(rows, delimiter=",", end="\n"):
    return "".join(delimiter.join(row) + end for row in [("id", "name", "city"), *rows])


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_reads_alike_in_every_encoding_separator_and_line_end(tmp_path, encoding, delimiter, end):
    found, rows = read(tmp_path / "a.csv", text(ROWS, delimiter, end).encode(encoding))
    assert found.columns == ("id", "name", "city")
    assert cells(rows) == ROWS
    assert [row.fault for row in rows] == [None] * 3


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1250", "Łódź Spółka;Kraków\nGdańsk Śląsk;Wrocław"),
        ("cp1251", "Ромашка;Москва\nГазпром;Санкт-Петербург"),
        ("cp1253", "Αθήνα Εταιρεία;Ελλάδα"),
        ("cp1254", "Türk Telekomünikasyon A.Ş.;İstanbul\nŞişecam;Beyoğlu"),
        ("cp932", "株式会社日立製作所;東京\nトヨタ自動車;愛知"),
        ("gb18030", "华为技术有限公司;深圳\n中国石油;北京"),
        ("cp949", "삼성전자 주식회사;서울"),
    ],
)
def test_older_alphabets_are_told_apart_and_the_guess_is_shown_with_words_to_check(tmp_path, encoding, words):
    found, rows = read(tmp_path / "a.csv", f"name;city\n{words}\n".encode(encoding))
    assert ["{};{}".format(*row) for row in cells(rows)] == words.splitlines()
    assert found.how[0].startswith(f"encoding {encoding}: its bytes are no UTF-8; it is read as '")


def test_a_few_bad_bytes_in_utf8_cost_their_rows_and_not_the_encoding(tmp_path):
    content = text(ROWS).encode() + b"4,Caf\xe9,Berlin\n"
    found, rows = read(tmp_path / "a.csv", content)
    assert "2 lines are UTF-8 and 1 are not" in found.how[0]
    assert [(row.number, row.fault.code) for row in rows if row.fault] == [(5, "UNDECODABLE")]
    assert "line 5: byte 0xe9" in rows[3].fault.reason


def test_utf8_that_is_said_to_be_cp1252_is_remarked_with_row_column_and_remedy(tmp_path):
    found, rows = read(tmp_path / "a.csv", text(ROWS).encode(), encoding="cp1252")
    assert cells(rows)[0][1] == "MÃ¼ller GmbH"
    said = str(found.remarks[0])
    assert "'MÃ¼ller GmbH' may be 'Müller GmbH'. (2 rows: 2, 3)" in said
    assert "the column 'name'" in said
    assert "utf-8" in said


def test_characters_that_an_export_has_lost_are_remarked(tmp_path):
    found, _ = read(tmp_path / "a.csv", text([("1", "M\ufffdller", "")]))
    assert "'name' holds the sign for a lost character" in str(found.remarks[0])


@pytest.mark.parametrize("cell", ["Müller", "SÃO PAULO", "CAFÉ®", "Ångström", "Straße – Süd", "Ã¼ü", ""])
def test_rightly_read_text_is_not_called_garbled(cell):
    assert garbled(cell) is None


@pytest.mark.parametrize("meant", ["Müller", "Café – Bar", "Škoda", "L’Oréal", "ÀÏÐ"])
def test_text_that_was_read_wrongly_is_told_with_what_it_was(meant):
    read_wrongly = bytes(meant, "utf-8").decode("cp1252", "surrogateescape")
    wrong = "".join(chr(ord(c) - 0xDC00) if ord(c) >= 0xDC80 else c for c in read_wrongly)
    assert garbled(wrong) == meant


def test_the_line_of_excel_that_names_the_separator_is_obeyed_and_is_no_row(tmp_path):
    found, rows = read(tmp_path / "a.csv", "sep=|\nid|name\n1|Acme, Inc.; Berlin\n")
    assert (found.columns, cells(rows), rows[0].number) == (("id", "name"), [("1", "Acme, Inc.; Berlin")], 2)
    assert "by its line 'sep=|'" in found.how[1]


def test_commas_in_cells_do_not_make_a_semicolon_list_a_comma_list(tmp_path):
    rows = [(str(n), f"Firm {n}, Inc., of Berlin", "1,5") for n in range(9)]
    assert cells(read(tmp_path / "a.csv", text(rows, ";"))[1]) == rows


def test_titles_above_and_totals_below_are_no_accounts_and_that_is_said(tmp_path):
    above = "Accounts of the north\n\nExported,2026-11-22\n"
    below = '\nTotal,,17\n"Copyright (c) 2000-2026 Example Inc. All rights reserved."\n'
    found, rows = read(tmp_path / "a.csv", above + text(ROWS) + below)
    assert cells(rows) == ROWS
    assert [row.number for row in rows] == [5, 6, 7]
    assert "column names in row 4; what stands above is left out" in found.how
    assert "left out, as 'Total'. (2 rows: 9, 10)" in str(found.remarks[0])


def test_a_total_between_accounts_and_an_account_called_total_stay(tmp_path):
    rows = [("1", "Acme", "Berlin"), ("Total", "", "7"), ("2", "Total", "Paris")]
    found, read_rows = read(tmp_path / "a.csv", text(rows))
    assert (cells(read_rows), found.remarks) == (rows, [])


def test_an_account_without_most_cells_at_the_end_is_never_taken_for_a_remark(tmp_path):
    _, rows = read(tmp_path / "a.csv", text(ROWS) + "\nb17\n")
    assert rows[-1].fault.code == "TOO_FEW_COLUMNS"


def test_names_under_merged_cells_are_told_apart_by_them(tmp_path):
    found, rows = read(
        tmp_path / "a.csv", ",,Billing,,Shipping,\nid,name,city,zip,city,zip\n1,Acme,Berlin,10115,Bonn,53111\n"
    )
    assert found.columns == ("id", "name", "Billing city", "Billing zip", "Shipping city", "Shipping zip")
    assert cells(rows) == [("1", "Acme", "Berlin", "10115", "Bonn", "53111")]


def test_names_of_two_rows_are_joined(tmp_path):
    content = "Account ID,Account Name,Billing,,\n,,City,Country,Zip\n1,Acme,Berlin,DE,10115\n"
    found, rows = read(tmp_path / "a.csv", content)
    assert found.columns == ("Account ID", "Account Name", "Billing City", "Billing Country", "Billing Zip")
    assert len(rows) == 1


def test_a_name_that_stands_twice_is_told_and_both_columns_can_be_named(tmp_path):
    found, rows = read(tmp_path / "a.csv", "id,name,name,\n1,Acme,Acme Inc.,x\n")
    assert found.columns == ("id", "name", "name (2)")
    assert "'name' stands over more than one column" in str(found.remarks[0])
    assert rows[0].fault.code == "TOO_MANY_COLUMNS"


def test_a_column_without_a_name_is_called_by_its_letter_and_a_name_over_two_lines_is_one(tmp_path):
    found, _ = read(tmp_path / "a.csv", 'id,,"Account\nName"\n1,x,Acme\n')
    assert found.columns == ("id", "column B", "Account Name")


def test_data_that_looks_like_names_of_columns_does_not_push_the_header_aside(tmp_path):
    found, rows = read(tmp_path / "a.csv", "Kd;Bez;Typ\n1;City;Customer\n2;Website;Prospect\n")
    assert (found.columns, len(rows)) == (("Kd", "Bez", "Typ"), 2)


def test_a_list_of_more_surplus_than_cells_keeps_its_header(tmp_path):
    found, rows = read(tmp_path / "a.csv", "id,name\na1,Acme,x,y,z,w\n")
    assert (found.columns, rows[0].fault.code) == (("id", "name"), "TOO_MANY_COLUMNS")


def test_zeros_before_an_id_of_a_text_file_stay(tmp_path):
    assert cells(read(tmp_path / "a.csv", text([("00042", "Acme", "01067")]))[1]) == [("00042", "Acme", "01067")]


def test_where_the_accounts_begin_is_told_in_physical_lines(tmp_path):
    found, _ = read(tmp_path / "a.csv", 'sep=;\n"A\ntitle"\n\nid;name;city\n1;Acme;Bonn\n')
    assert (found.text.data_line, found.text.delimiter, found.text.encoding) == (5, ";", "utf-8-sig")


def test_an_empty_file_has_no_encoding_to_guess(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    assert guess(tmp_path / "a").encoding == "utf-8-sig"


def test_a_quote_that_never_closes_is_still_refused_below_a_title(tmp_path):
    with pytest.raises(BadInput, match="ends within a quoted cell of row 4"):
        read(tmp_path / "a.csv", 'Title\nid,name,city\n1,Acme,Bonn\n2,"Bolt,Bonn\n')


def test_the_real_list_is_found_as_it_was() -> None:
    path = Path(__file__).parents[4] / "data" / "companies" / "partner.csv"
    found = sheet(path, path.name, Settings(path=str(path)), KNOWN)
    assert found.columns[:2] == ("id", "name")
    assert (sum(1 for _ in found.rows(())), found.remarks) == (7804, [])
