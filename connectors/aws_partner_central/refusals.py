"""What Partner Central's refusals mean, in the names of the deal's fields and in words that a seller understands."""

import re
from collections.abc import Mapping

from connectors.aws.errors import Recovery, Refused, Wrong
from connectors.aws_partner_central.model import SEPARATOR
from connectors.base import Rejected, Retry
from connectors.errors import RetryLater
from mappings.table import EntityMap

# ValidationExceptionErrorCode of the model: what is wrong, and what to do.
WORDS: Mapping[str, tuple[str, str]] = {
    "REQUIRED_FIELD_MISSING": ("it is missing", "fill it in"),
    "INVALID_ENUM_VALUE": ("Partner Central does not know this value", "choose one of its values"),
    "INVALID_STRING_FORMAT": ("it is not written as Partner Central asks", "correct how it is written"),
    "INVALID_VALUE": ("Partner Central does not take this value", "correct the value"),
    "NOT_ENOUGH_VALUES": ("there are too few values", "add a value"),
    "TOO_MANY_VALUES": ("there are too many values", "take a value out"),
    "INVALID_RESOURCE_STATE": ("the opportunity's stage or review does not allow it", "wait for the review to go on"),
    "DUPLICATE_KEY_VALUE": ("another opportunity has it already", "find the other opportunity, or change the value"),
    "VALUE_OUT_OF_RANGE": ("it is too small or too large", "correct the value"),
    "ACTION_NOT_PERMITTED": ("it may not be changed now", "put the value back, or ask the contact at AWS"),
}
# Members beside those of the mapping, by the field in which a seller corrects them.
BESIDE: Mapping[str, str] = {
    "customer/account/otherindustry": "industry",
    "customer/account/address/country": "country",
    "project/expectedcustomerspend": "monthly_spend",
    "softwarerevenue": "software_amount",
    "softwarerevenue/value": "software_amount",
    "relatedentityidentifiers/solutions": "solutions",
}


def outcome(table: EntityMap, refused: Refused, busy_s: float) -> Retry | Rejected:
    """What becomes of a write that was refused. Raises `RetryLater` where an answer was lost: no record is at fault.

    Whatever was done is found by the repeat: every write reads first, or is known by its token.
    """
    if refused.disposition.recovery is Recovery.RETRY:
        raise RetryLater(refused.failure.reason, refused.disposition.remedy, refused.failure.after)
    wrong = refused.failure.wrong
    if not wrong:
        return refused.outcome(busy_s)
    first = next((each for each in wrong if field_of(table, each.field)), wrong[0])
    remedy = WORDS.get(first.code, ("", refused.disposition.remedy))[1]
    return Rejected(
        first.code or refused.failure.code,
        "; ".join(_line(table, each) for each in wrong),
        remedy,
        field_of(table, first.field),
    )


def field_of(table: EntityMap, name: str) -> str | None:
    """The canonical field of a member as AWS names it, as `Customer.Account.CompanyName` or `customer.account[0].x`."""
    path = re.sub(r"\[\d*\]", "", name).strip("$./ ").replace(".", SEPARATOR).casefold()
    known = {each.vendor.replace(".", SEPARATOR).casefold(): field for field, each in table.fields.items()}
    if not path or path in known:
        return known.get(path)
    if path in BESIDE:
        return BESIDE[path]
    ends = [field for each, field in known.items() if each.endswith(SEPARATOR + path)]
    return ends[0] if len(ends) == 1 else None


def _line(table: EntityMap, wrong: Wrong) -> str:
    what = WORDS[wrong.code][0] if wrong.code in WORDS else wrong.code
    where = field_of(table, wrong.field) or wrong.field
    said = f"{what} ({wrong.message})" if what else wrong.message
    return f"{where}: {said}" if where else said
