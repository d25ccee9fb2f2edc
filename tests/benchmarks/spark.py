"""What Spark costs on one machine: the same cohort on both engines, as whole processes, and a bare session.

python tests/benchmarks/spark.py [ROWS]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cohort import RISKCLI, generate

SESSION = (
    "from pyspark.sql import SparkSession\n"
    "session = SparkSession.builder.getOrCreate()\n"
    "session.range(1).count()\n"
    "session.stop()\n"
)


def seconds(command: list[str]) -> float:
    """Return how long a process takes."""
    start = time.perf_counter()
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode not in (0, 4):
        raise SystemExit(told.stderr)
    return time.perf_counter() - start


def main() -> None:
    """Print the seconds of a bare session and of both engines."""
    count = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as directory:
        source = generate(count, "few", Path(directory))
        here, there = Path(directory) / "here.parquet", Path(directory) / "there"
        session = seconds([sys.executable, "-c", SESSION])
        default = seconds([RISKCLI, "cohort", "assess", str(source), "-o", str(here)])
        command = [RISKCLI, "cohort", "assess", str(source), "-o", str(there), "--to", "parquet"]
        spark = seconds([*command, "--engine", "spark"])
        shutil.rmtree(there)
    print(f"{count:,} rows: default {default:.1f} s, Spark {spark:.1f} s (bare session {session:.1f} s)")


if __name__ == "__main__":
    main()
