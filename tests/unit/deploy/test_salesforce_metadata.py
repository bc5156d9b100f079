"""Holds the Salesforce project to the rules in conftest.py, and each rule to finding the mistake it is there for."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

Rule = Callable[[Path], list[str]]
PROJECT = Path(__file__).parents[3] / "deploy" / "salesforce"


def test_the_project_keeps_the_rule_that(rule: Rule) -> None:
    assert rule(PROJECT) == []


class Mistake(NamedTuple):
    """One edit of one file, and words that the rule's complaint must hold."""

    rule: str
    file: str
    old: str
    new: str
    complaint: str


SCHEMA = "every_element_its_order_and_its_values_are_known_to_the_metadata_api"
EXISTS = "every_field_that_is_named_anywhere_exists"
TYPES = "every_field_has_what_its_type_needs"
GRANTS = "nobody_is_granted_more_than_the_work_needs"
SHOWN = "both_permission_sets_show_every_field_that_is_not_required"
LAYOUT = "the_layout_shows_every_field_once_and_asks_for_the_required_ones"
HOVER = "the_hover_card_takes_its_fields"
SWITCHES = "the_switches_of_the_object_agree"
FILTERS = "filters_ask_for_values_that_exist"
POPULATIONS = "populations_are_the_same_wherever_they_are_chosen"
NAMED = "every_file_is_named_after_what_it_holds"
VERSION = "the_api_version_is_one_that_the_wsdl_vouches_for"
UNDO = "undo_removes_all_that_was_added"

STATUS = "Status__c.field-meta.xml"
OVERLAP = "Partner_Overlap__c.object-meta.xml"
VIEW = "Live_Overlaps.listView-meta.xml"
CARD = "Partner_Overlap_Highlights.compactLayout-meta.xml"
PAGE = "Partner_Overlap__c-*.layout-meta.xml"
INTEGRATION = "Tandem_Integration.permissionset-meta.xml"
READER = "Tandem_Reader.permissionset-meta.xml"
TWO = "    <required>false</required>\n    <trackHistory>true</trackHistory>"
GRANT = "<field>Partner_Overlap__c.Status__c</field>"

MISTAKES = {
    "an element is misspelt": Mistake(SCHEMA, STATUS, "<label>Status</label>", "<lable>Status</lable>", "lable"),
    "an element is not of its type": Mistake(SCHEMA, VIEW, "<label>Live", "<type>Text</type><label>Live", "type"),
    "elements are out of order": Mistake(SCHEMA, STATUS, TWO, "\n".join(reversed(TWO.split("\n"))), "not expected"),
    "a field type does not exist": Mistake(SCHEMA, STATUS, ">Picklist<", ">PickList<", "PickList"),
    "a sharing model does not exist": Mistake(SCHEMA, OVERLAP, ">ReadWrite<", ">Writable<", "Writable"),
    "a filter operation does not exist": Mistake(SCHEMA, VIEW, ">equals<", ">equal<", "equal"),
    "a layout behaviour does not exist": Mistake(SCHEMA, PAGE, ">Required<", ">Mandatory<", "Mandatory"),
    "a tab visibility does not exist": Mistake(SCHEMA, READER, ">Visible<", ">DefaultOn<", "DefaultOn"),
    "a boolean is not one": Mistake(SCHEMA, "*.tab-meta.xml", ">true<", ">yes<", "yes"),
    "a grant lacks a flag": Mistake(SCHEMA, READER, "<allowDelete>false</allowDelete>", "", "allowDelete"),
    "a snippet is misspelt": Mistake(SCHEMA, "account-record-page.xml", "identifier>", "identifer>", "identifer"),
    "the project is ahead of the WSDL": Mistake(VERSION, "sfdx-project.json", '"63.0"', '"99.0"', "99.0"),
    "the undo is for another version": Mistake(VERSION, "undo/package.xml", "63.0", "62.0", "62.0"),
    "a field is named unlike its file": Mistake(NAMED, STATUS, ">Status__c<", ">State__c<", "State__c"),
    "a file holds another type": Mistake(NAMED, "*.tab-meta.xml", "CustomTab", "CustomObject", "CustomObject"),
    "a list view names no field": Mistake(EXISTS, VIEW, ">Confidence__c<", ">Confidense__c<", "Confidense__c"),
    "a filter names no field": Mistake(EXISTS, VIEW, "<field>Status__c<", "<field>Stat__c<", "Stat__c"),
    "a hover card names no field": Mistake(EXISTS, CARD, ">Confidence__c<", ">Confidense__c<", "Confidense__c"),
    "a layout names no field": Mistake(EXISTS, PAGE, ">Ended_On__c<", ">Ended__c<", "Ended__c"),
    "a search layout names no field": Mistake(EXISTS, OVERLAP, ">Account__c<", ">Acount__c<", "Acount__c"),
    "a grant names no field of ours": Mistake(EXISTS, READER, GRANT, GRANT.replace("tus", "te"), "State__c"),
    "a grant names no standard field": Mistake(EXISTS, INTEGRATION, "Account.Website", "Account.Web", "Account.Web"),
    "the layout snippet names no list": Mistake(EXISTS, "account-layout.xml", ".Account__c", ".Acct__c", "Acct__c"),
    "the page snippet names no field": Mistake(EXISTS, "account-record-page.xml", ">Main_R", ">Mein_R", "Mein_R"),
    "the page sorts by no field": Mistake(
        EXISTS,
        "account-record-page.xml",
        "<value>Confidence__c</value>\n        <",
        "<value>Conf__c</value><",
        "Conf__c",
    ),
    "a granted field became required": Mistake(
        "no_required_field_is_in_a_permission_set", STATUS, "<required>false", "<required>true", "Status__c is required"
    ),
    "a field is not granted": Mistake(
        SHOWN, READER, GRANT, "<field>Account.Partner_Count__c</field>", "Status__c is not"
    ),
    "a field is granted twice": Mistake(SHOWN, READER, GRANT, "<field>Account.Partner_Count__c</field>", "2 times"),
    "the integration may delete": Mistake(GRANTS, INTEGRATION, "Delete>false", "Delete>true", "allowDelete"),
    "the integration may modify all": Mistake(
        GRANTS, INTEGRATION, "<modifyAllRecords>false", "<modifyAllRecords>true", "modifyAllRecords"
    ),
    "the integration may see all accounts": Mistake(
        GRANTS, INTEGRATION, "<viewAllRecords>false", "<viewAllRecords>true", "Account viewAllRecords"
    ),
    "whoever receives events may edit": Mistake(
        GRANTS, "Tandem_Change_Events.*", "<allowEdit>false", "<allowEdit>true", "Lead allowEdit"
    ),
    "a standard field became editable": Mistake(
        GRANTS,
        INTEGRATION,
        "<editable>false</editable>\n        <field>Account.Type",
        "<editable>true</editable>\n        <field>Account.Type",
        "Account.Type is editable",
    ),
    "a reader may edit a field": Mistake(GRANTS, READER, "<editable>false", "<editable>true", "is editable"),
    "a text is too long": Mistake(TYPES, "Partner_Name__c*", ">255<", ">256<", "1 to 255"),
    "a number lacks its scale": Mistake(TYPES, "Partner_Count__c*", "<scale>0</scale>", "", "scale"),
    "a percent has no digits left": Mistake(TYPES, "Confidence__c*", "<precision>4<", "<precision>1<", "all digits"),
    "a picklist takes any value": Mistake(TYPES, STATUS, "<restricted>true", "<restricted>false", "restricted"),
    "a required lookup is emptied": Mistake(TYPES, "Account__c*", "<required>false", "<required>true", "emptied"),
    "an API name has two underscores": Mistake(TYPES, STATUS, ">Status__c<", ">Status__Now__c<", "API name"),
    "two fields share a label": Mistake(
        "labels_are_unique_within_an_object", "Partner_Since__c*", "Partner Since", "Partner Count", "Partner Count"
    ),
    "a help text is too long": Mistake(
        TYPES, "Offer_Request__c*", "Choose Create", "Choose Create" + " or not" * 80, "510 characters"
    ),
    "a check box has no start": Mistake(
        TYPES, "Cosell__c*", "<defaultValue>false</defaultValue>", "", "needs defaultValue"
    ),
    "a seller may change what Tandem shows": Mistake(
        "people_fill_in_what_is_asked_and_nothing_else",
        "Tandem_Seller.*",
        "Opportunity.Offer_Ref__c",
        "Opportunity.Offer_Id__c",
        "differ in Opportunity.Offer_Id__c",
    ),
    "a seller may create opportunities": Mistake(
        GRANTS, "Tandem_Seller.*", "<allowCreate>false", "<allowCreate>true", "allowCreate"
    ),
    "an offer's state is spelt differently": Mistake(
        "offer_states_are_the_same_wherever_they_are_shown", "Offer_State__c*", "Create Failed", "Failed", "an offer is"
    ),
    "a partner manager may change what Tandem shows": Mistake(
        "people_fill_in_what_is_asked_and_nothing_else",
        "Tandem_Partner_Manager.*",
        "Account.Partner_Tier__c",
        "Account.Earned_Tier__c",
        "Tandem_Partner_Manager and the sections differ in Account.Earned_Tier__c",
    ),
    "a registration's status is spelt differently": Mistake(
        "registration_statuses_are_the_same_wherever_they_are_shown",
        "Deal_Registration_Status__c*",
        "In Review",
        "Review",
        "on the opportunity",
    ),
    "a record type has no process": Mistake(
        "record_types_can_be_chosen_by_whom_they_concern",
        "*.recordType-meta.xml",
        "businessProcess>Deal_Registration<",
        "businessProcess>Registration<",
        "the lead process Registration, which is not there",
    ),
    "a record type lacks a status": Mistake(
        "record_types_can_be_chosen_by_whom_they_concern",
        "*.recordType-meta.xml",
        ">Reclaimed<",
        ">Taken Back<",
        "differ in Reclaimed",
    ),
    "a seller cannot choose the record type": Mistake(
        "record_types_can_be_chosen_by_whom_they_concern",
        "Tandem_Seller.*",
        "<visible>true",
        "<visible>false",
        "Tandem_Seller does not show Lead.Deal_Registration",
    ),
    "several of a picklist have no room": Mistake(
        TYPES, "Partner_Types__c*", "    <visibleLines>4</visibleLines>\n", "", "needs visibleLines"
    ),
    "a section forgets a field": Mistake(
        "the_sections_show_every_field_of_a_standard_object_once",
        "opportunity-section-cosell-request.xml",
        "Use_Case__c",
        "Industry__c",
        "Use_Case__c 0 times",
    ),
    "a section names no field": Mistake(
        EXISTS, "opportunity-section-private-offer.xml", ">Offer_Id__c", ">Offer_Ide__c", "Offer_Ide__c"
    ),
    "a population is spelt differently": Mistake(POPULATIONS, "Our_Population__c*", "Open O", "Open o", "Our_Popul"),
    "a list view asks for no status": Mistake(FILTERS, VIEW, ">Active<", ">Live<", "never Live"),
    "the page asks for no status": Mistake(FILTERS, "account-record-page.xml", '"Active"', '"Live"', "never Live"),
    "the related list is called differently": Mistake(
        "the_related_list_has_the_name_that_the_lookup_gives_it",
        "Partner_Overlap__c/fields/Account__c*",
        ">Partner_Overlaps<",
        ">Overlaps<",
        "shows Account.Partner_Overlaps__r",
    ),
    "two related lists have one name": Mistake(
        "no_two_lookups_give_a_related_list_the_same_name",
        "Private_Offer__c/fields/Account__c*",
        ">Private_Offers<",
        ">Deal_Registrations<",
        "Account has 2 related lists",
    ),
    "a key is not unique": Mistake(
        "every_synced_object_has_the_same_key",
        "Lead/fields/Tandem_Key__c*",
        "<unique>true",
        "<unique>false",
        "Lead.Tandem_Key__c: unique",
    ),
    "an entity is not selected": Mistake(
        "change_events_are_selected_for_what_is_kept_in_step",
        "ChangeEvents_LeadChangeEvent*",
        ">LeadChangeEvent",
        ">CaseChangeEvent",
        "differ in LeadChangeEvent",
    ),
    "a member is named unlike its event": Mistake(
        "change_events_are_selected_for_what_is_kept_in_step",
        "Tandem_chn_LeadChangeEvent*",
        ">Tandem__chn",
        ">Other__chn",
        "is a member Other_chn_LeadChangeEvent",
    ),
    "an enriched field does not exist": Mistake(
        EXISTS, "Tandem_chn_LeadChangeEvent*", ">Tandem_Key__c", ">Tandem_Kay__c", "Lead.Tandem_Kay__c"
    ),
    "a list view of registrations asks for no status": Mistake(
        FILTERS, "Open_Registrations*", ">Submitted,", ">Sent,", "never Sent"
    ),
    "the layout shows a field twice": Mistake(LAYOUT, PAGE, ">Partner__c<", ">Status__c<", "Status__c 2 times"),
    "the layout leaves out a field": Mistake(LAYOUT, PAGE, ">Partner__c<", ">Status__c<", "not show Partner__c"),
    "the layout locks a required field": Mistake(
        LAYOUT, PAGE, ">Required<", ">Readonly<", "Overlap_Key__c is Readonly"
    ),
    "the hover card holds a long text": Mistake(HOVER, CARD, "Main_Reason__c", "Reasons__c", "LongTextArea"),
    "the hover card is full": Mistake(HOVER, CARD, "<label>", "<fields>Name</fields>" * 4 + "<label>", "not 11"),
    "the object uses another card": Mistake(HOVER, OVERLAP, "Partner_Overlap_Highlights", "SYSTEM", "SYSTEM"),
    "one API switch is off": Mistake(SWITCHES, OVERLAP, "BulkApi>true", "BulkApi>false", "go together"),
    "the object keeps no history": Mistake(SWITCHES, OVERLAP, "History>true", "History>false", "no history"),
    "the undo forgets a field": Mistake(
        UNDO, "undo/destructive*", "Account.Source_Id__c", "Account.Id__c", "Source_Id__c"
    ),
    "the readme is out of date": Mistake(
        "the_readme_names_every_field", "README.md", "`Best_Partner__c`", "`Top_Partner__c`", "Best_Partner__c"
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_found_where(mistake: Mistake, rules: dict[str, Rule], tmp_path: Path) -> None:
    copy = tmp_path / "salesforce"
    shutil.copytree(PROJECT, copy)
    path = sorted(copy.rglob(mistake.file))[-1]
    before = path.read_text()
    assert mistake.old in before, f"{path.name} no longer holds {mistake.old}: choose another mistake"
    path.write_text(before.replace(mistake.old, mistake.new))
    found = rules[mistake.rule](copy)
    assert any(mistake.complaint in problem for problem in found), found


def test_every_rule_has_a_mistake_that_it_finds(rules: dict[str, Rule]) -> None:
    assert {mistake.rule for mistake in MISTAKES.values()} == set(rules)
