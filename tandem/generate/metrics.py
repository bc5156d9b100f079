"""The reference page of the metrics; it never measures one."""

from tandem.generate.markdown import code, table
from tandem.generate.markdown import page as a_page
from tandem.telemetry import METRICS

WORDS = """\
The first stream worker serves these in Prometheus' text format at `http://127.0.0.1:PORT/metrics`, with PORT as
`[streams] web_port` says (0, the default, serves none). Each has the label `lane`. Counters start at 0 with the
process."""


def page() -> str:
    """One row for each metric."""
    rows = [(code(exposed(name, kind)), kind, meaning) for _, name, kind, meaning in METRICS]
    return a_page("Metrics", "`tandem/telemetry.py`", WORDS, table(("Metric", "Kind", "Meaning"), rows))


def exposed(name: str, kind: str) -> str:
    """The name as it is served: Prometheus' client ends a counter in `_total`."""
    return f"{name}_total" if kind == "counter" else name
