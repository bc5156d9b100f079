"""What happens at Crossbeam by itself or by hand: partners join, share, change, unshare, open and win; no HTTP here."""

from __future__ import annotations

from typing import Any

from .network import SEGMENTS, BeamError, Item, Network, Stored


class Acts:
    """Each public method is an act of the sandbox door; all return what the API would show."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def partner(self, name: str, domain: str = "") -> Item:
        """A partnership is accepted."""
        uuid = self._network.uuid()
        made = {
            "uuid": uuid,
            "name": name,
            "domain": domain or f"{name.casefold().replace(' ', '')}.example",
            "tags": [],
        }
        self._network.partners[uuid] = made
        return made

    def share(
        self, partner: str, name: str, record_id: str, population: str = "Customers", ours: str | None = None,
        theirs: str | None = None, **members: Any,
    ) -> Item:  # fmt: skip
        """An account of a partner overlaps with a record of ours. `ours`, `theirs`: uuids of records that are there."""
        network, org = self._network, self._partner(partner)
        item = {
            "partner_name": org["name"], "partner_id": org["uuid"], "partner_logo_url": None,
            "populations": [{"id": 1234, "name": "Customers"}],
            "partner_populations": [{"id": 21035, "name": population}],
            "partner_owner": {"owner_name": "Clark Kent", "owner_email": f"ckent@{org['domain']}", "owner_phone": None},
            "partner_source_data": [], "crossbeam_record_id": ours or network.uuid(), "record_id": record_id,
            "record_name": name, "record_website": None, "record_email": None, "partner_record_type": "account",
            "partner_record_name": name, "partner_record_website": None,
            "partner_crossbeam_record_id": theirs or network.uuid(), **members,
        }  # fmt: skip
        pair = f"{item['crossbeam_record_id']}/{item['partner_crossbeam_record_id']}"
        network.rows["overlaps"][pair] = Stored(item, network.tick())
        return item

    def change(self, theirs: str, **members: Any) -> list[Item]:
        """A partner changes an account: every overlap of it changes."""
        found = self._seen(theirs)
        for stored in found:
            stored.item |= members
            stored.changed = self._network.tick()
        return [stored.item for stored in found]

    def populate(self, theirs: str, *populations: str) -> list[Item]:
        """A partner's account moves to other populations."""
        return self.change(theirs, partner_populations=[{"id": 1, "name": each} for each in populations])

    def unshare(self, theirs: str, ours: str | None = None) -> list[Item]:
        """A partner takes an account back, or one overlap of it ends."""
        found = [each for each in self._seen(theirs) if ours in {None, each.item["crossbeam_record_id"]}]
        for stored in found:
            stored.deleted, stored.changed = True, self._network.tick()
        return [stored.item for stored in found]

    def signal(
        self, partner: str, record_id: str, name: str, event: str = "partner_deal_opened", deal: str = "A deal",
        stage: str = "Prospecting", triggered_at: str | None = None,
    ) -> Item:  # fmt: skip
        """A partner opens or wins a deal with an account of ours; a webhook of it waits."""
        network, org = self._network, self._partner(partner)
        won = event == "partner_deal_closed_won"
        population = "Customers" if won else "Open Opportunities"
        item = {
            "event_id": network.uuid(), "event_type": event,
            "triggered_at": triggered_at or network.clock().isoformat(timespec="milliseconds"),
            "record_type": "account", "record_id": record_id, "record_name": name, "partner_id": org["uuid"],
            "partner_name": org["name"],
            "populations": [{"id": 1234, "name": "Customers", "segment": "customers"}],
            "partner_data": {"deal": {"name": deal, "stage": stage, "is_closed": won, "is_won": won}},
            "partner_populations": [{"id": 14, "name": population, "segment": SEGMENTS[population]}],
        }  # fmt: skip
        network.rows["signals"][item["event_id"]] = Stored(item, network.tick())
        if network.webhook.target:
            network.webhook.queue.append(item)
        return item

    def webhook(self, target: str) -> Item:
        """Somebody sets the webhook up in the settings."""
        self._network.webhook.target = target
        return {"target": target}

    def _partner(self, name: str) -> Item:
        for each in self._network.partners.values():
            if name in {each["uuid"], each["name"]}:
                return each
        raise BeamError(400, f"no partner is called {name!r}")

    def _seen(self, theirs: str) -> list[Stored]:
        every = self._network.rows["overlaps"].values()
        return [each for each in every if each.item["partner_crossbeam_record_id"] == theirs and not each.deleted]
