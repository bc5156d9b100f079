"""What an organization holds at its start: two courses, and a path of them; by seed."""

from __future__ import annotations

from .academy import Academy
from .settings import AcademySettings

COURSES = ("Robot Fleet Basics", "Robot Fleet Operations")
PATH = "Partner technical path"


def build(settings: AcademySettings) -> Academy:
    """An organization without learners."""
    academy = Academy(settings)
    for title in COURSES:
        academy.add_course(title)
    academy.add_path(PATH)
    return academy
