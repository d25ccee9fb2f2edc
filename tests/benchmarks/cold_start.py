"""Whole-process time of one answer, as a ratio to importing its libraries, interleaved in one run.

    python tests/benchmarks/cold_start.py [ROUNDS]

Floor: `python -c "import typer, rich, pydantic"`. Aim: JSON at most 2.2 times and 50 MB, report 2.8 times.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

RISKCLI = str(Path(sys.executable).with_name("riskcli"))
FLAGS = "--grade 3 --tumour-size-mm 28 --nodes-positive 2 --er positive --her2 negative"
CASE = ["assess", "breast", *FLAGS.split(" ")]
COMMANDS = {
    "base": [sys.executable, "-c", "import typer, rich, pydantic"],
    "json": [RISKCLI, *CASE, "--json"],
    "report": [RISKCLI, *CASE],
}

ENVIRONMENT = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT["NO_COLOR"] = "1"
"""The first round may write the compiled modules that an installed package has."""


def run(command: list[str]) -> tuple[float, int]:
    """Return the seconds and the peak memory (kB) of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed")
    scale = 1024 if sys.platform == "darwin" else 1
    return time.perf_counter() - start, usage.ru_maxrss // scale


def main() -> None:
    """Run every command in turn, round after round, and print the medians of the ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for command in COMMANDS.values():
        run(command)
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    peak = dict.fromkeys(COMMANDS, 0)
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            taken, memory = run(command)
            seconds[name].append(taken)
            peak[name] = max(peak[name], memory)
    for name in COMMANDS:
        ratios = [a / b for a, b in zip(seconds[name], seconds["base"], strict=True)]
        print(
            f"{name:7} {statistics.median(seconds[name]) * 1000:6.0f} ms  "
            f"{statistics.median(ratios):.2f} x base  peak {peak[name] / 1024:.0f} MB"
        )


if __name__ == "__main__":
    main()
