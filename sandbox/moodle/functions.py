"""Which function a call names, and whether the token may use it; what it does stands in `users` and `learning`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import learning, users
from .errors import MoodleError, missing_record
from .site import Site

Function = Callable[[Site, Mapping[str, Any]], Any]
USER_ID = 2


def get_site_info(site: Site, arguments: Mapping[str, Any]) -> Any:
    functions = [{"name": name, "version": "2024100706"} for name in site.settings.functions]
    return {
        "sitename": "Sandbox", "username": "tandem", "userid": USER_ID, "siteurl": "", "functions": functions,
        "release": "4.5.6 (Build: 20250811)", "version": "2024100706", "userissiteadmin": False,
    }  # fmt: skip


TABLE: Mapping[str, Function] = {
    "core_webservice_get_site_info": get_site_info,
    "core_user_create_users": users.create_users,
    "core_user_update_users": users.update_users,
    "core_user_get_users_by_field": users.get_users_by_field,
    "core_user_get_users": users.get_users,
    "enrol_manual_enrol_users": learning.enrol_users,
    "enrol_manual_unenrol_users": learning.unenrol_users,
    "core_enrol_get_users_courses": learning.get_users_courses,
    "core_cohort_get_cohorts": learning.get_cohorts,
    "core_cohort_get_cohort_members": learning.get_cohort_members,
    "core_cohort_add_cohort_members": learning.add_cohort_members,
    "core_completion_get_course_completion_status": learning.get_course_completion_status,
    "core_badges_get_user_badges": learning.get_user_badges,
}


def call(site: Site, token: str, name: str, arguments: Mapping[str, Any]) -> Any:
    """The answer of one call. Raises `MoodleError`."""
    if token != site.settings.token:
        raise MoodleError("invalidtoken", "Invalid token - token not found")
    if name not in TABLE:
        raise missing_record("external_functions")
    if name not in site.settings.functions:
        raise MoodleError("accessexception", "Access control exception", "webservice_access_exception")
    answer = TABLE[name](site, arguments)
    return _ids_as_text(answer) if site.settings.ids_as_text else answer


def _ids_as_text(found: Any) -> Any:
    if isinstance(found, list):
        return [_ids_as_text(each) for each in found]
    if not isinstance(found, dict):
        return found
    return {
        key: [str(each) for each in value] if key == "userids"
        else str(value) if key in {"id", "cohortid", "itemid", "userid"} and value is not None
        else _ids_as_text(value)
        for key, value in found.items()
    }  # fmt: skip
