"""Compiles the rule tables when the package is built, so that the first answer needs no YAML."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface):  # type: ignore[type-arg, misc]
    """Writes `riskcli/_built` before a wheel, editable or not, is put together."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every table; a faulty table stops the build with its file and line."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root))
        try:
            from riskcli.loader import load_rules

            load_rules().build(root / "riskcli" / "_built")
        finally:
            sys.path.remove(str(root))
