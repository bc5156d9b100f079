"""Pipelines with their stages, and the external options of properties; fixed data that nobody edits."""

from __future__ import annotations

from typing import Any

_EPOCH = "1970-01-01T00:00:00Z"
# Recorded from an account that nobody has changed: stage id, label, probability.
_DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
# The ids of the lead stages are not confirmed by a source.
_LEAD_STAGES = (
    ("new-stage-id", "New", "0.1"),
    ("attempting-stage-id", "Attempting", "0.2"),
    ("connected-stage-id", "Connected", "0.4"),
    ("qualified-stage-id", "Qualified", "1.0"),
    ("unqualified-stage-id", "Unqualified", "0.0"),
)
_PIPELINES = {
    "0-3": ("default", "Sales Pipeline", _DEAL_STAGES),
    "0-136": ("lead-pipeline-id", "Lead pipeline", _LEAD_STAGES),
}
_PIPELINE_OF = {"pipeline": "0-3", "hs_pipeline": "0-136"}
_STAGE_OF = {"dealstage": "0-3", "hs_pipeline_stage": "0-136"}


def pipelines(type_id: str) -> list[dict[str, Any]]:
    """The pipelines of an object type, as the pipelines API shows them; empty for a type without."""
    if type_id not in _PIPELINES:
        return []
    pipeline_id, label, stages = _PIPELINES[type_id]
    shown = [_stage(number, *stage) for number, stage in enumerate(stages)]
    common = {"createdAt": _EPOCH, "updatedAt": _EPOCH, "archived": False}
    return [{"label": label, "displayOrder": 0, "id": pipeline_id, "stages": shown, **common}]


def external_options(type_id: str, name: str) -> list[str] | None:
    """The values of a property whose options are pipelines or stages; None for any other property."""
    if _PIPELINE_OF.get(name) == type_id:
        return [_PIPELINES[type_id][0]]
    if _STAGE_OF.get(name) == type_id:
        return [stage[0] for stage in _PIPELINES[type_id][2]]
    return None


def stage_defaults(type_id: str, properties: dict[str, str]) -> dict[str, str]:
    """What the platform fills in on creation: the only pipeline there is, and for a lead its first stage."""
    if type_id == "0-3" and properties.get("dealstage"):
        return {"pipeline": "default"}
    if type_id == "0-136":
        return {"hs_pipeline": _PIPELINES[type_id][0], "hs_pipeline_stage": _LEAD_STAGES[0][0]}
    return {}


def _stage(number: int, stage_id: str, label: str, probability: str) -> dict[str, Any]:
    closed = "true" if probability in ("1.0", "0.0") else "false"
    return {
        "label": label,
        "displayOrder": number,
        "metadata": {"isClosed": closed, "probability": probability},
        "id": stage_id,
        "createdAt": _EPOCH,
        "updatedAt": _EPOCH,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "archived": False,
    }
