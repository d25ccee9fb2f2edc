"""A registry's file in NAACCR XML: time a tumour against merely walking the XML, and peak memory.

    python tests/benchmarks/registry.py [TUMOURS ...]

Tumours of all cancers are drawn from a pool of different ones, each under a number of its own: how many
different answers are remembered is bounded elsewhere (`frames.MOST_REMEMBERED`). Whole processes are timed:
`walk` is `xml.etree.ElementTree.iterparse` that clears each patient, `assess` is the command itself.
"""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.registry_side import PLACES, registry_xml

MEASURED = "import re; print(re.search(r'VmHWM:\\s*([0-9]+)', open('/proc/self/status').read())[1])"
"""Prints the peak memory of the process itself; what getrusage says begins with that of the parent."""
WALK = (
    "import gzip, sys, xml.etree.ElementTree as ET\n"
    "root = None\n"
    "for event, element in ET.iterparse(gzip.open(sys.argv[1]), ('start', 'end')):\n"
    "    root = element if root is None else root\n"
    "    if event == 'end' and element.tag.endswith('Patient'):\n"
    "        root.clear()\n" + MEASURED
)
ASSESS = (
    "import sys\n"
    "from riskcli.cli import main\n"
    "main(['cohort', 'assess', '--naaccr', sys.argv[1], sys.argv[2]])\n" + MEASURED
)
DIFFERENT = 2_000
PADDING = {f"item{n}": "9" for n in range(60)}
"""Items that nobody reads, as many as real records have."""


def drawn(draw: random.Random) -> dict[str, str]:
    """Return one tumour."""
    examined = draw.randrange(0, 40)
    return {
        **draw.choice(list(PLACES.values())),
        "behaviorCodeIcdO3": "3",
        "regionalNodesExamined": f"{examined:02}",
        "regionalNodesPositive": f"{draw.randrange(0, examined + 1):02}" if examined else "98",
        "gradePathological": draw.choice("1239"),
        "tumorSizePathologic": f"{draw.randrange(1, 200):03}",
        "lymphVascularInvasion": draw.choice("0189"),
        "rxSummSurgicalMargins": draw.choice("0129"),
        "estrogenReceptorSummary": draw.choice("019"),
        "her2OverallSummary": draw.choice("019"),
        **PADDING,
    }


def tumours(count: int, path: Path) -> None:
    """Write so many tumours of all cancers."""
    draw = random.Random(1)
    pool = [drawn(draw) for _ in range(DIFFERENT)]
    patients = [
        ({"patientIdNumber": f"{number:08}", "sex": draw.choice("12")}, [draw.choice(pool)])
        for number in range(count)
    ]
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write(registry_xml(patients))


def measured(code: str, *args: Path) -> tuple[float, float]:
    """Return the seconds and the peak memory in MB of a process."""
    begin = time.perf_counter()
    told = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], capture_output=True, text=True, check=True
    )
    return time.perf_counter() - begin, int(told.stdout.split()[-1]) / 1024


def main(counts: list[int]) -> None:
    """Print a line for each number of tumours."""
    print(f"{'tumours':>8} {'walk s':>7} {'assess s':>9} {'us each':>8} {'ratio':>6} {'peak MB':>8}")
    with tempfile.TemporaryDirectory() as place:
        for count in counts:
            path = Path(place) / f"{count}.xml.gz"
            tumours(count, path)
            runs = [(measured(WALK, path), measured(ASSESS, path, Path(place) / "o.csv")) for _ in range(3)]
            walk = min(run[0][0] for run in runs)
            assess, peak = min(run[1][0] for run in runs), max(run[1][1] for run in runs)
            each = 1_000_000 * assess / count
            print(f"{count:>8,} {walk:>7.2f} {assess:>9.2f} {each:>8.0f} {assess / walk:>6.2f} {peak:>8.0f}")


if __name__ == "__main__":
    main([int(given) for given in sys.argv[1:]] or [10_000, 40_000, 120_000])
