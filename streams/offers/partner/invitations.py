"""Invitations by which AWS brings a deal of its own: accepted or refused by rule or by a person; no deal is made here."""

from collections.abc import Mapping
from typing import Literal

from schemas.marketplace import CosellInvitation
from schemas.messages import MatchBy
from streams.offers.partner.view import refused, stuck, words
from streams.offers.parts import Command, CosellNext, Sent, Setup

PENDING = "pending"
Answer = Literal["accepted", "rejected"]


def invited(
    invitation: CosellInvitation, ref: str, setup: Setup, ruled: Answer | None, sent: Mapping[str, Sent]
) -> CosellNext:
    """The answer to an invitation; `ruled` is what a person has said, which goes before the rule. Nothing where it is over."""
    if setup.partner_central is None or invitation.status != PENDING:
        return CosellNext()
    answer = ruled or ("accepted" if setup.rules.cosell.accept_invitations else None)
    name = ref.rsplit("/", 1)[-1]
    who = invitation.company or invitation.title or "a customer"
    if answer is None:
        until = f" by {invitation.expires_at:%Y-%m-%d}" if invitation.expires_at else ""
        return words(f"AWS invites us to sell to {who}. Accept or reject it{until}: tandem offers accept {name}")
    why = f"AWS's invitation to sell to {who} is {answer}, " + ("as a person ruled." if ruled else "as the rules say.")
    command = Command(
        connection=setup.partner_central,
        entity="cosell_invitation",
        match_by=MatchBy.ID,
        key=name,
        fields={"status": answer},
        reasons=(why,),
    )
    last = sent.get(command.name)
    if last is None or (last.fields != command.fields and last.status != "sent"):
        return CosellNext(commands=(command,), next_step=why, wanted=True)
    if last.status == "rejected":
        return stuck(refused("the answer to its invitation", last, "Answer it in Partner Central.", "invitation"))
    return words("Tandem waits to read back that AWS has taken the answer to its invitation.")
