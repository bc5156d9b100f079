"""What learning is worth is data: shipped, changed list by list, and checked before anything starts."""

from pathlib import Path

import pytest

from mappings import learning
from mappings.errors import MappingError
from schemas.learning import LearningKind

ITEMS = """
[[items]]
id = "basics"
connection = "our-moodle"
ids = ["42"]
kinds = ["course"]

[[items]]
id = "badge"
ids = ["17"]
names = ["Fleet Badge*"]
"""
PROGRAMS = """
[[programs]]
program = "fleet"
name = "Fleet Specialist"
product = "fleet"
needs = ["basics", ["badge"]]
"""


def changed(folder: Path, text: str, connections=None) -> learning.LearningRules:
    (folder / "learning.toml").write_text(text, encoding="utf-8")
    return learning.load(folder, connections)


def test_as_shipped_nobody_is_certified_or_enrolled_and_there_are_three_milestones():
    rules = learning.load()
    assert (rules.items, rules.programs, rules.onboarding.paths) == ((), (), ())
    assert [each.days for each in rules.onboarding.milestones] == [30, 60, 90]


def test_a_deployment_names_its_items_and_programs_and_keeps_the_rest(tmp_path: Path):
    rules = changed(tmp_path, ITEMS + PROGRAMS)
    assert rules.programs[0].each == (("basics",), ("badge",))
    assert rules.onboarding == learning.load().onboarding


@pytest.mark.parametrize(
    ("record", "items"),
    [
        (("our-moodle", "42", None, LearningKind.COURSE), ("basics",)),
        (("our-moodle", "42", None, LearningKind.OTHER), ("basics",)),
        (("our-moodle", "42", None, LearningKind.BADGE), ()),
        (("our-skilljar", "42", None, LearningKind.COURSE), ()),
        (("our-skilljar", "x", "FLEET badge 2026", LearningKind.BADGE), ("badge",)),
        (("our-skilljar", "x", "My Fleet Badge", LearningKind.BADGE), ()),
        (("our-skilljar", "x", None, LearningKind.BADGE), ()),
    ],
)
def test_a_record_is_about_an_item_by_exact_id_or_by_name_within_its_system_and_kind(tmp_path: Path, record, items):
    assert changed(tmp_path, ITEMS).meant(*record) == items


PATH = """
[[onboarding.paths]]
connection = "our-moodel"
path = "sales"
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            ITEMS + '[[items]]\nid = "basics"\nids = ["1"]\n',
            ["learning.toml, line 13, [items] id", "two items have the id"],
        ),
        (ITEMS + '[[items]]\nid = "b2"\nids = ["17"]\n', ["line 14, [items] ids", "'17' could be 'badge' or 'b2'"]),
        (ITEMS + '[[items]]\nid = "b2"\n', ["line 13", "stands for nothing", "add `ids` or `names`"]),
        (ITEMS + '[[items]]\nid = "b2"\nidss = ["1"]\n', ["line 14, [items] idss", "did you mean 'ids'?"]),
        (ITEMS + '[[items]]\nid = "b2"\nids = ["1"]\nkinds = ["badg"]\n', ["line 15, [items] kinds", "Remedy"]),
        (PROGRAMS, ["line 6, [programs] needs", "no item has the id 'basics'"]),
        (ITEMS + PROGRAMS.replace('"basics"', '"basic"'), ["line 17, [programs] needs", "did you mean 'basics'?"]),
        (ITEMS + PROGRAMS + PROGRAMS, ["line 20, [programs] program", "two programs are called 'fleet'"]),
        (ITEMS + PROGRAMS.replace('["badge"]', "[]"), ["line 17, [programs] needs", "names no item"]),
        (
            "[[onboarding.milestones]]\nname = 'a'\ndays = 30\n",
            ["line 2, [onboarding.milestones] name", "needs nothing"],
        ),
        (
            "[onboarding]\nwithin_days = 20\n[[onboarding.milestones]]\nname = 'a'\ndays = 30\nusers = 1\n",
            ["line 5, [onboarding.milestones] days", "within_days"],
        ),
        ("[onboarding]\nwithin_day = 20\n", ["line 2, [onboarding] within_day", "did you mean 'within_days'?"]),
        (PATH, ["line 3, [onboarding.paths] connection", "did you mean 'our-moodle'?"]),
        (
            ITEMS.replace("our-moodle", "moodle"),
            ["line 4, [items] connection", "no learning system is called 'moodle'"],
        ),
        ('[accounts]\n"https://x.example" = "our-mood"\n', ["line 2, [accounts]", "did you mean 'our-moodle'?"]),
        ("[[items]\n", ["learning.toml", "TOML"]),
    ],
)
def test_a_wrong_rule_names_the_file_the_line_the_key_and_the_remedy(tmp_path: Path, text, words):
    with pytest.raises(MappingError) as caught:
        changed(tmp_path, text, ("our-moodle", "our-skilljar"))
    assert [word for word in words if word not in str(caught.value)] == []


def test_one_id_may_be_a_course_and_a_badge_or_stand_in_two_systems(tmp_path: Path):
    twice = ITEMS + '[[items]]\nid = "b42"\nconnection = "our-moodle"\nids = ["42"]\nkinds = ["badge"]\n'
    other = '[[items]]\nid = "s42"\nconnection = "our-skilljar"\nids = ["42"]\n'
    rules = changed(tmp_path, twice + other)
    assert rules.meant("our-moodle", "42", None, LearningKind.BADGE) == ("b42",)
    assert rules.meant("our-skilljar", "42", None, LearningKind.COURSE) == ("s42",)
