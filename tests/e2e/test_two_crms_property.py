"""Whatever people do in our two CRMs, in whatever order it is read: they come to agree, with few writes, and to rest."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.e2e.crms import CRM, MARKETING, Crms, crms

IN_ORG = {"phone": "Phone", "city": "BillingCity", "country": "BillingCountry"}
FIELDS, VALUES = st.sampled_from(sorted(IN_ORG)), st.sampled_from(["", "One", "Two", "Three"])
WRITES_PER_EDIT = 3  # an edit, its counterpart's key, and what a deletion or merge sets free


class TwoCrms(RuleBasedStateMachine):
    """Hands in an emulated Salesforce org and an emulated HubSpot portal, with Tandem running now and then."""

    @initialize()
    def opened(self) -> None:
        self._context = crms()
        self.both: Crms = self._context.__enter__()
        self.edits = self.pairs = 0
        self.gone: dict[str, str] = {}
        for _ in range(2):
            self.a_company_enters_both()
        self.both.runs()

    @rule()
    def a_company_enters_both(self) -> None:
        self.pairs += 1
        name, domain = f"Zyx{self.pairs} Dynamics", f"zyx{self.pairs}-dynamics.com"
        self.both.rep_creates(Name=name, Website=f"https://{domain}")
        self.both.marketer_creates(name=name, domain=domain, website=f"https://{domain}")
        self.edits += 2

    @rule(nth=st.integers(0, 9), field=FIELDS, value=VALUES)
    def a_rep_edits(self, nth: int, field: str, value: str) -> None:
        living = sorted(self.both.accounts())
        if living:
            self.both.rep_edits(living[nth % len(living)], **{IN_ORG[field]: value or None})
            self.edits += 1

    @rule(nth=st.integers(0, 9), field=FIELDS, value=VALUES)
    def a_marketer_edits(self, nth: int, field: str, value: str) -> None:
        living = sorted(self.both.companies())
        if living:
            self.both.marketer_edits(living[nth % len(living)], **{field: value})
            self.edits += 1

    @precondition(lambda self: len(self.both.accounts()) > 2)
    @rule(nth=st.integers(0, 9))
    def a_rep_merges_two(self, nth: int) -> None:
        living = sorted(self.both.accounts())
        self.both.rep_merges(living[nth % len(living)], living[(nth + 1) % len(living)])
        self.edits += 1

    @precondition(lambda self: len(self.both.companies()) > 2)
    @rule(nth=st.integers(0, 9))
    def a_marketer_merges_two(self, nth: int) -> None:
        living = sorted(self.both.companies())
        self.both.marketer_merges(living[nth % len(living)], living[(nth + 1) % len(living)])
        self.edits += 1

    @precondition(lambda self: len(self.both.accounts()) > 1)
    @rule(nth=st.integers(0, 9))
    def a_rep_deletes_one(self, nth: int) -> None:
        living = sorted(self.both.accounts())
        self.both.rep_deletes(living[nth % len(living)])
        self.edits += 1

    @rule(which=st.sampled_from([CRM, MARKETING]))
    def one_of_them_is_read(self, which: str) -> None:
        self.both.pulls[which].once()

    @rule()
    def the_hub_decides(self) -> None:
        self.both.turns()

    @rule()
    def the_hub_writes(self) -> None:
        self.both.sends()

    def teardown(self) -> None:
        try:
            self._settled()
        finally:
            self._context.__exit__(None, None, None)

    def _settled(self) -> None:
        both = self.both
        both.runs()
        assert both.runs() == 0
        assert len(both.writes()) <= WRITES_PER_EDIT * self.edits
        assert both.dead_letters() == []
        accounts, companies = both.accounts(), both.companies()
        for members in {link.members for link in both.links().values() if len(link.members) == 2}:
            ids = {ref.split("/")[0]: ref.split("/")[2] for ref in members}
            account, company = accounts.get(ids.get(CRM, "")), companies.get(ids.get(MARKETING, ""))
            if account is not None and company is not None:
                here = {field: account[IN_ORG[field]] or None for field in IN_ORG}
                assert here == {field: company.get(field) or None for field in IN_ORG}


TestTwoCrms = TwoCrms.TestCase
TestTwoCrms.settings = settings(
    max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)
