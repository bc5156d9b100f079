"""What partners, sellers, learners and misfortune do between Salesforce, PartnerStack and Moodle, drawn by seed."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from sandbox.moodle.errors import MoodleError
from sandbox.partnerstack.errors import PartnerStackError
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.platform import Conversion, Platform
from schemas import topics
from schemas.messages import Ruling
from tests.e2e.channel import CRM, PRM, Channel
from tests.e2e.weather import Weather

PARTNERS = {"blue": "Blue Reseller", "nord": "Nordlicht Partner", "ost": "Ostsee Systemhaus"}
MANAGER = "admin@tandem.example"  # owns the partners' accounts in Salesforce, and so is their manager
# The spellings of a company; all of them have its web domain.
COMPANIES = {
    "tannwald-intralogistik.com": ("Tannwald Intralogistik GmbH", "TANNWALD Intralogistik", "Tannwald-Intralogistik"),
    "birkenau-foerdertechnik.com": ("Birkenau Fördertechnik AG", "Birkenau Foerdertechnik", "birkenau fördertechnik"),
    "meridian-kuehlhaus.com": ("Meridian Kühlhaus KG", "Meridian Kuehlhaus", "MERIDIAN KÜHLHAUS"),
}
BY_HAND = ("Approved", "Approved", "In Review", "Rejected", "Returned", "Submitted", "Withdrawn", "Closed Lost")
HOURS = (10, 400, 9 * 3600, 9 * 3600, 25 * 3600, 3 * 86_400, 20 * 86_400)


class Nothing(Exception):
    """There is nothing yet that this could be done to."""


REFUSED = (SalesforceError, PartnerStackError, MoodleError, Nothing)


def company_of(domain_or_website: str | None) -> str:
    """The company that a web address is of."""
    return (domain_or_website or "").removeprefix("https://").removeprefix("www.")


class Storm(Weather):
    """The three systems in bad weather, with all who work in them."""

    def __init__(self, it: Channel, chance: Random) -> None:
        super().__init__(it, chance)
        self.done = list[str]()
        self.learners = list[int]()
        for key, name in PARTNERS.items():
            it.joins(key, name, f"{name.lower().replace(' ', '-')}.com")
        self.accounts = {row["Partner_Key__c"]: row["Id"] for row in it.rows("Account")}
        it.runs()
        it.wait(60)  # leads wait a little after the first look
        it.runs()

    def step(self) -> None:
        """One to four things happen, and some of the processes get to work, or die."""
        for act in self.chance.choices(self._acts(), k=self.chance.randrange(1, 5)):
            self.done.append(act.__name__)
            try:
                act()
            except REFUSED as refused:
                self.done[-1] += f" (refused: {refused!r})"
        if self.chance.random() < 0.4:
            self.breaks()
        self.works()

    def _acts(self) -> list[Callable[[], None]]:
        often = [self.lead_in, self.registers, self.answers, self.dies, self.works] * 2
        often += [self.time_passes, self.earns, self.registration_ruled, self.registration_by_hand]
        often += [self.deal_moved] * 2
        rare = [self.lead_edited, self.lead_ruled, self.lead_gone, self.lead_converted, self.registration_edited]
        rare += [self.registers_in_crm, self.deal_opened, self.badge_lost]
        rare += [self.learner_changed, self.partner_changed, self.registration_gone]
        return often * 2 + rare

    # Leads.

    def lead_in(self) -> None:
        self.it.rep_creates("Lead", LastName="Quell", FirstName="Kim", **self._lead())

    def _lead(self) -> dict[str, Any]:
        domain = self.chance.choice(list(COMPANIES))
        return {
            "Company": self.chance.choice(COMPANIES[domain]),
            "Website": f"https://{domain}",
            "Email": f"kim{self.chance.randrange(9)}@{domain}",
            "Country": self.chance.choice(["Germany", "Germany", "Austria", "France"]),
            "Product_Interest__c": self.chance.choice(["fleet", None]),
            "Status": "Open - Not Contacted",
            "Source_Partner__c": self.chance.choice([None] * 5 + ["nord"]),
            "Keep_Direct__c": self.chance.random() < 0.1,
        }

    def lead_edited(self) -> None:
        status: dict[str, str] = self.chance.choice(
            [{}, {}, {"Status": "Working - Contacted"}, {"Status": "Closed - Not Converted"}]
        )
        self.it.rep_edits("Lead", self._one(self.leads()), **{**self._lead(), **status})

    def lead_gone(self) -> None:
        gone = self._one(self.leads())
        self.it._in_org(lambda dml, schema, user: dml.delete(schema.require("Lead"), gone, user))

    def lead_converted(self) -> None:
        org, lead = self.it.org.org, self._one(self.leads())
        self.it.wait(1)
        self.it.org.call(lambda: Platform(org.dml, org.clock).convert(Conversion(lead), org.admin_id))

    def lead_ruled(self) -> None:
        self.it.wait(1)
        ref = f"{CRM}/lead/{self._one(self.leads())}"
        ruling = self.chance.choice([Ruling.ASSIGN_LEAD, Ruling.ACCEPT_LEAD, Ruling.DECLINE_LEAD])
        partner = self.chance.choice([*PARTNERS, None]) if ruling is Ruling.ASSIGN_LEAD else None
        self.it.rules(ruling, ref, partner=partner)

    def answers(self) -> None:
        """A partner answers in PartnerStack, to whatever stands there."""
        there = [key for key, each in self.it.program.account.rows["leads"].items() if not each.archived]
        word = self.chance.choice(["accept", "accept", "decline", "win", "lose", "work"])
        form = {"tandem_state": "working"} if word == "work" else {}
        self.it.program.act("answer", self._one(there), "accept" if word == "work" else word, **form)

    # Registrations.

    def registers(self) -> None:
        """One partner or two register a company, each in their own spelling, the second one a little later."""
        domain = self.chance.choice(list(COMPANIES))
        for partner in self.chance.sample(list(PARTNERS), k=self.chance.choice([1, 2])):
            ref = self.it.registers(
                partner,
                self.chance.choice(COMPANIES[domain]),
                self.chance.choice(["https://", "https://www."]) + domain,
                email=f"cfo@{domain}",
                deal_type=self.chance.choice(["Referral", "Resell", "Co-sell", "Referral"]),
            )
            odd: dict[str, Any] = self.chance.choice([{}, {}, {"amount": 9_000_000}, {"contact_last_name": None}])
            if odd:
                self.it.program.act("edit", "deals", ref.rpartition("/")[2], **odd)

    def registers_in_crm(self) -> None:
        domain, partner = self.chance.choice(list(COMPANIES)), self.chance.choice(list(PARTNERS))
        org = self.it.org.org
        submitted = self.it.at - timedelta(seconds=self.chance.choice([0, 10, 600]))
        self.it.rep_creates(
            "Lead",
            RecordTypeId=org.record_type("Lead", "Deal_Registration"),
            Registration_Partner__c=self.accounts[partner],
            Company=self.chance.choice(COMPANIES[domain]),
            Website=f"https://{domain}",
            LastName="Quell",
            Email=f"cfo@{domain}",
            Country="Germany",
            Status="Open - Not Contacted",
            Registration_Amount__c=12000,
            Registration_Currency__c="USD",
            Registration_Expected_Close__c=(self.it.at + timedelta(days=60)).date().isoformat(),
            Registration_Deal_Type__c="Resale",
            Registration_Status__c="Submitted",
            Registration_Submitted_At__c=submitted.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        )

    def registration_edited(self) -> None:
        domain = self.chance.choice(list(COMPANIES))
        other = {"account_name": self.chance.choice(COMPANIES[domain])}
        key, form = self._one(self.deals_in_prm()), {"website": f"https://{domain}", "email": f"cfo@{domain}"}
        amount, name = {"amount": 1_100_000}, {"contact_last_name": "Quell"}
        edit: dict[str, Any] = self.chance.choice([{**other, "form": form}, amount, name])
        self.it.wait(1)
        self.it.program.act("edit", "deals", key, **edit)

    def registration_by_hand(self) -> None:
        """Never what was read last: that something else stood there meanwhile, which nobody has read, shows nowhere."""
        key = self._one(self.deals_in_prm())
        read = self.it.last(topics.CHANGES["registration"]).get(f"{PRM}/registration/{key}")
        stage = read.record.stage if read is not None and read.record is not None else None
        self.it.wait(1)
        self.it.program.act("edit", "deals", key, stage=self.chance.choice([each for each in BY_HAND if each != stage]))

    def registration_gone(self) -> None:
        self.it.wait(1)
        self.it.program.act("archive", "deals", self._one(self.deals_in_prm()))

    def registration_ruled(self) -> None:
        self.it.wait(1)
        refs = [f"{PRM}/registration/{key}" for key in self.deals_in_prm()]
        refs += [f"{CRM}/registration/{row['Id']}" for row in self.registrations_in_crm()]
        ref = self._one(refs)
        ruling = self.chance.choice(
            [Ruling.APPROVE_REGISTRATION] * 4
            + [Ruling.REJECT_REGISTRATION, Ruling.RETURN_REGISTRATION, Ruling.EXTEND_REGISTRATION]
            + [Ruling.WITHDRAW_REGISTRATION, Ruling.REASSIGN_REGISTRATION]
        )
        more: dict[str, Any] = {}
        if ruling is Ruling.EXTEND_REGISTRATION:
            more["until"] = self.it.at.date() + timedelta(days=self.chance.choice([20, 70, 85]))
        if ruling is Ruling.REASSIGN_REGISTRATION:
            more["partner"] = self.chance.choice(list(PARTNERS))
        self.it.rules(ruling, ref, by=self.chance.choice([MANAGER, MANAGER, "eve@borealis.example"]), **more)

    # Deals.

    def deal_opened(self) -> None:
        """Direct sales opens one of its own."""
        domain = self.chance.choice(list(COMPANIES))
        known = [row["Id"] for row in self.it.rows("Account") if company_of(row["Website"]) == domain]
        account = known[0] if known else self._account(domain)
        close = (self.it.at + timedelta(days=90)).date().isoformat()
        stage = self.chance.choice(["Qualification", "Proposal/Price Quote"])
        self.it.rep_creates(
            "Opportunity", Name="Own", AccountId=account, StageName=stage, CloseDate=close, Amount=5000.5,
            Currency_Code__c="USD",
        )  # fmt: skip

    def _account(self, domain: str) -> str:
        return self.it.rep_creates(
            "Account", Name=COMPANIES[domain][0], Website=f"https://{domain}", BillingCountry="Germany"
        )

    def deal_moved(self) -> None:
        fields: dict[str, Any] = self.chance.choice(
            [{"StageName": "Closed Won"}, {"StageName": "Closed Won"}, {"StageName": "Closed Lost"},
             {"StageName": "Qualification"}, {"Amount": 100.01}, {"Amount": 12345.65}, {"Amount": None}]
        )  # fmt: skip
        deals = self.it.rows("Opportunity")
        of_partners = [row for row in deals if row["Tandem_Key__c"] and self.chance.random() < 0.8]
        self.it.rep_edits("Opportunity", self._one(of_partners or deals)["Id"], **fields)

    # People who learn, and partners.

    def earns(self) -> None:
        if len(self.learners) < 5 and self.chance.random() < 0.6:
            name = self.chance.choice(list(PARTNERS.values())).lower().replace(" ", "-")
            self.learners.append(self.it.learner(f"user{len(self.learners)}@{name}.com"))
        self.it.earns(self._one(self.learners))

    def badge_lost(self) -> None:
        site = self.it.site.site
        issue = self._one(sorted(site.data.issues))
        how = self.chance.choice(["revoked", "expired", "hidden"])
        if how == "revoked":
            self.it.site.call(lambda: site.data.issues.pop(issue))
        elif how == "hidden":
            self.it.site.call(lambda: setattr(site.data.issues[issue], "visible", False))
        else:
            self.it.site.call(lambda: setattr(site.data.issues[issue], "expires", site.now()))

    def learner_changed(self) -> None:
        site, user = self.it.site.site, self._one(self.learners)
        if self.chance.random() < 0.7:
            suspended = not site.data.users[user].suspended
            self.it.site.call(lambda: setattr(site.data.users[user], "suspended", suspended))
        else:
            self.it.site.call(lambda: site.delete_user(user))
            self.learners.remove(user)

    def partner_changed(self) -> None:
        """One is deactivated; or the one that was comes back."""
        rows = {key: self.it.row("Account", account) for key, account in self.accounts.items()}
        resting = [key for key, row in rows.items() if row["Partner_Status__c"] == "Inactive"]
        key = self.chance.choice(resting or list(PARTNERS))
        active = key not in resting
        self.it.rep_edits("Account", self.accounts[key], Partner_Status__c="Inactive" if active else "Active")
        self.it.program.act("edit", "partnerships", f"{key}_ps", approved_status="declined" if active else "approved")

    def time_passes(self) -> None:
        self.it.wait(self.chance.choice(HOURS))

    # What there is.

    def leads(self) -> list[str]:
        return [row["Id"] for row in self.it.rows("Lead") if not row["Registration_Partner__c"]]

    def registrations_in_crm(self) -> list[dict[str, Any]]:
        return [row for row in self.it.rows("Lead") if row["Registration_Partner__c"]]

    def deals_in_prm(self) -> list[str]:
        return [key for key, each in self.it.program.account.rows["deals"].items() if not each.archived]

    def _one(self, found: list[Any]) -> Any:
        """One of them; where there is none, nothing happens."""
        if not found:
            raise Nothing
        return self.chance.choice(found)
