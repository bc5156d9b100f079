"""HubSpot's own object types with the properties that a sync meets; it knows no records and no custom objects."""

from __future__ import annotations

from .model import ObjectType, PropertyDef, ValueType

LIFECYCLE = {
    "subscriber": "Subscriber",
    "lead": "Lead",
    "marketingqualifiedlead": "Marketing Qualified Lead",
    "salesqualifiedlead": "Sales Qualified Lead",
    "opportunity": "Opportunity",
    "customer": "Customer",
    "evangelist": "Evangelist",
    "other": "Other",
}
_LEAD_STATUS = {one: one.replace("_", " ").title() for one in (
    "NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING",
)}  # fmt: skip
_INDUSTRY = {one: one.replace("_", " ").title() for one in (
    "ACCOUNTING", "AUTOMOTIVE", "BANKING", "BIOTECHNOLOGY", "COMPUTER_HARDWARE", "COMPUTER_SOFTWARE", "CONSTRUCTION",
    "EDUCATION_MANAGEMENT", "FINANCIAL_SERVICES", "INFORMATION_TECHNOLOGY_AND_SERVICES", "INSURANCE", "INTERNET",
    "MANAGEMENT_CONSULTING", "RETAIL", "TELECOMMUNICATIONS",
)}  # fmt: skip
_COMPANY_TYPE = {one: one.title() for one in ("PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER")}
_DEAL_TYPE = {"newbusiness": "New Business", "existingbusiness": "Existing Business"}
_LEAD_TYPE = {"NEW_BUSINESS": "New Business", "RE_ATTEMPTING": "Re-attempting", "UPSELL": "Upsell"}
_LEAD_LABEL = {"HOT": "Hot", "WARM": "Warm", "COLD": "Cold"}


def standard_types() -> list[ObjectType]:
    """Contacts, companies, deals and leads, each with fresh property tables."""
    return [_contacts(), _companies(), _deals(), _leads()]


def system_properties(group: str, created: str, modified: str) -> list[PropertyDef]:
    """What every object type has, and nobody may write."""
    texts = {"hs_merged_object_ids": "Merged record IDs", "hs_object_source": "Record source",
             "hs_object_source_id": "Record source ID", "hs_object_source_label": "Record source label"}  # fmt: skip
    made = [_read_only(name, label, "string", group) for name, label in texts.items()]
    made.append(_read_only("hs_object_id", "Record ID", "number", group))
    made += [_read_only(created, "Create Date", "datetime", group)]
    made += [_read_only(modified, "Last Modified Date", "datetime", group)]
    owner = PropertyDef("hubspot_owner_id", "Owner", "enumeration", "select", group, external=True)
    return [*made, owner]


def _read_only(name: str, label: str, kind: ValueType, group: str) -> PropertyDef:
    field_type = {"number": "number", "datetime": "date"}.get(kind, "text")
    return PropertyDef(name, label, kind, field_type, group, read_only=True, calculated=True)


def _texts(group: str, **labels: str) -> list[PropertyDef]:
    return [PropertyDef(name, label, group=group) for name, label in labels.items()]


def _choice(name: str, label: str, options: dict[str, str], group: str) -> PropertyDef:
    return PropertyDef(name, label, "enumeration", "select", group, options=options)


def _number(name: str, label: str, group: str) -> PropertyDef:
    return PropertyDef(name, label, "number", "number", group)


def _fill(found: ObjectType, group: str, *properties: PropertyDef) -> ObjectType:
    found.groups[group] = group.replace("information", " information").capitalize()
    every = (*properties, *system_properties(group, found.created, found.modified))
    found.properties.update({one.name: one for one in every})
    return found


def _contacts() -> ObjectType:
    group = "contactinformation"
    made = ObjectType(
        "0-1", "contact", "contacts", "lastmodifieddate",
        ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
        searchable=("firstname", "lastname", "email", "phone", "company"),
        needs_one_of=("email", "firstname", "lastname"), scope="contacts",
    )  # fmt: skip
    return _fill(
        made, group,
        *_texts(
            group, email="Email", firstname="First Name", lastname="Last Name", phone="Phone Number",
            mobilephone="Mobile Phone Number", company="Company Name", website="Website URL", jobtitle="Job Title",
            address="Street Address", city="City", state="State/Region", zip="Postal Code", country="Country/Region",
            hs_additional_emails="Additional email addresses",
        ),
        _choice("lifecyclestage", "Lifecycle Stage", LIFECYCLE, group),
        _choice("hs_lead_status", "Lead Status", _LEAD_STATUS, group),
    )  # fmt: skip


def _companies() -> ObjectType:
    group = "companyinformation"
    made = ObjectType(
        "0-2", "company", "companies", "hs_lastmodifieddate",
        ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
        searchable=("name", "domain", "website", "phone"), needs_one_of=("name", "domain"), scope="companies",
    )  # fmt: skip
    return _fill(
        made, group,
        *_texts(
            group, name="Company name", domain="Company Domain Name", website="Website URL", phone="Phone Number",
            address="Street Address", address2="Street Address 2", city="City", state="State/Region",
            zip="Postal Code", country="Country/Region", description="Description",
            hs_additional_domains="Additional Domains",
        ),
        _number("numberofemployees", "Number of Employees", group),
        _number("annualrevenue", "Annual Revenue", group),
        _choice("industry", "Industry", _INDUSTRY, group),
        _choice("type", "Type", _COMPANY_TYPE, group),
        _choice("lifecyclestage", "Lifecycle Stage", LIFECYCLE, group),
        _choice("hs_lead_status", "Lead Status", _LEAD_STATUS, group),
    )  # fmt: skip


def _deals() -> ObjectType:
    group = "dealinformation"
    made = ObjectType(
        "0-3", "deal", "deals", "hs_lastmodifieddate",
        ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"),
        searchable=("dealname",), scope="deals",
    )  # fmt: skip
    return _fill(
        made, group,
        *_texts(group, dealname="Deal Name", description="Deal Description", deal_currency_code="Currency",
               hs_next_step="Next step"),
        _number("amount", "Amount", group),
        PropertyDef("closedate", "Close Date", "datetime", "date", group),
        PropertyDef("dealstage", "Deal Stage", "enumeration", "radio", group, external=True),
        PropertyDef("pipeline", "Pipeline", "enumeration", "select", group, external=True),
        _choice("dealtype", "Deal Type", _DEAL_TYPE, group),
        _choice("hs_priority", "Priority", {"low": "Low", "medium": "Medium", "high": "High"}, group),
    )  # fmt: skip


def _leads() -> ObjectType:
    group = "leadinformation"
    made = ObjectType(
        "0-136", "lead", "leads", "hs_lastmodifieddate", ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        searchable=("hs_lead_name",), created="hs_createdate", needs_one_of=("hs_lead_name",), scope="leads",
    )  # fmt: skip
    return _fill(
        made, group,
        *_texts(group, hs_lead_name="Lead name"),
        _choice("hs_lead_type", "Lead type", _LEAD_TYPE, group),
        _choice("hs_lead_label", "Lead label", _LEAD_LABEL, group),
        PropertyDef("hs_pipeline", "Pipeline", "enumeration", "select", group, external=True),
        PropertyDef("hs_pipeline_stage", "Pipeline stage", "enumeration", "select", group, external=True),
    )  # fmt: skip
