"""Our Salesforce, PartnerStack and Moodle, tied together by the real connectors and the four decisions about partners."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors import moodle, partnerstack, salesforce
from sandbox.moodle import testing as sites
from sandbox.partnerstack import testing as programs
from sandbox.salesforce import testing as orgs
from sandbox.salesforce.org import Settings as OrgSettings
from schemas import topics
from schemas.messages import LeadRouted, RegistrationDecided
from tandem.deciding import steps
from tandem.settings import Settings
from tandem.settings import load as load_settings
from tests.e2e.woven import System, Woven

START = orgs.START
PACKAGE = Path(__file__).parents[2] / "deploy/salesforce/force-app"
CRM, PRM, LMS = "our-crm", "our-prm", "our-lms"
CRM_READS = ("account", "lead", "deal", "registration", "partner", "partner_user")

CONFIG = """\
mappings = "mappings"
company = "Borealis Software"

[partners]
crms = ["our-crm"]
prms = ["our-prm"]
learning = ["our-lms"]

[connections.our-crm]
connector = "salesforce"
party = "us"
changes = "poll"
base_url = "{crm}"
auth = {{ method = "client_credentials", client_id = "tandem-sandbox", client_secret = "sandbox-secret" }}

[connections.our-prm]
connector = "partnerstack"
party = "us"
base_url = "{prm}"
public_key = "{keys.public_key}"
secret_key = "{keys.secret_key}"
overlap_s = 1
sweep_s = 0

[connections.our-lms]
connector = "moodle"
party = "us"
base_url = "{lms}"
token = "{token}"
select = {{ by = "all" }}
paths = ["partner-technical"]
calls_per_hour = 100000
list_every_s = 0
"""
LEARNING = """\
[[items]]
id = "fleet-badge"
names = ["Robot Fleet Specialist"]
kinds = ["badge"]

[[programs]]
program = "fleet-specialist"
name = "Robot Fleet Specialist"
product = "fleet"
needs = ["fleet-badge"]

[[onboarding.paths]]
connection = "our-lms"
path = "partner-technical"
roles = ["technical"]
"""
ROUTING = """\
[products]
fleet = ["Robot Fleet"]

[[rules]]
name = "fleet"
when = { product = ["fleet"], territory = ["dach"] }
partner = { serves = ["territory", "product"], certification = { product = "fleet" } }
rank = { by = "tier" }
accept_within = "8 hours"
attempts = 2
fallback = "next"

[[rules]]
name = "everybody-else"
partner = { serves = ["territory"] }
rank = { by = "rotation" }
accept_within = "24 hours"
attempts = 3
fallback = "direct"
"""


class Channel(Woven):
    """The three systems with hands in them; `runs` brings everything to rest."""

    def __init__(
        self, org: orgs.Emulator, program: programs.Emulator, site: sites.Emulator, settings: Settings
    ) -> None:
        self.org, self.program, self.site = org, program, site
        found = settings.connections
        systems = {
            CRM: System(
                salesforce,
                found[CRM].options,
                lambda s: org.call(lambda: org.org.clock.advance(s)),
                CRM_READS,
            ),
            PRM: System(partnerstack, found[PRM].options, program.advance),
            LMS: System(moodle, found[LMS].options, site.advance),
        }
        decided = steps(settings, lambda name: systems[name].tables, lambda name: systems[name].tables)
        ours = [step for step in decided if not step.name.startswith("accounts.")]
        super().__init__(systems, ours, topics.PARTNER_FEEDS, START)

    # What people do.

    def rep_creates(self, sobject: str, **fields: Any) -> str:
        return self._in_org(lambda dml, schema, user: dml.insert(schema.require(sobject), fields, user))

    def rep_edits(self, sobject: str, record_id: str, **fields: Any) -> None:
        self._in_org(lambda dml, schema, user: dml.update(schema.require(sobject), record_id, fields, user))

    def _in_org(self, act: Any) -> Any:
        org = self.org.org
        self.wait(1)
        return self.org.call(lambda: act(org.dml, org.schema, org.admin_id))

    def joins(self, key: str, name: str, domain: str) -> str:
        """A partner joins: an account in Salesforce and a partnership in PartnerStack; its key in all our systems."""
        self.rep_creates(
            "Account",
            Name=name,
            Website=f"https://{domain}",
            BillingCountry="Germany",
            Is_Partner__c=True,
            Partner_Key__c=key,
            Partner_Territories__c="dach",
            Partner_Products__c="fleet",
        )
        form = {"website": f"https://{domain}", "territories": "dach", "products": "fleet"}
        self.program.act("partner", f"{key}_ps", name, f"ada@{domain}", form=form)
        return key

    def registers(self, partner: str, company: str, website: str, **form: str) -> str:
        """A partner registers a deal in PartnerStack; the registration's name."""
        self.wait(1)
        domain = website.removeprefix("https://")
        answers = {"website": website, "country": "Germany", "email": f"cfo@{domain}", "deal_type": "Referral", **form}
        close = (self.at + timedelta(days=60)).date().isoformat()
        made = self.program.act(
            "submit_deal",
            f"{partner}_ps",
            company,
            form=answers,
            amount=1200000,
            close_date=close,
            contact_first_name="Kim",
            contact_last_name="Quell",
        )
        return f"{PRM}/registration/{made['key']}"

    def learner(self, email: str) -> int:
        """Somebody becomes a user of Moodle."""
        first, _, domain = email.partition("@")
        user = self.site.call(
            lambda: self.site.site.add_user(
                username=email, email=email, firstname=first.title(), lastname="Okafor", institution=domain
            )
        )
        return int(user.id)

    def earns(self, user: int) -> int:
        """The learner earns the badge that makes a specialist."""
        site = self.site.site
        badge = next(each.id for each in site.data.badges.values())
        return int(self.site.call(lambda: site.award(user, badge)).id)

    # What stands where.

    def row(self, sobject: str, record_id: str) -> dict[str, Any]:
        rows = self.org.call(lambda: self.org.org.store.rows(sobject))
        return next(dict(row) for row in rows if row["Id"] == record_id)

    def rows(self, sobject: str) -> list[dict[str, Any]]:
        rows = self.org.call(lambda: self.org.org.store.rows(sobject))
        return [dict(row) for row in rows if not row["IsDeleted"]]

    def answers(self, registration: str) -> dict[str, Any]:
        """What a registration's form in PartnerStack shows."""
        return dict(self.program.act("answers", "deals", registration.rpartition("/")[2]))

    def lead(self, lead_id: str) -> LeadRouted:
        found: LeadRouted = self.last(topics.LEADS)[f"{CRM}/lead/{lead_id}"]
        return found

    def registration(self, ref: str) -> RegistrationDecided:
        found: RegistrationDecided = self.last(topics.REGISTRATIONS)[ref]
        return found


@contextmanager
def channel(folder: Path, **rules: str) -> Iterator[Channel]:
    """The three systems with Tandem between them; `rules` are further tables of the deployment, by name."""
    with ExitStack() as stack:
        org = stack.enter_context(orgs.emulator(OrgSettings(sfdx=PACKAGE, clock=lambda: START)))
        program = stack.enter_context(programs.emulator())
        site = stack.enter_context(sites.emulator())
        mappings = folder / "mappings"
        mappings.mkdir(exist_ok=True)
        for name, text in {"learning": LEARNING, "routing": ROUTING, **rules}.items():
            (mappings / f"{name}.toml").write_text(text, encoding="utf-8")
        config = folder / "tandem.toml"
        config.write_text(
            CONFIG.format(
                crm=org.base_url,
                prm=program.base_url,
                keys=program.account.settings,
                lms=site.base_url,
                token=site.token,
            ),
            encoding="utf-8",
        )
        yield Channel(org, program, site, load_settings(config))
