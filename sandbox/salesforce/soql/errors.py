"""Words a SOQL error as the platform does: the text around the fault, a caret, the row and column, the reason."""

from __future__ import annotations

from ..errors import SalesforceError

_BEFORE, _AFTER = 30, 35


def located(code: str, text: str, pos: int, reason: str) -> SalesforceError:
    """A 400 whose message has the shape context, caret, `ERROR at Row:r:Column:c` (from 1), reason."""
    line_start = text.rfind("\n", 0, pos) + 1
    line_end = text.find("\n", pos)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    column = pos - line_start
    begin = max(0, column - _BEFORE)
    row = text.count("\n", 0, pos) + 1
    window = line[begin : column + _AFTER]
    caret = " " * (column - begin) + "^"
    return SalesforceError(code, f"\n{window}\n{caret}\nERROR at Row:{row}:Column:{column + 1}\n{reason}")


def malformed(text: str, pos: int, reason: str) -> SalesforceError:
    return located("MALFORMED_QUERY", text, pos, reason)


_HINT = "Please reference your WSDL or the describe call for the appropriate names."


def no_such_column(text: str, pos: int, field: str, entity: str) -> SalesforceError:
    reason = (
        f"No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, be sure to "
        f"append the '__c' after the custom field name. {_HINT}"
    )
    return located("INVALID_FIELD", text, pos, reason)


def no_such_relationship(text: str, pos: int, name: str, where: str = "field path") -> SalesforceError:
    reason = (
        f"Didn't understand relationship '{name}' in {where}. If you are attempting to use a custom relationship, be "
        f"sure to append the '__r' after the custom relationship name. {_HINT}"
    )
    return located("INVALID_FIELD" if where == "field path" else "INVALID_TYPE", text, pos, reason)


def no_such_object(text: str, pos: int, name: str) -> SalesforceError:
    reason = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the "
        f"'__c' after the entity name. {_HINT}"
    )
    return located("INVALID_TYPE", text, pos, reason)
