"""Reconciliation: our own systems are kept in step, each field by the rule of `mappings/ownership.toml`, without loops.

One lane with one key: which records are one thing is decided in one order, across all entities. A change is taken in
(`fields`), linked (`links`), measured by the ownership (`desired`) and written (`writes`); what is gone is treated by
policy (`deletions`), what is missing is made (`creation`), and what people have to know is shown as a conflict.
"""

from collections.abc import Mapping

from mappings import ownership as ownerships
from mappings.ownership import Ownership
from mappings.table import EntityMap
from schemas import topics
from streams.decision import Step
from streams.reconcile.decide import Reconciliation
from streams.reconcile.rules import Rules, Setup
from streams.reconcile.state import ROW

__all__ = ["Rules", "steps"]


def steps(
    connections: Mapping[str, Mapping[str, EntityMap]], ownership: Mapping[str, Ownership], rules: Rules
) -> tuple[Step, ...]:
    """The steps of a deployment that keeps these connections in step; none where there are fewer than two.

    `connections`: name to the tables of what is read from it, in the order in which they win a tie. Raises
    `MappingError` where the ownership names a system that is not there, or that could be several connections.
    """
    if len(connections) < 2:
        return ()
    systems = {name: next((table.system for table in tables.values()), "") for name, tables in connections.items()}
    setup = Setup(connections, ownerships.resolved(ownership, systems), rules)
    return (Step("reconcile", topics.OUR_CHANGES, ROW, Reconciliation(setup).decide),)
