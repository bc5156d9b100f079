"""Which records of the shipped tables are kept in step."""

from mappings.loader import load
from mappings.ownership import load as load_ownership
from streams.reconcile.rules import ENTITIES, Setup


def test_a_contact_that_is_a_lead_for_a_time_is_kept_in_step_as_a_contact_only():
    setup = Setup({"our-crm": load("salesforce"), "our-hubspot": load("hubspot")}, load_ownership())
    both = ["our-crm", "our-hubspot"]
    kept = {entity: setup.readers(entity) for entity in ENTITIES}
    assert kept == {"account": both, "contact": both, "lead": ["our-crm"], "deal": both}
    assert (setup.table("our-hubspot", "lead"), setup.readers("partner")) == (None, [])
