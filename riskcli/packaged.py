"""Where the package keeps its rules and what was built from them."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
BUILT = PACKAGE / "_built"
"""What is made when the package is built."""


def packaged_directory() -> Path:
    """Return the directory of the packaged rules: inside a wheel, or beside the package in a clone."""
    inside = PACKAGE / "rules"
    return inside if inside.is_dir() else PACKAGE.parent / "rules"
