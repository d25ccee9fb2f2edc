"""Tables compiled when the package is built: written as JSON, read back only while they are up to date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from riskcli.compiled import Compiled
from riskcli.packaged import BUILT, PACKAGE

_COMPILER = ("cells", "compiled", "compiling", "conditions", "diagram", "tables")
"""The modules that decide what a compiled table looks like."""


@cache
def _compiler_digest() -> str:
    """Return the SHA-256 of the code that compiles tables: what older code built is not used."""
    digest = hashlib.sha256()
    for module in _COMPILER:
        digest.update((PACKAGE / f"{module}.py").read_bytes())
    return digest.hexdigest()


def read(name: str) -> dict[str, Any]:
    """Return what was written under a name; nothing when there is nothing that can be read."""
    try:
        data = json.loads((BUILT / f"{name}.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def read_table(name: str, digest: str) -> Compiled | None:
    """Return a compiled table, or None when it was made from other rule files or by other code."""
    data = read(name)
    if data.get("digest") != digest or data.get("compiler") != _compiler_digest():
        return None
    return Compiled.from_json(data, "packaged")


def write(target: Path, tables: Mapping[str, Compiled], index: Mapping[str, Any]) -> list[Path]:
    """Write the tables and the index into a directory, in place of what an earlier build left there."""
    files: dict[str, Mapping[str, Any]] = {"index": index}
    for name, table in tables.items():
        files[name] = {**table.to_json(), "compiler": _compiler_digest()}
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.json"):
        old.unlink()
    for name, data in files.items():
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        (target / f"{name}.json").write_text(text, encoding="utf-8")
    return [target / f"{name}.json" for name in files]
