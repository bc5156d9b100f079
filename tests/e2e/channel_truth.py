"""What must hold of leads, registrations, deals, money and certifications, asked of the systems and of the topics alone."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from schemas import topics
from schemas.codec import decode
from schemas.entities import LeadStatus
from schemas.messages import (
    CertificationStatus,
    Changed,
    DeadLetter,
    LeadRouted,
    PartnerDecided,
    RegistrationDecided,
    RouteState,
    Write,
)
from schemas.partners import PartnerStatus
from schemas.partners import RegistrationStatus as S
from tests.e2e.channel import CRM, PRM, Channel
from tests.e2e.channel_chaos import PARTNERS, company_of

IN_PRM = {
    RouteState.OFFERED: ("open", None), RouteState.ACCEPTED: ("closed", None), RouteState.WORKING: ("closed", "working"),
    RouteState.CONVERTED: ("closed", "converted"), RouteState.WON: ("closed won", None),
    RouteState.LOST: ("closed lost", None),
}  # fmt: skip
WITHDRAWN = ("dead", "withdrawn")
STAGE = {S.LOST: "Closed Lost"}
HELD = {RouteState.OFFERED, RouteState.ACCEPTED, RouteState.WORKING}
UNDECIDED = {S.SUBMITTED, S.IN_REVIEW}
OVERTAKEN = {"ENTITY_IS_DELETED", "NOT_FOUND", "CANNOT_UPDATE_CONVERTED_LEAD"}
COUNTS = {CertificationStatus.IN_FORCE, CertificationStatus.LAPSING}


def faults(it: Channel) -> list[str]:
    """What does not hold; empty where the systems and the facts say one thing, and nothing was done twice."""
    parts = (routed, answered, guarded, registered, alone, made, paid, certified, standing, credited, parked)
    return [fault for part in parts for fault in part(it)]


# Leads.


def routed(it: Channel) -> Iterator[str]:
    """Each lead in Salesforce shows the last word on it."""
    last = it.last(topics.LEADS)
    rows: list[dict[str, Any]] = it.org.call(lambda: [dict(row) for row in it.org.org.store.rows("Lead")])
    for row in rows:
        row_id = row["Id"]
        fact = last.get(f"{CRM}/lead/{row_id}")
        fresh = row["Status"] == "Open - Not Contacted" and not row["IsDeleted"] and not row["Registration_Partner__c"]
        if fact is None and fresh and (it.at - row["CreatedDate"]).days < 14:
            yield f"lead {row_id}: nobody said where it is"
        if fact is None or row["IsConverted"]:
            continue
        if row["IsDeleted"]:
            if fact.state not in {RouteState.CLOSED, RouteState.WON, RouteState.LOST}:
                yield f"lead {row_id} is deleted, and told to be {fact.state}"
            continue
        shown = ((row["Lead_Route_State__c"] or "").lower(), row["Routed_Partner_Key__c"], row["Routed_Respond_By__c"])
        if shown != (fact.state.value, fact.partner, fact.respond_by):
            yield f"lead {row_id} shows {shown}, told was {fact.state} {fact.partner} {fact.respond_by}"


def answered(it: Channel) -> Iterator[str]:
    """Each lead is at most once in PartnerStack, with the partner that has it and where it is."""
    there: dict[str, list[dict[str, Any]]] = {}
    for stored in it.program.account.rows["leads"].values():
        there.setdefault(stored.record["external_key"].replace(":", "/"), []).append(stored.record)
    for ref, records in there.items():
        if len(records) > 1:
            yield f"{ref} is {len(records)} times in PartnerStack"
    for ref, fact in it.last(topics.LEADS).items():
        shown = [
            (each["partner_key"], each["status"], each["_form"].get("tandem_state")) for each in there.get(ref, [])
        ]
        wanted = [(f"{fact.partner}_ps", *IN_PRM[fact.state])] if fact.partner and fact.state in IN_PRM else None
        if wanted is None and any(each[1:] != WITHDRAWN for each in shown):
            yield f"{ref} is {fact.state} with nobody, PartnerStack shows {shown}"
        if wanted is not None and [_plain(each) for each in shown] != wanted:
            yield f"{ref} is {fact.state} with {fact.partner}, PartnerStack shows {shown}"


def _plain(shown: tuple[Any, ...]) -> tuple[Any, ...]:
    """A word of ours counts only as long as it fits PartnerStack's own status."""
    partner, status, word = shown
    fits = (status, word) in {("closed", "working"), ("closed", "converted"), WITHDRAWN}
    return (partner, status, word if fits else None)


def guarded(it: Channel) -> Iterator[str]:
    """No lead changes hands without being offered anew; no offer is overdue or held by somebody who may not have it."""
    before: dict[str, LeadRouted] = {}
    for fact in it.told(topics.LEADS):
        last = before.get(fact.lead)
        changed = last is not None and fact.partner not in (None, last.partner)
        if last is not None and changed and fact.assignment <= last.assignment:
            yield f"{fact.lead} went from {last.partner} to {fact.partner} without a new assignment"
        if fact.partner is None and fact.state in HELD:
            yield f"{fact.lead} is {fact.state} with nobody"
        before[fact.lead] = fact
    partners: dict[str, PartnerDecided] = it.last(topics.PARTNERS)
    for fact in before.values():
        if fact.state is not RouteState.OFFERED:
            continue
        holder = partners[fact.partner or ""]
        if fact.respond_by is None or fact.respond_by <= it.at:
            yield f"{fact.lead} is offered until {fact.respond_by}, and it is {it.at}"
        if holder.status is not PartnerStatus.ACTIVE:
            yield f"{fact.lead} is offered to {holder.partner}, which is {holder.status}"
        if fact.rule == "fleet" and not _certified_people(it, holder.partner):
            yield f"{fact.lead} is offered by the rule fleet to {holder.partner}, where nobody is certified"


# Registrations and what follows from them.


def registered(it: Channel) -> Iterator[str]:
    """Each registration shows in its own system what was decided last."""
    decided = it.last(topics.REGISTRATIONS)
    leaders = {twin: fact for fact in decided.values() for twin in fact.twins}
    for key, stored in it.program.account.rows["deals"].items():
        ref = f"{PRM}/registration/{key}"
        fact = leaders.get(ref, decided.get(ref))
        if fact is None or stored.archived:
            if fact is None and not stored.archived:
                yield f"{ref}: nobody decided over it"
            continue
        until = stored.record["_form"].get("tandem_protected_until")
        wanted = STAGE.get(fact.status, fact.status.value.replace("_", " ").title())
        if (stored.record["stage"], until) != (wanted, fact.protected_until and str(fact.protected_until)):
            yield f"{ref} shows {stored.record['stage']} until {until}, decided was {wanted} {fact.protected_until}"
    for row in it.rows("Lead"):
        ref = f"{CRM}/registration/{row['Id']}"
        fact = leaders.get(ref, decided.get(ref))
        if not row["Registration_Partner__c"] or fact is None or row["IsConverted"]:
            continue
        shown = row["Registration_Status__c"].lower().replace(" ", "_"), row["Registration_Protected_Until__c"]
        if shown != (fact.status.value, fact.protected_until):
            yield f"{ref} shows {shown}, decided was {fact.status} {fact.protected_until}"


def alone(it: Channel) -> Iterator[str]:
    """At no time two partners are protected for one company; the first valid registration wins unless people say else."""
    now: dict[str, RegistrationDecided] = {}
    resting = {fact.partner for fact in it.told(topics.PARTNERS) if fact.status is not PartnerStatus.ACTIVE}
    for fact in it.told(topics.REGISTRATIONS):
        before = now.get(fact.registration)
        now[fact.registration] = fact
        if fact.status is not S.APPROVED or fact.inputs is None:
            continue
        company = company_of(fact.inputs.website)
        others = [it for it in now.values() if it.inputs is not None and it.partner != fact.partner]
        others = [it for it in others if it.inputs is not None and company_of(it.inputs.website) == company]
        yield from (f"{fact.registration} and {each.registration} of {company} are both approved at {fact.decided_at}"
                    for each in others if each.status is S.APPROVED)  # fmt: skip
        if fact.conflict_with is not None:
            yield f"{fact.registration} is approved, and in conflict with {fact.conflict_with}"
        by_rule = (fact.approved_by or "").startswith("rule ")
        if not by_rule or (before is not None and before.status is S.APPROVED):
            continue
        for each in others:
            earlier = _submitted(each) < _submitted(fact) and each.status in UNDECIDED and each.partner not in resting
            if earlier:
                yield f"{fact.registration} was approved while the earlier {each.registration} was {each.status}"


def _submitted(fact: RegistrationDecided) -> datetime:
    assert fact.submitted_at is not None
    return fact.submitted_at


def made(it: Channel) -> Iterator[str]:
    """Each registration that was ever approved has one deal, and every deal with a key is one of those."""
    approved = {fact.registration for fact in it.told(topics.REGISTRATIONS) if fact.status is S.APPROVED}
    keys = Counter(row["Tandem_Key__c"] for row in it.rows("Opportunity") if row["Tandem_Key__c"])
    yield from (f"{count} deals with the key {key}" for key, count in keys.items() if count > 1)
    if len(keys) != len(approved):
        yield f"{len(approved)} registrations were approved, and {len(keys)} deals were made: {sorted(approved)}"
    live = [fact for fact in it.last(topics.REGISTRATIONS).values() if fact.status in {S.APPROVED, S.CONVERTED}]
    live = [fact for fact in live if fact.approved_at is not None]  # the others were converted before they were read
    yield from (f"{fact.registration} is {fact.status} and has no deal" for fact in live if fact.deal is None)
    twice = Counter(fact.deal for fact in live)
    yield from (f"{deal} is the deal of {count} registrations" for deal, count in twice.items() if count > 1)


def paid(it: Channel) -> Iterator[str]:
    """Fees are due for won deals only, and are what percent and amount make."""
    deals = {f"{CRM}/deal/{row['Id']}": row for row in it.rows("Opportunity")}
    due = {key: fee for key, fee in it.last(topics.FEES).items() if fee.amount != 0}
    for fee in due.values():
        row = deals[fee.deal]
        wanted = (_money(row["Amount"]) * fee.percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if row["StageName"] != "Closed Won" or fee.amount != wanted:
            yield f"{fee.deal}: {fee.amount} is due, {row['StageName']} of {row['Amount']} makes {wanted}"
    for row in deals.values():
        shown, mine = row["Partner_Fee_Amount__c"], [fee for fee in due.values() if fee.deal.endswith(row["Id"])]
        if [_money(shown)] * (shown is not None) != [fee.amount for fee in mine]:
            yield f"deal {row['Id']} shows a fee of {shown}, due are {[str(fee.amount) for fee in mine]}"
    for fact in it.last(topics.REGISTRATIONS).values():
        row = deals.get(fact.deal or "", {})
        won = fact.status is S.CONVERTED and row.get("StageName") == "Closed Won" and row["Amount"]
        if won and f"{fact.deal}/{fact.partner}" not in due:
            yield f"{fact.registration} is converted, and nothing is due to {fact.partner}"


def _money(value: float | None) -> Decimal:
    return Decimal(str(value or 0))


# Partners and credit.


def certified(it: Channel) -> Iterator[str]:
    """Who holds a badge in Moodle that is in force is certified, and nobody else."""
    told = it.last(topics.CERTIFICATIONS)
    now = {key.partition("/")[0] for key, fact in told.items() if fact.status in COUNTS}
    if now != (wanted := set(_holders(it))):
        yield f"certified are {sorted(now)}, Moodle says {sorted(wanted)}"


def _holders(it: Channel) -> Iterator[str]:
    site = it.site.site
    for issue in site.data.issues.values():
        user = site.data.users[issue.user]
        if not user.deleted and issue.visible and (issue.expires is None or issue.expires > site.now()):
            yield user.email


def _certified_people(it: Channel, partner: str) -> set[str]:
    domain = f"@{PARTNERS[partner].lower().replace(' ', '-')}.com"
    return {email for email in _holders(it) if email.endswith(domain)}


def standing(it: Channel) -> Iterator[str]:
    """The records of a partner show its tier, its certified people and its open leads, in both systems alike."""
    leads = it.last(topics.LEADS).values()
    for fact in it.last(topics.PARTNERS).values():
        people = _certified_people(it, fact.partner)
        if {each.email for each in fact.certifications} != people:
            yield f"{fact.partner} is told to have {fact.certifications}, Moodle says {people}"
        [row] = [row for row in it.rows("Account") if row["Partner_Key__c"] == fact.partner]
        form = next(each.record["_form"] for each in it.program.account.rows["partnerships"].values()
                    if each.record["partner_key"] == f"{fact.partner}_ps")  # fmt: skip
        wanted = (fact.tier, len(people), sum(each.partner == fact.partner and each.state in HELD for each in leads))
        shown = (row["Earned_Tier__c"], row["Certified_People__c"], row["Open_Partner_Leads__c"])
        in_prm = tuple(form.get(name) for name in ("tandem_tier", "tandem_certified_people", "tandem_open_leads"))
        if not (wanted == shown == in_prm):
            yield f"{fact.partner} has {wanted}, Salesforce shows {shown}, PartnerStack {in_prm}"


def credited(it: Channel) -> Iterator[str]:
    """What each model gives sums to the deal's amount, as it stands in Salesforce."""
    for fact in it.last(topics.ATTRIBUTIONS).values():
        row = it.row("Opportunity", fact.deal.rpartition("/")[2])
        sums = {name: sum((share.amount for share in shares), Decimal(0)) for name, shares in fact.models.items()}
        if any(total != fact.amount for total in sums.values()) or fact.amount not in {None, _money(row["Amount"])}:
            yield f"{fact.deal}: {sums} of {fact.amount}, Salesforce shows {row['Amount']}"
        if (row["Partner_Touches__c"] or 0) != len(fact.touches):
            yield f"{fact.deal} shows {row['Partner_Touches__c']} touches, counted are {fact.touches}"


def parked(it: Channel) -> Iterator[str]:
    """Nothing is left for a person, but writes to records that somebody deleted or converted before that was read."""
    for each in it.dead_letters():
        if each.code not in OVERTAKEN or _late(it, each):
            yield f"parked by {each.stage}: {each.code} {each.reason}"


def _late(it: Channel, letter: DeadLetter) -> bool:
    """Whether its write was decided after it was read that the record is gone or converted."""
    topic, _, offset = (letter.origin or "").replace("[0]", "").partition("@")
    write = decode(it.broker.read(topic)[int(offset)])
    assert isinstance(write, Write)
    for feed in it.feeds:
        events = it.told(feed)
        caused = [at for at, each in enumerate(events) if getattr(each, "id", None) in write.causes]
        over = [at for at, each in enumerate(events) if isinstance(each, Changed) and _over(each, write)]
        if caused and over and min(caused) > min(over):
            return True
    return False


def _over(event: Changed, write: Write) -> bool:
    if (event.connection, event.record_id) != (write.connection, write.key):
        return False
    return event.record is None or getattr(event.record, "status", None) is LeadStatus.CONVERTED
