"""Compares what is said of sharing with what is connected, and says what cannot work as it is meant; it decides nothing."""

from collections.abc import Iterator

from connectors.base import Finding
from mappings.errors import nearest
from mappings.sharing import SharingRules
from tandem.compose import Deployment
from tandem.sharing.asking import Agreed, partners, rules, standing


def check(deployment: Deployment) -> Iterator[Finding]:
    """One finding for each population and each partner. Raises `mappings.errors.MappingError` for a file that is wrong."""
    book = rules(deployment)
    yield Finding("sharing.toml", True, f"{len(book.partners)} partners have an entry")
    yield from _populations(deployment, book)
    for partner in partners(deployment.settings, book):
        yield _partner(deployment, book, standing(deployment, partner))


def _populations(deployment: Deployment, book: SharingRules) -> Iterator[Finding]:
    """A condition over a field that nothing fills takes no account, and so hides none."""
    read = _read(deployment)
    for name, it in book.populations.items():
        asked = {*it.when, *it.unless, *(("lists",) if it.report else ())}
        missing = sorted(asked - read)
        remedy = f"map {', '.join(missing)} in [account.fields] of a table of yours: docs/how-to/share-overlaps-with-a-partner.md"
        if missing:
            said = f"no connection of ours reads {', '.join(missing)}, so the population is not what it says"
            yield Finding(f"population {name}", False, said, remedy)
        elif asked:
            yield Finding(f"population {name}", True, f"decided by {', '.join(sorted(asked))}")


def _read(deployment: Deployment) -> set[str]:
    """The fields of accounts that some connection of ours reads."""
    ours = [name for name, it in deployment.settings.connections.items() if it.party == "us"]
    tables = [deployment.tables(name).get("account") for name in ours]
    return {field.partition(".")[0] for table in tables if table is not None for field in table.fields}


def _partner(deployment: Deployment, book: SharingRules, it: Agreed) -> Finding:
    partner, subject = it.gate.terms.partner, f"partner {it.gate.terms.partner}"
    if partner not in deployment.settings.partner_names:
        known = deployment.settings.partner_names
        return Finding(subject, False, "it has an entry, and no connection", nearest(partner, known))
    if it.gate.open:
        how = "by its own entry" if partner in book.partners else "by default: overlaps_from, and no entry of its own"
        into = f"written into {', '.join(it.into)}" if it.into else "in reports only"
        return Finding(subject, True, f"both sides agree, {how}; {into}")
    if partner not in book.partners or it.gate.consent.withdrawn is not None:
        return Finding(subject, True, f"nothing leaves: {it.gate.closed_by}")
    ours = f'write ours = {{ by = "NAME", on = 2026-11-01 }} in [partners.{partner}]'
    theirs = f"`tandem sharing consent {partner}` once it has agreed, or `theirs` in [partners.{partner}]"
    return Finding(subject, False, f"nothing leaves: {it.gate.closed_by}", theirs if it.gate.terms.ours else ours)
