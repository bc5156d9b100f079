"""Who is one partner, under which key, with which people."""

import pytest

from schemas.messages import PartnerDecided, TimePassed
from schemas.partners import PartnerStatus
from streams.enablement import decide
from tests.unit.streams.enablement.world import LOOKING, START, World


def test_nothing_is_said_before_every_system_was_looked_at():
    world = World().acme()
    for name in LOOKING[:-1]:
        world.take(TimePassed(connection=name, at=START))
    assert world.said == []
    world.take(TimePassed(connection=LOOKING[-1], at=START))
    assert list(world.partners) == ["acme-cloud-gmbh"]


@pytest.mark.parametrize(
    ("crm", "prm", "together"),
    [
        ({"name": "Acme Cloud GmbH"}, {"name": "ACME Cloud"}, True),
        ({"name": "Zeta", "website": "acme.com"}, {"name": "Blue Resellers", "domains": ("www.acme.com",)}, True),
        ({"name": "Acme", "key": "a"}, {"name": "Acme", "key": "b"}, False),
        ({"name": "Acme", "key": "a"}, {"name": "Something Else", "key": "a"}, True),
        ({"name": "Acme", "key": "a"}, {"name": "Acme Inc."}, True),
        ({"name": "Acme Cloud"}, {"name": "Acme Cloud Labs"}, False),
        ({"name": "Acme", "website": "gmail.com"}, {"name": "Bolt", "website": "https://gmail.com"}, False),
    ],
)
def test_records_are_one_partner_by_key_or_domain_or_name(crm, prm, together):
    world = World().put("crm/partner/1", **crm).put("prm/partner/9", **prm).look()
    refs = sorted(each.refs for each in world.partners.values())
    both = [("crm/partner/1", "prm/partner/9")]
    assert refs == (both if together else [("crm/partner/1",), ("prm/partner/9",)])


def test_a_record_without_a_key_never_ties_two_partners_with_keys_together():
    world = World().put("crm/partner/1", name="Acme", key="a").put("crm/partner/2", name="Bolt", key="b")
    world.put("prm/partner/9", name="Acme", website="bolt.com").put(
        "crm/partner/2", name="Bolt", key="b", website="bolt.com"
    )
    world.look()
    assert {key: each.refs for key, each in world.partners.items()} == {
        "a": ("crm/partner/1",),
        "b": ("crm/partner/2", "prm/partner/9"),
    }


def test_a_key_stays_when_the_partner_is_renamed_and_when_another_record_joins():
    world = World().acme().look().acme(name="Nimbus Holding")
    world.put("prm/partner/0", name="Nimbus", website="acme.com")
    assert list(world.partners) == ["acme-cloud-gmbh"]
    assert world.partners["acme-cloud-gmbh"].refs == ("crm/partner/1", "prm/partner/0")


def test_a_key_that_tandem_wrote_and_that_comes_back_changes_nothing():
    world = World().acme().look()
    said = len(world.said)
    world.acme(key="acme-cloud-gmbh")
    assert len(world.said) == said


def test_two_partners_of_one_name_and_different_keys_get_different_keys_of_their_own():
    world = World().put("crm/partner/1", name="Acme", key="acme").look()
    world.put("crm/partner/2", name="Acme!", country="Germany", website="acme.de", key="x").look()
    world.put("crm/partner/2", name="Zwei", website="acme.de")
    assert sorted(world.partners) == ["acme", "x", "zwei"]
    assert world.partners["x"].status is PartnerStatus.INACTIVE


def test_what_the_crm_says_of_a_field_wins_over_the_prm_which_fills_what_is_empty():
    world = World().put(
        "prm/partner/9", name="Acme Cloud", country="France", languages=("fr",), capacity=5, no_leads=True
    )
    world.acme(country="Germany", no_leads=False).look()
    (partner,) = world.partners.values()
    assert (partner.name, partner.country, partner.languages, partner.capacity, partner.no_leads) == (
        "Acme Cloud GmbH",
        "DE",
        ("fr",),
        5,
        True,
    )


def test_a_partner_is_inactive_once_all_its_records_are_inactive_or_gone():
    world = World().acme().put("prm/partner/9", name="Acme Cloud").look()
    world.acme(status="inactive")
    (partner,) = world.partners.values()
    assert partner.status is PartnerStatus.ACTIVE
    world.gone("prm/partner/9")
    (partner,) = world.partners.values()
    assert (partner.status, partner.tier, partner.refs) == (PartnerStatus.INACTIVE, None, ("crm/partner/1",))
    world.gone("crm/partner/1")
    (partner,) = world.partners.values()
    assert partner.status is PartnerStatus.INACTIVE
    assert partner.reasons == ("Every record of it was deleted.",)
    assert partner.refs == ("crm/partner/1", "prm/partner/9"), "who still names them learns that it is gone"


def test_a_merged_record_goes_on_to_stand_for_the_one_that_was_kept():
    world = (
        World()
        .acme()
        .put("crm/partner/2", name="Bolt")
        .put("crm/partner_user/u", email="b@bolt.io", partner="2")
        .look()
    )
    world.gone("crm/partner/2", into="1")
    assert world.partners["acme-cloud-gmbh"].refs == ("crm/partner/1", "crm/partner/2")
    assert world.partners["acme-cloud-gmbh"].users == ("b@bolt.io",)
    assert (world.partners["bolt"].status, world.partners["bolt"].refs) == (PartnerStatus.INACTIVE, ())


def test_people_are_whose_a_record_says_and_else_whose_domain_they_have():
    world = World().acme().put("crm/partner/2", name="Bolt", key="bolt")
    world.put("lms/learner/1", email="Ada@Acme.com").put("lms/learner/2", email="eve@acme.com")
    world.put("lms/learner/3", email="eve@gmail.com").put("prm/partner_user/u", email="eve@acme.com", partner="bolt")
    world.look()
    assert world.partners["acme-cloud-gmbh"].users == ("ada@acme.com",)
    assert world.partners["bolt"].users == ("eve@acme.com",)


def test_somebody_whom_a_record_holds_for_gone_is_no_longer_with_the_partner():
    world = World().acme().put("lms/learner/1", email="ada@acme.com").look()
    world.put("crm/partner_user/u", email="ada@acme.com", partner="1")
    assert world.partners["acme-cloud-gmbh"].users == ("ada@acme.com",)
    world.put("crm/partner_user/u", email="ada@acme.com", partner="1", active=False)
    assert world.partners["acme-cloud-gmbh"].users == ()


def test_people_who_are_named_before_their_partner_is_known_are_found_when_it_comes():
    world = World().look().put("prm/partner_user/u", email="ada@x.io", partner="acme").badge("ada@x.io")
    assert world.cert("ada@x.io").partner is None
    world.acme(key="acme")
    assert world.cert("ada@x.io").partner == "acme"
    assert world.partners["acme"].users == ("ada@x.io",)


def test_a_domain_that_two_partners_have_says_nothing_of_people():
    world = World().acme(key="a").put("crm/partner/2", name="Bolt", key="b", website="acme.com")
    world.put("lms/learner/1", email="ada@acme.com").look()
    assert {each.users for each in world.partners.values()} == {()}


def test_the_same_again_is_not_said_again_and_an_older_version_is_ignored():
    world = World().acme().look().acme(country="Germany")
    said = len(world.said)
    for event in world.told:
        world.take(event)
    assert len(world.said) == said
    assert len(world.of(PartnerDecided)) == 2


def test_a_first_load_that_is_larger_than_a_portion_is_worked_off_with_the_next_looks(monkeypatch):
    def loaded() -> World:
        world = World()
        for number in range(9):
            world.put(f"crm/partner/{number}", name=f"Partner {number}", website=f"p{number}.io")
            world.badge(f"ada@p{number}.io", number=number)
        return world.look()

    whole = loaded()
    monkeypatch.setattr(decide, "LOOK", 4)
    parts = loaded()
    assert len(parts.partners) < 9
    parts.look().look()
    assert {key: each.certifications for key, each in parts.partners.items()} == {
        key: each.certifications for key, each in whole.partners.items()
    }
    assert {each.tier for each in parts.partners.values()} == {"silver"}
