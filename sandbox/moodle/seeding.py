"""What a site holds at its start: two courses in a path, a cohort for it, a badge that expires; by seed."""

from __future__ import annotations

from .model import Badge, Cohort, Course
from .settings import SiteSettings
from .site import Site

YEAR_S = 365 * 86_400
COURSES = (("FLEET1", "Robot Fleet Basics"), ("FLEET2", "Robot Fleet Operations"))
PATH = "partner-technical"


def build(settings: SiteSettings) -> Site:
    """A site without learners."""
    site = Site(settings)
    for short, full in COURSES:
        add_course(site, short, full)
    add_cohort(site, PATH, "Partner technical path", tuple(site.data.courses))
    add_badge(site, "Robot Fleet Specialist", YEAR_S)
    return site


def add_course(site: Site, short: str, full: str) -> Course:
    made = Course(site.next_id("course") + 1, short, full)  # 1 is the front page
    site.data.courses[made.id] = made
    return made


def add_cohort(site: Site, idnumber: str, name: str, courses: tuple[int, ...] = ()) -> Cohort:
    made = Cohort(site.next_id("cohort"), idnumber, name, courses)
    site.data.cohorts[made.id] = made
    return made


def add_badge(site: Site, name: str, lasts_s: int | None = None) -> Badge:
    made = Badge(site.next_id("badge"), name, lasts_s)
    site.data.badges[made.id] = made
    return made
