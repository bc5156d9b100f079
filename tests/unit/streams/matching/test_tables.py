"""The word lists are what the code takes them for."""

import re
import tomllib
from importlib.resources import files

from streams.matching.tables import abbreviations, common_words, countries, legal_forms, nameless_hosts
from streams.matching.text import fold, plain
from streams.matching.weights import bits


def test_no_abbreviation_stands_for_another() -> None:
    assert not set(abbreviations()) & set(abbreviations().values())


def test_every_country_code_is_two_capital_letters_and_names_are_written_as_they_are_looked_up() -> None:
    assert all(re.fullmatch("[A-Z]{2}", code) for code in countries().values())
    assert all(plain(name) == name for name in countries())


def test_each_name_of_a_country_stands_for_one_country() -> None:
    table = tomllib.loads(files("streams.matching").joinpath("data", "countries.toml").read_text("utf-8"))
    names = [name for code, spellings in table.items() for name in (code.lower(), *spellings)]
    assert len(names) == len(set(names)) == len(countries())


def test_common_words_are_worth_less_than_rare_ones_and_more_than_nothing() -> None:
    assert all(0 < worth < bits("zyxtron") for worth in common_words().values())


def test_stop_words_and_common_words_are_stored_folded() -> None:
    assert all(fold(word) == word for word in legal_forms().stop_words | set(common_words()))


def test_free_mail_and_social_networks_have_no_name() -> None:
    assert {"gmail.com", "web.de", "linkedin.com"} <= nameless_hosts()


def test_a_missing_word_is_worth_more_the_longer_it_is_up_to_a_limit() -> None:
    assert bits("zy") < bits("zyx") < bits("zyxtron") == bits("zyxtronzyxtron")
