"""Cohorts of any size as whole processes, as ratios to the same engine merely copying the file.

    python tests/benchmarks/cohort.py [ROWS ...]

Rows are a registry's: findings of breast cancer beside an id, a hospital, dates and an outcome. `few` has few
different combinations of findings; `many` leaves out 15 % of values at random over many more fields. Aim at
ten million rows, Parquet or CSV in and Parquet out: at most 2.0 times the copy, under 1 GB, linear in rows.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from riskcli.loader import load_rules

RISKCLI = str(Path(sys.executable).with_name("riskcli"))
COPY = (
    "import sys, polars as pl\n"
    "source, target = sys.argv[1:]\n"
    "scan = pl.scan_parquet if source.endswith('parquet') else pl.scan_csv\n"
    "frame = scan(source) if source.endswith('parquet') else scan(source, infer_schema=False)\n"
    "frame.sink_parquet(target)\n"
)
WORDS = {
    "vascular_invasion": ["absent", "present"],
    "er": ["positive", "positive", "positive", "positive", "negative"],
    "pr": ["positive", "positive", "negative"],
    "her2": ["negative", "negative", "negative", "negative", "negative", "positive"],
    "menopausal_status": ["premenopausal", "postmenopausal", "postmenopausal"],
}
TIED = ("t_category", "neoadjuvant_therapy", "pathological_response", "sex")
"""Fields that random values would contradict, or that a registry would hold apart."""
_CHUNK = 500_000
_MISSING = 0.15
_MOST_MANY = 200_000
"""Rows of which nearly every one is different take minutes beyond this."""


def drawn(count: int, values: list[str], seed: int) -> pl.Series:
    """Return values drawn at random."""
    places = pl.int_range(count, eager=True).hash(seed) % len(values)
    return pl.Series(values).gather(places.cast(pl.UInt32))


def numbers(count: int, low: int, high: int, seed: int) -> pl.Series:
    """Return whole numbers drawn at random, small ones more often."""
    share = (pl.int_range(count, eager=True).hash(seed) % 10_000) / 10_000
    return (low + share * share * (high - low + 1)).floor().cast(pl.Int64)


def rows(count: int, start: int, kind: str) -> pl.DataFrame:
    """Return rows of a registry."""
    seed = start + 1
    found = {
        "id": pl.format("P{}", pl.int_range(start, start + count)).alias("id"),
        "hospital": drawn(count, [f"hospital {i:03d}" for i in range(200)], seed + 1),
        "diagnosed": pl.date(2010, 1, 1) + pl.duration(days=pl.Series(numbers(count, 0, 5_000, seed + 2))),
        "cancer": drawn(count, ["breast"], seed),
        "grade": numbers(count, 1, 3, seed + 3),
        "nodes_positive": numbers(count, 0, 12, seed + 4),
        "nodes_examined": numbers(count, 12, 30, seed + 5),
        "tumour_size_mm": numbers(count, 6, 50, seed + 6),
        **{name: drawn(count, values, seed + 7 + i) for i, (name, values) in enumerate(WORDS.items())},
        "follow_up_years": numbers(count, 0, 4_000, seed + 20) / 365.25,
        "event": numbers(count, 0, 1, seed + 21),
    }
    frame = pl.select(**found)
    if kind == "few":
        return frame
    table = load_rules().get("breast")
    more = {}
    for place, cells in enumerate(table.space.cells):
        spec = table.table["fields"][cells.field]
        alone = cells.field not in {*frame.columns, *TIED} and not spec.get("only_if")
        if spec["type"] == "word" and alone:
            more[cells.field] = drawn(count, list(spec["allowed"]), seed + 40 + place)
    frame = frame.with_columns(**more)
    findings = [name for name in frame.columns if name in table.table["fields"]]
    kept = [
        pl.when(pl.int_range(pl.len()).hash(seed + 90 + i) % 1_000 >= _MISSING * 1_000).then(pl.col(name))
        for i, name in enumerate(findings)
    ]
    return frame.with_columns(*kept)


def generate(count: int, kind: str, directory: Path) -> Path:
    """Write a cohort as Parquet, and return the file."""
    path = directory / f"{kind}-{count}.parquet"
    parts = [directory / f"part-{start}.parquet" for start in range(0, count, _CHUNK)]
    for part, start in zip(parts, range(0, count, _CHUNK), strict=True):
        rows(min(_CHUNK, count - start), start, kind).write_parquet(part)
    pl.scan_parquet(parts).sink_parquet(path)
    for part in parts:
        part.unlink()
    return path


def run(command: list[str]) -> tuple[float, float]:
    """Return the seconds and the peak memory (MB) of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 4):
        raise SystemExit(f"{command} failed")
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return time.perf_counter() - start, usage.ru_maxrss / scale


def measure(source: Path, count: int, rounds: int) -> str:
    """Return how one file does against its copy, run in turn."""
    target = source.with_name("answers.parquet")
    copies, answers = [], []
    for _ in range(rounds):
        copies.append(run([sys.executable, "-c", COPY, str(source), str(target)]))
        answers.append(run([RISKCLI, "cohort", "assess", str(source), "-o", str(target)]))
    ratio = statistics.median(ours[0] / copy[0] for ours, copy in zip(answers, copies, strict=True))
    seconds = statistics.median(ours[0] for ours in answers)
    distinct = pl.scan_parquet(target).select(pl.struct("^(likelihood|rule|options|unknown).*$").n_unique())
    return (
        f"{source.stem.split('-')[0]:5} {count:>10,} rows {source.suffix:8} {seconds:6.1f} s  "
        f"{ratio:5.2f} x the copy  {count / seconds:>9,.0f} rows/s  "
        f"peak {max(ours[1] for ours in answers):.0f} MB (copy {max(copy[1] for copy in copies):.0f} MB)  "
        f"{distinct.collect().item():,} different answers"
    )


def main() -> None:
    """Print the figures for every size, kind and format."""
    sizes = [int(size.replace("_", "")) for size in sys.argv[1:]] or [200_000, 1_000_000, 10_000_000]
    with tempfile.TemporaryDirectory() as directory:
        for count in sizes:
            for kind in ("few", "many") if count <= _MOST_MANY else ("few",):
                source = generate(count, kind, Path(directory))
                print(measure(source, count, 3 if kind == "few" else 1), flush=True)
                text = source.with_suffix(".csv")
                pl.scan_parquet(source).sink_csv(text)
                print(measure(text, count, 3 if kind == "few" else 1), flush=True)
                source.unlink()
                text.unlink()


if __name__ == "__main__":
    main()
