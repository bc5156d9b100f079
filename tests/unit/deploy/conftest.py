"""Gives each rule of the Salesforce project to the tests by its name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.deploy import rules as of_metadata
from tests.unit.deploy import rules_of_views as of_views

Rule = Callable[[Path], list[str]]
RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        of_metadata.every_element_its_order_and_its_values_are_known_to_the_metadata_api,
        of_metadata.the_api_version_is_one_that_the_wsdl_vouches_for,
        of_metadata.every_file_is_named_after_what_it_holds,
        of_metadata.every_field_that_is_named_anywhere_exists,
        of_metadata.no_required_field_is_in_a_permission_set,
        of_metadata.both_permission_sets_show_every_field_that_is_not_required,
        of_metadata.nobody_is_granted_more_than_the_work_needs,
        of_metadata.people_fill_in_what_is_asked_and_nothing_else,
        of_metadata.record_types_can_be_chosen_by_whom_they_concern,
        of_metadata.every_field_has_what_its_type_needs,
        of_metadata.every_synced_object_has_the_same_key,
        of_metadata.labels_are_unique_within_an_object,
        of_metadata.populations_are_the_same_wherever_they_are_chosen,
        of_metadata.offer_states_are_the_same_wherever_they_are_shown,
        of_metadata.registration_statuses_are_the_same_wherever_they_are_shown,
        of_views.filters_ask_for_values_that_exist,
        of_views.the_related_list_has_the_name_that_the_lookup_gives_it,
        of_views.no_two_lookups_give_a_related_list_the_same_name,
        of_views.the_layout_shows_every_field_once_and_asks_for_the_required_ones,
        of_views.the_sections_show_every_field_of_a_standard_object_once,
        of_views.the_hover_card_takes_its_fields,
        of_views.the_switches_of_the_object_agree,
        of_views.change_events_are_selected_for_what_is_kept_in_step,
        of_views.undo_removes_all_that_was_added,
        of_views.the_readme_names_every_field,
    )
}


@pytest.fixture
def rules() -> dict[str, Rule]:
    return RULES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `rule` runs once for each rule."""
    if "rule" in metafunc.fixturenames:
        metafunc.parametrize("rule", RULES.values(), ids=RULES.keys())
