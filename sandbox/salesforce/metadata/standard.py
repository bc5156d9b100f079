"""The standard objects, with the fields that a CRM sync meets; a subset of the platform's, never more than it has."""

from __future__ import annotations

from typing import Any

from .model import FieldDef, ObjectDef, OnDelete, Schema

_INDUSTRIES = (
    "Agriculture Apparel Banking Biotechnology Chemicals Communications Construction Consulting Education Electronics "
    "Energy Engineering Entertainment Environmental Finance Government Healthcare Hospitality Insurance Machinery "
    "Manufacturing Media Not_For_Profit Recreation Retail Shipping Technology Telecommunications Transportation "
    "Utilities Other"
)
INDUSTRIES = tuple(one.replace("_", " ") for one in _INDUSTRIES.split())
ACCOUNT_TYPES = ("Prospect", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller",
                 "Installation Partner", "Technology Partner", "Other")  # fmt: skip
LEAD_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
STAGES = ("Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers",
          "Perception Analysis", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost")  # fmt: skip
LEAD_STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")


def text(name: str, length: int, label: str = "", kind: str = "string", **rules: Any) -> FieldDef:
    return FieldDef(name, kind, label or name, length=length, **rules)


def long_text(name: str, length: int, label: str = "") -> FieldDef:
    """A long text area can be read but not filtered or sorted."""
    return FieldDef(name, "textarea", label or name, length=length, filterable=False, sortable=False)


def picklist(name: str, values: tuple[str, ...], label: str = "", **rules: Any) -> FieldDef:
    return FieldDef(name, "picklist", label or name, length=255, picklist=values, **rules)


def lookup(name: str, to: str, relationship: str, label: str = "", **rules: Any) -> FieldDef:
    return FieldDef(name, "reference", label or name, length=18, reference_to=(to,), relationship=relationship, **rules)


def child(name: str, to: str, relationship: str, children: str, label: str, on_delete: OnDelete) -> FieldDef:
    return lookup(name, to, relationship, label, child_relationship=children, on_delete=on_delete)


def kept_lookup(name: str, to: str, relationship: str, label: str) -> FieldDef:
    """A lookup that only the platform itself writes: after a merge, after a lead conversion."""
    return lookup(name, to, relationship, label, createable=False, updateable=False)


def system_fields(owned: bool = True) -> list[FieldDef]:
    """The fields that the platform keeps; OwnerId is the one a caller may write."""
    kept: dict[str, Any] = {"createable": False, "updateable": False, "nillable": False}
    fields = [
        FieldDef("Id", "id", "Record ID", length=18, id_lookup=True, **kept),
        FieldDef("IsDeleted", "boolean", "Deleted", **kept),
    ]
    if owned:
        fields.append(lookup("OwnerId", "User", "Owner", "Owner ID"))
    return [
        *fields,
        FieldDef("CreatedDate", "datetime", "Created Date", **kept),
        lookup("CreatedById", "User", "CreatedBy", "Created By ID", **kept),
        FieldDef("LastModifiedDate", "datetime", "Last Modified Date", **kept),
        lookup("LastModifiedById", "User", "LastModifiedBy", "Last Modified By ID", **kept),
        FieldDef("SystemModstamp", "datetime", "System Modstamp", **kept),
    ]


def _address(prefix: str) -> list[FieldDef]:
    label = f"{prefix} ".lstrip()
    return [
        text(f"{prefix}Street", 255, f"{label}Street", "textarea"),
        text(f"{prefix}City", 40, f"{label}City"),
        text(f"{prefix}State", 80, f"{label}State/Province"),
        text(f"{prefix}PostalCode", 20, f"{label}Zip/Postal Code"),
        text(f"{prefix}Country", 80, f"{label}Country"),
    ]


def _person(last_name_required: bool = True) -> list[FieldDef]:
    return [
        text("FirstName", 40, "First Name"),
        text("LastName", 80, "Last Name", nillable=not last_name_required),
        text("Name", 121, "Full Name", createable=False, updateable=False, nillable=False, name_field=True),
        text("Title", 128),
        text("Phone", 40, kind="phone"),
        text("Email", 80, kind="email"),
    ]


def _account() -> ObjectDef:
    return ObjectDef("Account", "Account", "Accounts", "001").add([
        *system_fields(),
        text("Name", 255, "Account Name", nillable=False, name_field=True),
        text("AccountNumber", 40, "Account Number"),
        text("Website", 255, kind="url"),
        text("Phone", 40, kind="phone"),
        *_address("Billing"),
        *_address("Shipping"),
        picklist("Type", ACCOUNT_TYPES, "Account Type"),
        picklist("Industry", INDUSTRIES),
        FieldDef("NumberOfEmployees", "int", "Employees", precision=8),
        FieldDef("AnnualRevenue", "currency", "Annual Revenue", precision=18),
        long_text("Description", 32000, "Account Description"),
        child("ParentId", "Account", "Parent", "ChildAccounts", "Parent Account ID", "SetNull"),
        kept_lookup("MasterRecordId", "Account", "MasterRecord", "Master Record ID"),
    ])  # fmt: skip


def _user() -> ObjectDef:
    user = ObjectDef("User", "User", "Users", "005", createable=False, updateable=False, deletable=False)
    return user.add([
        *system_fields(owned=False),
        text("Username", 80, nillable=False, id_lookup=True),
        *_person(),
        FieldDef("IsActive", "boolean", "Active"),
        text("Alias", 8, nillable=False),
        text("Department", 80),
    ])  # fmt: skip


def _contact() -> ObjectDef:
    return ObjectDef("Contact", "Contact", "Contacts", "003").add([
        *system_fields(),
        *_person(),
        child("AccountId", "Account", "Account", "Contacts", "Account ID", "Cascade"),
        text("MobilePhone", 40, "Mobile Phone", "phone"),
        text("Department", 80),
        picklist("LeadSource", LEAD_SOURCES, "Lead Source"),
        *_address("Mailing"),
        long_text("Description", 32000, "Contact Description"),
        kept_lookup("MasterRecordId", "Contact", "MasterRecord", "Master Record ID"),
    ])  # fmt: skip


def _lead() -> ObjectDef:
    return ObjectDef("Lead", "Lead", "Leads", "00Q").add([
        *system_fields(),
        *_person(),
        text("Company", 255, nillable=False),
        text("Website", 255, kind="url"),
        picklist("Status", LEAD_STATUSES, nillable=False, default=LEAD_STATUSES[0]),
        picklist("LeadSource", LEAD_SOURCES, "Lead Source"),
        picklist("Industry", INDUSTRIES),
        FieldDef("NumberOfEmployees", "int", "Employees", precision=8),
        *_address(""),
        FieldDef("IsConverted", "boolean", "Converted", createable=False, updateable=False, nillable=False),
        FieldDef("ConvertedDate", "date", "Converted Date", createable=False, updateable=False),
        kept_lookup("ConvertedAccountId", "Account", "ConvertedAccount", "Converted Account ID"),
        kept_lookup("ConvertedContactId", "Contact", "ConvertedContact", "Converted Contact ID"),
        kept_lookup("ConvertedOpportunityId", "Opportunity", "ConvertedOpportunity", "Converted Opportunity ID"),
        long_text("Description", 32000),
        kept_lookup("MasterRecordId", "Lead", "MasterRecord", "Master Record ID"),
    ])  # fmt: skip


def _opportunity() -> ObjectDef:
    return ObjectDef("Opportunity", "Opportunity", "Opportunities", "006").add([
        *system_fields(),
        text("Name", 120, nillable=False, name_field=True),
        child("AccountId", "Account", "Account", "Opportunities", "Account ID", "Cascade"),
        picklist("StageName", STAGES, "Stage", nillable=False),
        FieldDef("CloseDate", "date", "Close Date", nillable=False),
        FieldDef("Amount", "currency", "Amount", precision=18, scale=2),
        FieldDef("Probability", "percent", "Probability (%)", precision=3),
        picklist("LeadSource", LEAD_SOURCES, "Lead Source"),
        text("NextStep", 255, "Next Step"),
        FieldDef("IsClosed", "boolean", "Closed", createable=False, updateable=False, nillable=False),
        FieldDef("IsWon", "boolean", "Won", createable=False, updateable=False, nillable=False),
        long_text("Description", 32000),
    ])  # fmt: skip


def standard_schema() -> Schema:
    return Schema([_account(), _user(), _contact(), _lead(), _opportunity()])
