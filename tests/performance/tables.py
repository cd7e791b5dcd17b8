"""The figures as tables."""

from collections.abc import Mapping, Sequence
from statistics import median, quantiles

from rich.table import Table

from tests.performance.imports import Imported
from tests.performance.load import CLIENTS, Round
from tests.performance.sealing import Way

AIMS = {"read one case": 0.7, "list 20 cases": 0.7, "create a case": 0.5}


def requests(
    rounds: Mapping[str, Mapping[str, Sequence[Round]]], statements: Mapping[str, tuple[int, int]], ours: str, bare: str
) -> Table:
    """One row a deed: the program, the bare endpoint, and the ratio of neighbouring rounds."""
    table = Table(title=f"{CLIENTS} clients, one process each: median (lowest–highest) of the rounds")
    for heading in ("", "statements", "program, req/s", "bare, req/s", "ratio", "aim", "program, ms", "bare, ms"):
        table.add_column(heading, justify="right" if heading else "left")
    for deed, done in rounds.items():
        ratios = [one.rate / other.rate for one, other in zip(done[ours], done[bare], strict=True)]
        met = "green" if median(ratios) >= AIMS[deed] else "red"
        table.add_row(
            deed, " / ".join(map(str, statements[deed])), _rates([one.rate for one in done[ours]]),
            _rates([one.rate for one in done[bare]]), f"[{met}]{_spread(ratios, '.2f')}[/]", f"≥ {AIMS[deed]}",
            _times(done[ours]), _times(done[bare]),
        )  # fmt: skip
    table.caption = "statements: per request, program / bare, commit included. ms: 50th / 99th percentile."
    return table


def log(found: Mapping[Way, Sequence[float]]) -> Table:
    """Batch seals beside a chain entry by entry."""
    table = Table(title=f"access log, {CLIENTS} writers: median (lowest–highest)")
    for heading in ("", "sealed in batches, entries/s", "chained one by one, entries/s", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    ratios = [one / other for one, other in zip(found["batch"], found["chain"], strict=True)]
    table.add_row("insert and commit", _rates(found["batch"]), _rates(found["chain"]), _spread(ratios, ".1f"))
    return table


def imported(found: Imported) -> Table:
    """Cases with children a second, beside COPY of the same bytes, and whether memory stays where it is."""
    parts = len(found.import_rates)
    table = Table(
        title=f"import: {parts} files of {found.cases:,} cases with children, one worker: median (lowest–highest)"
    )
    for heading in ("", "import, cases/s", "COPY, cases/s", "ratio", "aim", "memory, MB"):
        table.add_column(heading, justify="right" if heading else "left")
    ratios = [one / other for one, other in zip(found.import_rates, found.copy_rates, strict=True)]
    table.add_row(
        "a child and a case", _rates(found.import_rates), _rates(found.copy_rates), _spread(ratios, ".4f"),
        "≥ 10,000/s, ≥ 0.15", f"{found.megabytes[0]:.0f} → {found.megabytes[-1]:.0f}",
    )  # fmt: skip
    table.caption = f"memory: of the worker's process after {found.cases:,} and after {parts * found.cases:,} cases."
    return table


def _rates(values: Sequence[float]) -> str:
    return _spread(values, ",.0f")


def _spread(values: Sequence[float], form: str) -> str:
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def _times(rounds: Sequence[Round]) -> str:
    cuts = quantiles([each for done in rounds for each in done.milliseconds], n=100)
    return f"{cuts[49]:.1f} / {cuts[98]:.1f}"
