"""Finds the rules and partners that a command about leads needs: of a deployment, or of a folder and a list; decides nothing."""

from datetime import UTC
from pathlib import Path

from mappings.routing import RoutingRules, load
from schemas.messages import LeadRouted, PartnerDecided
from streams.leads.index import row_of
from streams.leads.judging import Asked, judge
from streams.leads.policy import Policy, Related
from streams.leads.state import Load
from tandem.compose import now
from tandem.leads.lists import partners as listed
from tandem.leads.running import Known
from tandem.ledger import leads
from tandem.ledger.running import Ledger
from tandem.options import opened
from tandem.settings import ConfigError
from tandem.settings import load as load_settings


def rules(config: Path, folder: Path | None) -> tuple[Path | None, RoutingRules]:
    """The rules of a folder, else those of the deployment, else those that ship, and where they were changed."""
    if folder is not None and not folder.is_dir():
        raise ConfigError(
            f"there is no folder {str(folder)!r} of rules. Remedy: name the folder that holds routing.toml"
        )
    if folder is None and config.exists():
        folder = load_settings(config).mappings
    return folder, load(folder)


def known(config: Path, partners: Path | None, routing: RoutingRules) -> Known:
    """Partners of a list, or everything that the ledger knows of them."""
    if partners is not None:
        read = listed(partners, routing.tiers, now())
        return Known(tuple(read.rows.values()), lists=(read,))
    with Ledger(opened(config)).asking() as asked:
        return Known(leads.partners(asked), leads.registrations(asked), leads.overlaps(asked))


def why(config: Path, fact: LeadRouted, partner: PartnerDecided) -> tuple[str, ...]:
    """Why a partner has a lead or has it not, by the rule that applied, as the partner is now."""
    listed = next((it for it in fact.candidates if it.partner == partner.partner), None)
    if listed is not None:
        return listed.reasons
    _, routing = rules(config, None)
    policy = Policy(routing)
    rule = policy.by_name.get(fact.rule or "")
    if rule is None or fact.inputs is None:
        return ("no rule decided over the lead, so no partner was compared",)
    today = fact.decided_at.astimezone(UTC).date()
    asked = Asked(policy, policy.traits(fact.inputs), Related.read(fact.related), today)
    verdict = judge(asked, rule, row_of(policy, partner), Load())
    return (*verdict.reasons, "others came first") if verdict.eligible else verdict.reasons
