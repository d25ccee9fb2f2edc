"""Reading and checking every table, as ratios to importing the libraries, interleaved in one run.

    python tests/benchmarks/whole_set.py [ROUNDS]

Floor: `python -c "import typer, rich, pydantic"`. Aim: the whole set read in well under a second.
"""

from __future__ import annotations

import statistics
import sys

from cold_start import RISKCLI, run

READ = (
    "from riskcli.loader import load_rules; rules = load_rules(); [rules.get(name) for name in rules.names]"
)
COMMANDS = {
    "base": [sys.executable, "-c", "import typer, rich, pydantic"],
    "read": [sys.executable, "-c", READ],
    "check": [RISKCLI, "rules", "check"],
}


def main() -> None:
    """Run every command in turn, round after round, and print the medians of the ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            seconds[name].append(run(command)[0])
    for name, taken in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(taken, seconds["base"], strict=True))
        print(f"{name:6} {statistics.median(taken) * 1000:6.0f} ms  {ratio:.2f} x base")


if __name__ == "__main__":
    main()
