"""The methods that account matching is measured beside: each gets Tandem's own normalised fields; none sees the labels.

`rules` are what people build in a spreadsheet. splink (unsupervised, DuckDB) and name_matching come from the dependency
group `bench`; each function returns scored pairs, best first choice per account of ours where the method links two lists.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from streams.matching.features import Features, features  # noqa: E402
from streams.matching.weights import bits  # noqa: E402
from tandem.training.labelled import Labelled, Pair  # noqa: E402

Scores = dict[Pair, float]
Side = Mapping[str, Features]


def rivals(labelled: Labelled) -> dict[str, Callable[[Labelled], Scores]]:
    """The methods that fit this kind of set, by name."""
    if labelled.one_list:
        return {"exact: phone": _phone, "exact: phone or street": _phone_or_street, "splink": splink}
    return {
        "exact: domain": _domain,
        "exact: domain or name+country": _domain_or_name,
        "name_matching": name_matching,
        "splink": splink,
    }


def sides(labelled: Labelled) -> tuple[Side, Side]:
    """Both lists as matching sees them."""
    ours = {key: features(account) for key, account in labelled.ours.items()}
    return ours, ours if labelled.one_list else {key: features(each) for key, each in labelled.theirs.items()}


def _domain(labelled: Labelled) -> Scores:
    return _joined(labelled, lambda each: each.domains)


def _domain_or_name(labelled: Labelled) -> Scores:
    return _joined(labelled, lambda each: (*each.domains, *([f"{each.words}{each.country}"] if each.words else [])))


def _phone(labelled: Labelled) -> Scores:
    return _joined(labelled, lambda each: (each.phone,) if each.phone else ())


def _phone_or_street(labelled: Labelled) -> Scores:
    return _joined(labelled, lambda each: tuple(filter(None, (each.phone, each.street))))


def _joined(labelled: Labelled, keys: Callable[[Features], tuple[str, ...]]) -> Scores:
    ours, theirs = sides(labelled)
    holders: dict[str, list[str]] = defaultdict(list)
    for key, each in theirs.items():
        for value in keys(each):
            holders[value].append(key)
    found = ((one, other) for one, each in ours.items() for value in keys(each) for other in holders.get(value, ()))
    return {pair: 1.0 for pair in found if not labelled.one_list or pair[0] < pair[1]}


def name_matching(labelled: Labelled) -> Scores:
    """Its best candidate for each of our names, by its own score (0 to 100)."""
    import pandas as pd  # noqa: PLC0415 - only who asks for it needs it
    from name_matching.name_matcher import NameMatcher  # noqa: PLC0415

    theirs = list(labelled.theirs)
    master = pd.DataFrame({"name": [labelled.theirs[key].name for key in theirs]})
    ours = pd.DataFrame({"name": [each.name for each in labelled.ours.values()]})
    metrics = ["bag", "typo", "refined_soundex"]  # the combination that its documentation names
    matcher = NameMatcher(number_of_matches=1, legal_suffixes=True, verbose=False, top_n=10)
    matcher.set_distance_metrics(metrics)
    matcher.load_and_process_master_data("name", master)
    matched = matcher.match_names(to_be_matched=ours, column_matching="name")
    rows = zip(labelled.ours, matched["match_index"], matched["score"], strict=True)
    return {(one, theirs[int(at)]): float(score) / 100 for one, at, score in rows if score > 0}


def splink(labelled: Labelled) -> Scores:
    """Fellegi-Sunter, its parameters by expectation maximisation; the probability of each pair that its rules block."""
    import pyarrow as pa  # noqa: PLC0415
    from splink import DuckDBAPI, Linker  # noqa: PLC0415

    ours, theirs = sides(labelled)
    api = DuckDBAPI()
    lists = [ours] if labelled.one_list else [ours, theirs]
    tables = [
        api.register(pa.Table.from_pylist(_rows(side)), dataset_display_name=f"l{n}") for n, side in enumerate(lists)
    ]
    linker = Linker(tables if len(tables) > 1 else tables[0], _settings(labelled.one_list), log_level=50)
    training = linker.training
    sure = ["l.phone = r.phone and l.street = r.street"] if labelled.one_list else ["l.domain = r.domain"]
    training.estimate_probability_two_random_records_match(sure, recall=0.5 if labelled.one_list else 0.2)
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for column in ("phone", "name") if labelled.one_list else ("name", "domain"):
        training.estimate_parameters_using_expectation_maximisation(f"l.{column} = r.{column}", max_pairs=5e6)
    found = linker.inference.predict(threshold_match_probability=1e-6).as_record_list()
    scored = {(row["unique_id_l"], row["unique_id_r"]): row["match_weight"] for row in found}
    return _ordered(labelled, {pair: 1 / (1 + 2.0 ** -min(60.0, max(-60.0, w))) for pair, w in scored.items()})


def _ordered(labelled: Labelled, scores: Scores) -> Scores:
    """Our id first; of two lists the best of each of ours, and what ties with it, as Tandem chooses."""
    if labelled.one_list:
        return {(min(pair), max(pair)): score for pair, score in scores.items()}
    turned = {pair if pair[0] in labelled.ours else pair[::-1]: score for pair, score in scores.items()}
    best: dict[str, float] = defaultdict(float)
    for (one, _), score in turned.items():
        best[one] = max(best[one], score)
    return {pair: score for pair, score in turned.items() if score >= best[pair[0]] - 1e-9}


def _rows(side: Side) -> list[dict[str, Any]]:
    rows = []
    for key, each in side.items():
        rarest = max(each.words, key=bits, default="")
        row = {
            "name": "".join(each.words),
            "spoken": " ".join(each.words),
            "rarest": rarest,
            "start": "".join(each.words)[:6],
        }
        row |= {"domain": each.domains[0] if each.domains else "", "country": each.country, "city": each.city}
        row |= {"postal_code": each.postal_code, "street": each.street, "phone": each.phone}
        row |= {"number": " ".join(each.street.split()[:2])}
        rows.append({"unique_id": key, **{name: value or None for name, value in row.items()}})
    return rows


def _settings(one_list: bool) -> Any:
    import splink.comparison_library as cl  # noqa: PLC0415
    from splink import SettingsCreator, block_on  # noqa: PLC0415

    name = cl.JaroWinklerAtThresholds("spoken", [0.97, 0.92, 0.85, 0.75])
    if one_list:
        street = cl.JaroWinklerAtThresholds("street", [0.97, 0.92, 0.85])
        comparisons = [name, street, cl.LevenshteinAtThresholds("phone", [1]), cl.ExactMatch("postal_code")]
        blocks = [
            block_on("phone"),
            block_on("street"),
            block_on("number"),
            block_on("name"),
            block_on("rarest", "postal_code"),
        ]
        return SettingsCreator(
            link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=blocks
        )
    exact = [cl.ExactMatch(column) for column in ("domain", "country", "city", "postal_code")]
    blocks = [block_on("domain"), block_on("rarest", "country"), block_on("start", "country"), block_on("name")]
    return SettingsCreator(
        link_type="link_only", comparisons=[name, *exact], blocking_rules_to_generate_predictions=blocks
    )
