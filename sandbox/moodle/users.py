"""The web service functions about users; each takes a site and its decoded arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .errors import MoodleError, invalid_parameter, warning
from .forms import boolean, mail, number, rows, texts
from .model import User
from .site import Site

Arguments = Mapping[str, Any]
_CREATE = ("password", "createpassword", "auth", "idnumber", "lang", "institution", "department", "city", "country")
_UPDATE = ("username", "firstname", "lastname", "email", "suspended", *_CREATE)
_FIELDS = ("id", "idnumber", "username", "email")
SEARCHED = {"id", "username", "auth", "idnumber", "email", "firstname", "lastname"}
_WEAK = "<div>The password must have at least 8 characters</div>"


def create_users(site: Site, arguments: Arguments) -> Any:
    site.require("moodle/user:create")
    wanted = rows(arguments, "users", ("username", "firstname", "lastname", "email"), _CREATE)
    with site.transaction():
        return [_created(site, each) for each in wanted]


def _created(site: Site, row: Mapping[str, str]) -> dict[str, Any]:
    username, address = row["username"], mail(row["email"])
    if username != username.lower() or not re.fullmatch(r"[-.@_a-z0-9]+", username):
        raise invalid_parameter()
    taken = [each for each in site.living() if username == each.username or address.lower() == each.email.lower()]
    if taken or not row["firstname"] or not row["lastname"]:
        raise invalid_parameter()
    if row.get("lang", "en") not in site.settings.languages:
        raise invalid_parameter()
    chosen = row.get("createpassword") is not None and boolean(row["createpassword"])
    if row.get("auth", "manual") == "manual" and not chosen and len(row.get("password", "")) < 8:
        raise MoodleError(_WEAK, "error/" + _WEAK)  # the code is the text itself (observed)
    names = ("username", "email", "firstname", "lastname", "institution", "lang", "auth")
    made = site.add_user(**{name: row[name] for name in names if name in row})
    made.writes = 1
    return {"id": made.id, "username": made.username}


def update_users(site: Site, arguments: Arguments) -> Any:
    """Each user by itself: what is wrong with one is a warning."""
    site.require("moodle/user:update")
    warnings = []
    for row in rows(arguments, "users", ("id",), _UPDATE):
        user_id = number(row["id"])
        suspended = boolean(row["suspended"]) if "suspended" in row else None
        if "email" in row:
            mail(row["email"])
        found = site.data.users.get(user_id)
        if found is None:
            warnings.append(warning("invaliduserid", "Invalid user ID", "user", user_id))
        elif found.deleted:
            warnings.append(warning("usernotupdateddeleted", "User is a deleted user", "user", user_id))
        elif _taken(site, found, row.get("email")):
            warnings.append(warning("useremailduplicate", "Duplicate email address", "user", user_id))
        else:
            _change(site, found, row, suspended)
    return {"warnings": warnings}


def _taken(site: Site, user: User, address: str | None) -> bool:
    others = (each.email.lower() for each in site.living() if each.id != user.id)
    return address is not None and address.lower() in others


def _change(site: Site, user: User, row: Mapping[str, str], suspended: bool | None) -> None:
    for name in ("username", "firstname", "lastname", "email", "institution", "auth"):
        if name in row:
            setattr(user, name, row[name])
    # A language that is not installed is cleaned away without a word.
    if row.get("lang") in site.settings.languages:
        user.lang = row["lang"]
    if suspended is not None:
        user.suspended = suspended
    user.writes += 1
    site.tell("\\core\\event\\user_updated", user.id)


def get_users_by_field(site: Site, arguments: Arguments) -> Any:
    field = arguments.get("field")
    if field not in _FIELDS:
        words = "Coding error detected, it must be fixed by a programmer: invalid field parameter"
        raise MoodleError("codingerror", words, "coding_exception")
    values = texts(arguments, "values")
    if field == "email":
        values = [mail(each) for each in values]
    if field == "id":
        values = [str(number(each)) for each in values]
    folded = field == "email" and not site.settings.mails_by_case
    wanted = {each.lower() for each in values} if folded else set(values)
    found = (details(site, each) for each in site.living() if _value(each, field, folded) in wanted)
    return [each for each in found if each is not None and each.get(field)]


def _value(user: User, field: str, folded: bool) -> str:
    value = str(getattr(user, field, ""))
    return value.lower() if folded else value


def get_users(site: Site, arguments: Arguments) -> Any:
    """% and _ are wildcards in mail addresses and names, and case does not count there."""
    found, warnings, used, searched = site.living(), [], set(), set()
    for each in rows(arguments, "criteria", ("key", "value"), ()):
        key, value = each["key"], each["value"]
        if key in used:
            raise MoodleError("keyalreadyset", f"The key {key} can only be sent once")
        used.add(key)
        searched |= {key} & SEARCHED
        if key in {"email", "firstname", "lastname"}:
            pattern = re.escape(value).replace("%", ".*").replace("_", ".")
            found = [one for one in found if re.fullmatch(pattern, getattr(one, key), re.IGNORECASE)]
        elif key in SEARCHED:
            found = [one for one in found if str(getattr(one, key, "")) == value]
        else:
            words = f"The search key '{key}' is not supported, look at the web service documentation"
            warnings.append({"item": key, **warning("invalidfieldparameter", words)})
    shown = (details(site, one) for one in found)
    return {"users": [one for one in shown if one and all(one.get(key) for key in searched)], "warnings": warnings}


def details(site: Site, user: User) -> dict[str, Any] | None:
    """What the token's user may see of another; an empty organisation is left out."""
    if not site.may("moodle/user:viewdetails"):
        return None
    found: dict[str, Any] = {
        "id": user.id, "firstname": user.firstname, "lastname": user.lastname,
        "fullname": f"{user.firstname} {user.lastname}", "email": user.email, "suspended": user.suspended,
        "firstaccess": 0, "lastaccess": 0,
    }  # fmt: skip
    if site.may("moodle/user:viewalldetails"):
        found |= {"username": user.username, "auth": user.auth, "lang": user.lang, "confirmed": True}
        if user.institution:
            found["institution"] = user.institution
    return found
