"""Says in a terminal what a model is and how right it was; it never measures anything."""

from collections.abc import Mapping, Sequence
from typing import Any

from streams.matching.model import Model
from tandem.training.figures import WITHIN, off


def numbers(found: Model) -> str:
    """Bands, weights, calibration and report of a model."""
    strongest = sorted(found.weights.items(), key=lambda each: -abs(each[1]))
    lines = [
        f"model {found.version}",
        f"linked from {found.linked:.4f}, shown from {found.shown:.4f}",
        "",
        f"{'base':<28}{found.base:>8.3f}",
        *(f"{name:<28}{weight:>8.3f}" for name, weight in strongest),
        "",
        f"{'log-odds':>10}{'confidence':>12}",
        *(f"{x:>10.1f}{y:>12.4f}" for x, y in found.calibration),
    ]
    return "\n".join([*lines, "", report(found.report)] if found.report.get("set") else lines)


def report(found: Mapping[str, Any]) -> str:
    """What training has measured."""
    lines = [
        f"trained {found['date']} from {found['begun_from']}; figures are of held-out companies, {found['folds']} folds"
    ]
    for each in found["set"]:
        lines += ["", _head(each), *_measured(each["held_out"])]
        if "unseen" in each:
            lines += ["  by a model of the other sets alone:", *_measured(each["unseen"])]
    return "\n".join(lines)


def checked(found: Mapping[str, Any]) -> str:
    """What a check has measured."""
    lines = [f"model {found['model']}"]
    for each in found["set"]:
        lines += ["", _head(each), *_measured(each)]
    return "\n".join(lines)


def _head(each: Mapping[str, Any]) -> str:
    lists = f"{each['ours']:,} x {each['partner']:,}" if each["partner"] else f"{each['ours']:,} in one list"
    return (
        f"{each['name']}: {lists}, {each['true_pairs']:,} true pairs; {each['compared']:,} compared, "
        f"{each['not_compared']:,} true ones not"
    )


def _measured(found: Mapping[str, Any]) -> Sequence[str]:
    lines = [f"  {'':<10}{'pairs':>8}{'P':>9}{'R':>9}{'F1':>9}"]
    for name in ("shown", "linked"):
        row = found[name]
        lines.append(f"  {name:<10}{row['pairs']:>8,}{row['precision']:>9.4f}{row['recall']:>9.4f}{row['f1']:>9.4f}")
    lines.append(f"  recall at precision 0.99, the line drawn on these pairs: {found['recall_at_best_line']:.4f}")
    lines.append(f"  {'confidence':<14}{'pairs':>8}{'said':>8}{'true':>8}")
    wrong = off(found["calibration"])
    for each in found["calibration"]:
        mark = f"  off by more than {WITHIN:.2f}" if each in wrong else ""
        stated = f"{each['from']:.2f} to {each['to']:.2f}"
        lines.append(f"  {stated:<14}{each['pairs']:>8,}{each['said']:>8.3f}{each['true']:>8.3f}{mark}")
    return lines
