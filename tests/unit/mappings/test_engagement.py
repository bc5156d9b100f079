"""Rules of engagement: what ships, what a deployment changes, and what is refused at load, with file, line and remedy."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from mappings import engagement
from mappings.engagement import Against, Engagement, Outcome, first
from mappings.errors import MappingError
from schemas.entities import DealStage
from schemas.partners import DealType, Registration

SHIPPED = Path(engagement.__file__).with_name("engagement.toml").read_text(encoding="utf-8")


def changed(folder: Path, text: str) -> Engagement:
    (folder / "engagement.toml").write_text(text, encoding="utf-8")
    return engagement.load(folder)


def edited(folder: Path, old: str, new: str) -> Engagement:
    """The shipped file with one thing written otherwise."""
    assert old in SHIPPED
    return changed(folder, SHIPPED.replace(old, new, 1))


def test_the_shipped_rules_hold_together_and_every_required_field_is_one_of_a_registration():
    rules = engagement.load()
    assert rules.conflict[-1].against is Against.ANY
    assert set(rules.quality.required) <= set(Registration.model_fields)
    assert {rule.outcome for rule in rules.conflict} == {Outcome.WAIT, Outcome.QUEUE, Outcome.REJECT, Outcome.ALLOW}


def test_a_deployment_changes_a_key_and_keeps_the_rest(tmp_path: Path):
    rules = changed(tmp_path, '[quality]\nminimum = { EUR = "1000" }\n')
    assert rules.quality.minimum == {"EUR": Decimal(1000)}
    assert rules.quality.required == engagement.load().quality.required
    assert rules.margin == engagement.load().margin


def test_a_list_of_rules_is_replaced_as_a_whole(tmp_path: Path):
    rules = changed(tmp_path, '[[margin]]\nname = "all"\nkind = "margin"\npercent = 12.5\n')
    assert [(rule.name, rule.percent) for rule in rules.margin] == [("all", Decimal("12.5"))]


def test_a_rate_written_as_a_number_is_that_number_and_no_binary_fraction(tmp_path: Path):
    rules = changed(tmp_path, '[[margin]]\nname = "all"\nkind = "margin"\npercent = 0.1\n')
    assert rules.margin[0].percent == Decimal("0.1")


@pytest.mark.parametrize(
    ("deal_type", "tier", "products", "name"),
    [
        (DealType.REFERRAL, "gold", (), "referral"),
        (DealType.RESALE, None, ("fleet",), "resale"),
        (DealType.COSELL, "gold", (), "usual"),
        (None, None, (), "usual"),
    ],
)
def test_of_a_list_the_first_rule_that_fits_applies(deal_type, tier, products, name):
    found = first(engagement.load().margin, deal_type, tier, products)
    assert found is not None
    assert found.name == name


LAST_MARGIN = '[[margin]]\nname = "usual"\nkind = "referral_fee"\npercent = "5"\n'
GOLD = '[[margin]]\nname = "gold"\ntiers = ["gold"]\nkind = "margin"\npercent = "25"\n\n'
ANY = 'against = "any"\noutcome = "queue"'
REFERRAL = 'deal_types = ["referral"]\nkind'
LEVEL = '{ approvers = ["channel_managers"], escalate_to = ["channel_leads"] }'
WRONG = {
    "an unknown field": ('same_at = 0.85', 'same_as = 0.85', "[company] same_as", ["did you mean 'same_at'?"]),
    "an unknown field of a rule": ('percent = "20"', 'rate = "20"', "[margin] rate", ["no key is called 'rate'"]),
    "an unknown stage": ('"proposal", "neg', '"closing", "neg', "[conflict] stages", ["comments of the shipped table"]),
    "a margin above a hundred": ('percent = "20"', 'percent = "120"', "[margin] percent", ["less than or equal to 100"]),
    "a margin below nothing": ('percent = "20"', 'percent = "-1"', "[margin] percent", ["greater than or equal to 0"]),
    "a third level": ("levels = []", f"levels = [{LEVEL}, {LEVEL}, {LEVEL}]", "[approval] levels", ["at most 2 items"]),
    "a required field that there is not": (
        '"contact_last_name"', '"contact_surname"', "[quality] required", ["no field 'contact_surname'"],
    ),
    "two rules of one name": ('name = "large"', 'name = "conflict"', "[approval] name", ["two rules are called"]),
    "no last rule for everything": (ANY, 'against = "deal"\noutcome = "allow"', "[conflict]", ["never applies"]),
    "no fallback for margins": (LAST_MARGIN, GOLD, "[margin]", ["overlap"]),
    "margins without a rule for the rest": (LAST_MARGIN, "", "[margin]", ["no fallback", "for all registrations"]),
    "a rule behind one that takes all of it": (
        'against = "offer"', 'against = "deal"', "[conflict]", ["'late stage with direct sales' never applies"],
    ),
    "two rules that say different things of the same": (
        LAST_MARGIN, GOLD + LAST_MARGIN, "[margin]", ["'referral' and 'gold' overlap", "for what they share"],
    ),
    "two partners for one company": (
        'against = "registration"\noutcome = "wait"', 'against = "registration"\noutcome = "allow"',
        "[conflict] outcome", ["two partners would be protected"],
    ),
    "a stage of an account": (
        'against = "customer"', 'against = "customer"\nstages = ["won"]', "[conflict] stages", ["no stage and no age"],
    ),
    "no deal is both older and younger": (
        "older_than_days = 180", "older_than_days = 180\nyounger_than_days = 90", "[conflict]", ["no deal is of that age"],
    ),
    "words that nothing is filled into": (
        "to {company}.\"", "to {customer}.\"", "[conflict] explanation", ["nothing is filled in for 'customer'"],
    ),
    "a role of nobody": ('channel_leads = ["*"]', "channel_leads = []", "[roles] channel_leads", ["is nobody"]),
    "a role that is no mail address": (
        'channel_leads = ["*"]', 'channel_leads = ["Lee"]', "[roles] channel_leads", ["no mail address"],
    ),
    "escalation to nobody": (
        'escalate_to = ["channel_managers"], hours = 24 }]', "escalate_to = [], hours = 24 }]",
        "[approval] levels", ["'large' escalates to nobody"],
    ),
    "escalation to the manager alone": (
        'escalate_to = ["channel_managers"], hours = 24 }]', 'escalate_to = ["partner_manager"], hours = 24 }]',
        "[approval] levels", ["a partner may have no manager"],
    ),
    "a role that there is not": (
        'approvers = ["channel_managers"]', 'approvers = ["chanel_managers"]', "[approval] levels",
        ["no role is called 'chanel_managers'", "did you mean 'channel_managers'?"],
    ),
    "a conflict that nobody approves": (
        'conflict = false\nup_to', "up_to", "[approval] levels", ["approved by nobody", "conflict = false"],
    ),
    "less sure to be the same than to be unsure": (
        "unsure_at = 0.5", "unsure_at = 0.9", "[company] unsure_at", ["unsure_at at most same_at"],
    ),
    "given to nobody": ('outcome = "expire"', 'outcome = "reassign"', "[inactive] reassign_to", ["given to nobody"]),
    "a place kept for longer than it stands": (
        "keep_days = 7", "keep_days = 70", "[returned] keep_days", ["for longer than it stands"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_bad_rules_are_refused_with_file_line_key_and_remedy(tmp_path: Path, what: str):
    old, new, place, words = WRONG[what]
    with pytest.raises(MappingError) as caught:
        edited(tmp_path, old, new)
    said = str(caught.value)
    assert re.search(r"engagement\.toml, line \d+, " + re.escape(place), said), said
    assert [word for word in words if word not in said] == []
    assert "Remedy: " in said


def test_the_line_is_the_one_of_the_rule_that_is_wrong(tmp_path: Path):
    text = SHIPPED.replace('percent = "5"', 'percent = "500"')
    with pytest.raises(MappingError) as caught:
        changed(tmp_path, text)
    assert caught.value.line == text.splitlines().index('percent = "500"') + 1


def test_what_is_no_toml_is_refused_with_its_line(tmp_path: Path):
    with pytest.raises(MappingError) as caught:
        changed(tmp_path, "[quality]\nrequired = [\n")
    assert "this is no TOML" in str(caught.value)


def test_an_overlap_is_settled_by_a_rule_for_what_both_share(tmp_path: Path):
    both = '[[margin]]\nname = "both"\ndeal_types = ["referral"]\ntiers = ["gold"]\nkind = "margin"\npercent = "9"\n\n'
    start = "[[margin]]                       # what"
    text = SHIPPED.replace(start, both + start).replace(LAST_MARGIN, GOLD + LAST_MARGIN)
    text = text.replace('deal_types = ["resale"]\nkind', 'deal_types = ["resale"]\ntiers = ["silver"]\nkind')
    assert changed(tmp_path, text).margin[0].name == "both"


def test_rules_for_deals_of_different_ages_or_stages_do_not_overlap(tmp_path: Path):
    young = '[[conflict]]\nname = "fresh"\nagainst = "deal"\nstages = ["meeting"]\n'
    young += 'younger_than_days = 30\noutcome = "reject"\nexplanation = "x"\n\n'
    mark = '[[conflict]]\nname = "stale with direct sales"'
    rules = edited(tmp_path, mark, young + mark)
    assert rules.conflict[4].stages == (DealStage.MEETING,)
