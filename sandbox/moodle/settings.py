"""What an emulated site is like at its start; it starts nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.clocks import Clock, wall_clock

from .faults import SiteFault

FUNCTIONS = (
    "core_webservice_get_site_info",
    "core_user_create_users",
    "core_user_update_users",
    "core_user_get_users_by_field",
    "core_user_get_users",
    "enrol_manual_enrol_users",
    "enrol_manual_unenrol_users",
    "core_enrol_get_users_courses",
    "core_cohort_get_cohorts",
    "core_cohort_get_cohort_members",
    "core_cohort_add_cohort_members",
    "core_completion_get_course_completion_status",
    "core_badges_get_user_badges",
)
CAPABILITIES = (
    "moodle/user:create",
    "moodle/user:update",
    "moodle/user:viewdetails",
    "moodle/user:viewalldetails",
    "moodle/cohort:view",
    "moodle/cohort:assign",
    "enrol/manual:enrol",
    "enrol/manual:unenrol",
    "moodle/course:viewparticipants",
    "report/completion:view",
    "moodle/badges:viewotherbadges",
)


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """`functions` are those of the token's external service, `capabilities` those of its user."""

    seed: int = 0
    clock: Clock = wall_clock
    token: str = "moodle-sandbox-token"  # noqa: S105
    functions: tuple[str, ...] = FUNCTIONS
    capabilities: tuple[str, ...] = CAPABILITIES
    languages: tuple[str, ...] = ("en", "de", "fr")
    roles: tuple[int, ...] = (3, 4, 5)
    ids_as_text: bool = False
    mails_by_case: bool = True  # PostgreSQL tells A from a in a plain lookup, MySQL does not
    faults: tuple[SiteFault, ...] = ()
