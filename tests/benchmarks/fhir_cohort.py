"""Cohorts of FHIR patients as whole processes: memory that does not grow, and time against reading the JSON.

    python tests/benchmarks/fhir_cohort.py [PATIENTS ...]

Invented patients of about eight resources each, as a bulk export (mixed by type, so that they have to be put
together), as bundles in lines and as a directory of bundles. The floor is a process that parses the same
lines as JSON once and does nothing with them. Memory holds a piece of a file, a few batches of readings and
what is remembered of the answers met so far, which has a bound: aim at a ratio of peaks near 1 from 10,000
patients on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fhir_side import person, write_bundles, write_export, write_lines

RISKCLI = [sys.executable, "-m", "riskcli"]
FLOOR = (
    "import json, sys\n"
    "from pathlib import Path\n"
    "place = Path(sys.argv[1])\n"
    "for file in sorted(place.iterdir()) if place.is_dir() else [place]:\n"
    "    with file.open(encoding='utf-8') as lines:\n"
    "        for line in lines:\n"
    "            json.loads(line)\n"
)
FORMS = {"export": write_export, "lines": write_lines, "bundles": write_bundles}
_TO_MB = 1024 if sys.platform != "darwin" else 1024 * 1024
"""What the operating system counts memory in."""


def measured(command: list[str]) -> tuple[float, float]:
    """Return the seconds and the peak memory in MB of a process."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, used = os.wait4(process.pid, 0)
    return time.perf_counter() - begun, used.ru_maxrss / _TO_MB


def main(counts: list[int]) -> None:
    """Print a line for each form and size."""
    print(f"{'form':8} {'patients':>8} {'s':>7} {'ms each':>8} {'x JSON':>7} {'peak MB':>8}")
    for form, write in FORMS.items():
        peaks = []
        for count in counts:
            with tempfile.TemporaryDirectory() as directory:
                place = Path(directory) / "in"
                if form == "lines":
                    place = place.with_suffix(".ndjson")
                else:
                    place.mkdir()
                write(place, map(person, range(count)))
                out = str(Path(directory) / "out.csv")
                floor, _ = measured([sys.executable, "-c", FLOOR, str(place)])
                taken, peak = measured([*RISKCLI, "cohort", "assess", "--fhir", str(place), out])
            peaks.append(peak)
            each = taken / count * 1000
            print(f"{form:8} {count:8,} {taken:7.1f} {each:8.2f} {taken / floor:7.1f} {peak:8.0f}")
        print(f"{form:8} peak memory of the largest over the smallest: {peaks[-1] / peaks[0]:.2f}")


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [1_000, 10_000])
