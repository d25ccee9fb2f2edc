"""JSON Schemas (2020-12) of what the program reads and writes. No I/O.

Those of answers and rule files are made from their models, with the docstrings of the models as
descriptions; that of a case is made from its table (`riskcli.case_schema`).
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from riskcli.assessment import Assessment
from riskcli.case_schema import DIALECT, Schema, case_schema
from riskcli.evaluate import SCHEMA_VERSION
from riskcli.tables import Table, Vocabulary

__all__ = ["Schema", "assessment_schema", "case_schema", "rules_schema"]

_WHEN = ("when", "only_if")
_TRUTH = {"enum": [True, False, "true", "false"]}
"""The rule files are read with every plain word as text, so `true` may arrive as either."""


def assessment_schema() -> Schema:
    """Return the JSON Schema of an answer, as `--json` prints it.

    Keys may be added in later versions; readers accept what they do not know.

    Example:
        >>> schema = assessment_schema()
        >>> schema["properties"]["likelihood"]["$ref"], "level" in schema["$defs"]["Likelihood"]["required"]
        ('#/$defs/Likelihood', True)
    """
    schema = _model_schema(Assessment, "serialization")
    schema["properties"]["reading"] = _reading()
    return {"$schema": DIALECT, "$id": f"urn:riskcli:assessment:{SCHEMA_VERSION}", **schema}


def _reading() -> Schema:
    """Return the schema of how a case was read, which stands in an answer when it was read elsewhere."""
    text = {"type": "string"}
    value = {
        "type": "object",
        "required": ["field", "value", "from"],
        "properties": {
            "field": text,
            "value": {"description": "The value as the record has it."},
            "from": {**text, "description": "Where it stood and what stood there."},
            "reference": {**text, "description": "The resource itself, where it has a reference."},
        },
    }
    return {
        "description": "How the case was read, when it was read of another system (`assess --fhir`).",
        "type": "object",
        "required": ["standard", "values", "notes"],
        "properties": {
            "standard": {**text, "description": "What it was read as, such as FHIR R4."},
            "values": {"type": "array", "items": value},
            "notes": {
                "type": "array",
                "items": text,
                "description": "What was resolved, converted or left out, and why.",
            },
        },
    }


def rules_schema(vocabulary: Vocabulary) -> Schema:
    """Return the JSON Schema of a rule table, by which an editor completes and checks it.

    `vocabulary` gives the names of fields that an editor is to offer; others are allowed, as a local
    vocabulary may add them.

    Example:
        >>> from riskcli.loader import load_rules
        >>> schema = rules_schema(load_rules().vocabulary("other_solid"))
        >>> schema["properties"]["fields"]["properties"]["grade"]
        {'$ref': '#/$defs/FieldSpec'}
    """
    schema = _model_schema(Table, "validation")
    names = sorted({name for fields in vocabulary.values() for name in fields})
    definitions = schema["$defs"]
    conditions = {name: {"$ref": "#/$defs/Condition"} for name in names}
    definitions["Condition"] = _condition()
    definitions["When"] = {
        "description": _texts_of_names(sys.modules[Table.__module__])["When"],
        "type": "object",
        "properties": conditions,
        "additionalProperties": {"$ref": "#/$defs/Condition"},
    }
    for part in (schema, *definitions.values()):
        _open_up(part.get("properties", {}))
    schema["properties"]["fields"]["properties"] = {name: {"$ref": "#/$defs/FieldSpec"} for name in names}
    return {"$schema": DIALECT, "$id": "urn:riskcli:rules", **schema}


def _condition() -> Schema:
    """Return the schema of one entry of a `when`."""
    one = [{"type": "string", "minLength": 1}, {"type": "number"}]
    return {
        "description": (
            'a word, a group, a number, a range "1..3", a bound ">=4" or not_done, or a list of these, any '
            "of which may hold"
        ),
        "anyOf": [*one, {"type": "array", "items": {"anyOf": one}, "minItems": 1}],
    }


def _open_up(properties: Schema) -> None:
    """Let each key take every form that the loader takes: one for a list of one, words for truth."""
    for name, schema in properties.items():
        if name in _WHEN:
            least = {"minProperties": 1} if name == "when" and schema.get("minProperties") else {}
            properties[name] = {"$ref": "#/$defs/When", **least, **_only(schema, "description")}
        elif schema.get("type") == "boolean":
            properties[name] = {**_TRUTH, **_only(schema, "description")}
        elif name in ("source", "assume"):
            kept = _only(schema, "description")
            properties[name] = {"anyOf": [schema["items"], schema], **kept}
        elif "patternProperties" in schema:
            schema["additionalProperties"] = False


def _only(schema: Schema, *keys: str) -> Schema:
    """Return some keys of a schema."""
    return {key: schema[key] for key in keys if key in schema}


# ---- from models


def _model_schema(model: type[BaseModel], mode: Any) -> Schema:
    """Return the schema of a model and of the models in it, with descriptions and without noise."""
    schema = model.model_json_schema(mode=mode, by_alias=True)
    texts = _texts_of_attributes(sys.modules[model.__module__])
    for name, part in (*schema.get("$defs", {}).items(), (model.__name__, schema)):
        for key, inner in part.get("properties", {}).items():
            _tidy(inner)
            described = texts.get(name, {}).get(key) or texts.get(name, {}).get(f"{key}_")
            if described:
                inner["description"] = described
    return schema


def _tidy(schema: Schema) -> None:
    """Drop made-up titles and empty defaults; word the least length of lists and maps as JSON Schema does."""
    schema.pop("title", None)
    if not schema.get("default", True):
        del schema["default"]
    if "minLength" in schema and schema.get("type") in ("array", "object"):
        schema["minItems" if schema["type"] == "array" else "minProperties"] = schema.pop("minLength")
    for inner in (*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(inner, dict):
            _tidy(inner)


@cache
def _texts_of_attributes(module: ModuleType) -> Mapping[str, Mapping[str, str]]:
    """Return the docstrings under the attributes of every class of a module."""
    classes = (node for node in _body(module) if isinstance(node, ast.ClassDef))
    return {node.name: dict(_documented(node.body)) for node in classes}


@cache
def _texts_of_names(module: ModuleType) -> Mapping[str, str]:
    """Return the docstrings under the names that a module defines."""
    return dict(_documented(_body(module)))


def _body(module: ModuleType) -> list[ast.stmt]:
    """Return the statements of a module."""
    return ast.parse(inspect.getsource(module)).body


def _documented(body: Iterable[ast.stmt]) -> Iterable[tuple[str, str]]:
    """Give each name that is assigned and the text that stands under it."""
    before: ast.stmt | None = None
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and before is not None:
            target = before.target if isinstance(before, ast.AnnAssign) else _first(before)
            if isinstance(target, ast.Name):
                yield target.id, " ".join(str(node.value.value).split())
        before = node


def _first(node: ast.stmt) -> ast.expr | None:
    """Return the target of a plain assignment."""
    return node.targets[0] if isinstance(node, ast.Assign) else None
