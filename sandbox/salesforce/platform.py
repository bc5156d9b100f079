"""What the platform does beyond one row: merge, undelete and lead conversion, each as one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from . import rows
from .dml import Dml
from .errors import SalesforceError, invalid_cross_reference
from .metadata.model import FieldDef, ObjectDef, Row
from .metadata.standard import LEAD_STATUSES, STAGES
from .store import Write
from .times import Clock, to_second

MERGEABLE = ("Account", "Contact", "Lead")
# "Merge up to three records": the master and two others (SOAP API guide, merge()).
MAX_LOSERS = 2
_SHARED = ("Phone", "Website", "Industry", "NumberOfEmployees")
_PERSON = ("FirstName", "LastName", "Title", "Email", "Phone", "LeadSource", "Description")
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")
# Lookups that only the platform keeps: they tell of a merge or a conversion and follow no record.
_KEPT = ("MasterRecordId", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId")


@dataclass(frozen=True, slots=True)
class Conversion:
    """What to make of a lead. Without `account_id` and `contact_id` new records are made of its fields."""

    lead_id: str
    status: str = LEAD_STATUSES[2]
    account_id: str | None = None
    contact_id: str | None = None
    opportunity: bool = True
    opportunity_name: str | None = None


class Platform:
    """The operations of one org; raises SalesforceError, and then nothing has been written."""

    def __init__(self, dml: Dml, clock: Clock) -> None:
        self._dml, self._store, self._clock = dml, dml.store, clock

    def merge(
        self, sobject: ObjectDef, master_id: str, loser_ids: Sequence[str], fields: Mapping[str, Any], user_id: str
    ) -> None:
        """Losers go to the recycle bin with MasterRecordId, their children go to the master, then it is updated."""
        if sobject.name not in MERGEABLE:
            raise SalesforceError("INVALID_TYPE", f"merge is for {', '.join(MERGEABLE)}, not for {sobject.name}", [])
        if not 1 <= len(set(loser_ids)) <= MAX_LOSERS:
            raise SalesforceError("INVALID_ID_FIELD", f"merge takes one to {MAX_LOSERS} records besides the master", [])
        master = str(self._dml.live(sobject, master_id)["Id"])
        with self._store.savepoint():
            for one in loser_ids:
                loser = self._dml.live(sobject, one)
                if loser["Id"] == master:
                    raise SalesforceError("INVALID_ID_FIELD", "a record cannot be merged with itself", [])
                self._give_children(sobject, str(loser["Id"]), master, user_id)
                stamps = self._stamps(user_id)
                gone = {**loser, **stamps, "IsDeleted": True, "MasterRecordId": master}
                self._store.put(sobject.name, gone, self._write("delete", user_id, "IsDeleted", "MasterRecordId"))
            self._dml.update(sobject, master, fields, user_id)

    def undelete(self, sobject: ObjectDef, record_id: str, user_id: str) -> None:
        """Out of the recycle bin, with the children that went there with it."""
        row = self._store.get(sobject.name, record_id)
        if row is None:
            raise invalid_cross_reference(status=404)
        if not row["IsDeleted"]:
            raise SalesforceError("UNDELETE_FAILED", "Entity is not in the recycle bin", [])
        rows.check_unique(self._store, sobject, row, record_id)
        with self._store.savepoint():
            self._undelete(sobject, row, user_id)

    def convert(self, what: Conversion, user_id: str) -> dict[str, str | None]:
        """Account, contact and opportunity made or used, and the lead updated, in one transaction; their ids."""
        lead = self._store.schema.require("Lead")
        row = self._dml.live(lead, what.lead_id)
        if row["IsConverted"]:
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
        if what.status not in LEAD_STATUSES[2:3]:
            raise SalesforceError("INVALID_STATUS", f"invalid convertedStatus: {what.status}", ["Status"])
        with self._store.savepoint():
            account_id = self._account_of(row, what, user_id)
            contact_id = self._contact_of(row, what, account_id, user_id)
            opportunity_id = self._opportunity_of(row, what, account_id, user_id)
            made = {
                "ConvertedAccountId": account_id,
                "ConvertedContactId": contact_id,
                "ConvertedOpportunityId": opportunity_id,
            }
            set_values: Row = {"IsConverted": True, "ConvertedDate": self._today(), "Status": what.status, **made}
            new = {**row, **set_values, **self._stamps(user_id)}
            self._store.put("Lead", new, self._write("update", user_id, *set_values))
        return made

    def _account_of(self, lead: Row, what: Conversion, user_id: str) -> str:
        account = self._store.schema.require("Account")
        if what.account_id is not None:
            return str(self._dml.live(account, what.account_id)["Id"])
        given: Row = {"Name": lead["Company"], "OwnerId": lead["OwnerId"]}
        given.update({name: lead[name] for name in _SHARED})
        given.update({f"Billing{part}": lead[part] for part in _ADDRESS})
        return self._dml.insert(account, given, user_id)

    def _contact_of(self, lead: Row, what: Conversion, account_id: str, user_id: str) -> str:
        contact = self._store.schema.require("Contact")
        if what.contact_id is not None:
            return str(self._dml.live(contact, what.contact_id)["Id"])
        given: Row = {"AccountId": account_id, "OwnerId": lead["OwnerId"]}
        given.update({name: lead[name] for name in _PERSON})
        given.update({f"Mailing{part}": lead[part] for part in _ADDRESS})
        return self._dml.insert(contact, given, user_id)

    def _opportunity_of(self, lead: Row, what: Conversion, account_id: str, user_id: str) -> str | None:
        if not what.opportunity:
            return None
        given: Row = {
            "Name": what.opportunity_name or lead["Company"], "AccountId": account_id, "StageName": STAGES[0],
            "CloseDate": _end_of_quarter(self._today()), "LeadSource": lead["LeadSource"], "OwnerId": lead["OwnerId"],
        }  # fmt: skip
        return self._dml.insert(self._store.schema.require("Opportunity"), given, user_id)

    def _give_children(self, sobject: ObjectDef, loser: str, master: str, user_id: str) -> None:
        for child, link in self._store.schema.children_of(sobject):
            for child_id in self._store.find(child.name, link, loser) if link.name not in _KEPT else ():
                row = self._store.get(child.name, child_id)
                assert row is not None
                moved = {**row, link.name: master, "SystemModstamp": to_second(self._clock())}
                self._store.put(child.name, moved, self._write("relink", user_id, link.name))

    def _undelete(self, sobject: ObjectDef, row: Row, user_id: str) -> None:
        record_id, gone_at = str(row["Id"]), row["SystemModstamp"]
        back = {**row, **self._stamps(user_id), "IsDeleted": False}
        self._store.put(sobject.name, back, self._write("undelete", user_id, "IsDeleted"))
        for child, link in self._store.schema.children_of(sobject):
            if link.on_delete == "Cascade":
                for one in self._went_with(child, link, record_id):
                    if one["SystemModstamp"] == gone_at:
                        self._undelete(child, one, user_id)

    def _went_with(self, child: ObjectDef, link: FieldDef, record_id: str) -> list[Row]:
        return [one for one in self._store.rows(child.name) if one["IsDeleted"] and one.get(link.name) == record_id]

    def _stamps(self, user_id: str) -> Row:
        now = to_second(self._clock())
        return {"SystemModstamp": now, "LastModifiedDate": now, "LastModifiedById": user_id}

    def _write(self, kind: str, user_id: str, *changed: str) -> Write:
        return Write(kind, user_id, to_second(self._clock()), changed)

    def _today(self) -> date:
        return to_second(self._clock()).date()


def _end_of_quarter(day: date) -> date:
    """The close date that a converted lead's opportunity gets."""
    month = 3 * ((day.month - 1) // 3) + 3
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
