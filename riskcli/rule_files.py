"""One rule file to its model: faults in it are worded with file, line and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from riskcli.errors import Fault, RuleFileError, hint
from riskcli.tables import Common, Table, Vignettes, Vocabulary, Word
from riskcli.yaml_source import Document, read_document

Model = TypeVar("Model", bound=BaseModel)

_TEMPLATE = TypeAdapter(dict[str, dict[str, Word]])


def open_document(path: Path) -> Document:
    """Read a YAML file as UTF-8.

    Raises:
        RuleFileError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RuleFileError([Fault(str(path), 1, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise RuleFileError([Fault(str(path), 1, "is not UTF-8 text")]) from None
    return read_document(text, str(path))


def _validated(model: type[Model], document: Document) -> Model:
    """Return the model of a document, or every fault in it."""
    if not isinstance(document.data, dict):
        raise RuleFileError([Fault(document.file, 1, "is not a map of keys")])
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise RuleFileError(_worded(document, error, model)) from None


def _worded(document: Document, error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Word what a model refuses."""
    faults: dict[tuple[int, str], Fault] = {}
    for item in error.errors(include_url=False):
        path = tuple(part for part in item["loc"] if _in_file(document, part))
        name = ".".join(str(part) for part in item["loc"] if not _is_branch(part))
        if item["type"] == "extra_forbidden":
            known = _keys(model, item["loc"])
            message = f"{name}: unknown key{hint(str(item['loc'][-1]), known)}"
        elif item["type"] == "missing":
            message = f"{name}: is missing"
        elif item["type"] == "literal_error":
            expected = item.get("ctx", {}).get("expected", "")
            message = f"{name}: {item['input']!r} is not allowed; use {expected}".replace("'", "")
        elif item["type"] == "value_error":
            message = f"{name}: {item['msg'].removeprefix('Value error, ')}".removeprefix(": ")
        else:
            message = f"{name}: {item['input']!r} does not fit; {_expectation(item['msg'])}"
        fault = document.fault(path, message)
        faults[fault.line, message] = fault
    return list(faults.values())


def _is_branch(part: object) -> bool:
    """Say whether a part of a location names a branch of a union rather than a place in the file."""
    return isinstance(part, str) and (part.startswith("tuple[") or part == "Points" or "function-" in part)


def _in_file(document: Document, part: object) -> bool:
    """Say whether a part of a location is a key or a place in the file."""
    return not _is_branch(part) and document is not None


def _expectation(message: str) -> str:
    """Turn a validator's wording into what would be right."""
    return message.replace("Input should be", "it must be").replace("String should", "it must").lower()


def _keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the keys a model knows at a location, for a hint."""
    current: Any = model
    for part in location[:-1]:
        if isinstance(part, str) and isinstance(current, type) and issubclass(current, BaseModel):
            for name, info in current.model_fields.items():
                if part in (name, info.alias):
                    current = _inner(info.annotation)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [info.alias or name for name, info in current.model_fields.items()]
    return []


def _inner(annotation: Any) -> Any:
    """Return the model inside an annotation, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_inner(part) for part in get_args(annotation)]
    return next((part for part in found if part is not None), None)


@lru_cache(maxsize=64)
def _table_at(path: Path, _stamp: tuple[int, int]) -> tuple[Document, Table]:
    """Read a table once per state of its file."""
    document = open_document(path)
    table = _validated(Table, document)
    if table.cancer != path.stem:
        message = f"cancer is {table.cancer}, but the file is named {path.name}; make the two agree"
        raise RuleFileError([document.fault(("cancer",), message)])
    return document, table


def read_table(path: Path) -> tuple[Document, Table]:
    """Return a table's document and model.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise RuleFileError([Fault(str(path), 1, f"cannot be read: {error.strerror}")]) from None
    return _table_at(path, (state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=8)
def read_common(path: Path) -> Common:
    """Return the words that every table shares.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    return _validated(Common, open_document(path))


@lru_cache(maxsize=8)
def read_vocabulary(path: Path) -> Vocabulary:
    """Return the fields of every cancer.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    document = open_document(path)
    try:
        found: Mapping[str, Mapping[str, Word]] = _TEMPLATE.validate_python(document.data)
    except ValidationError as error:
        raise RuleFileError(_worded(document, error, Word)) from None
    return found


def read_vignettes(path: Path) -> tuple[Document, Vignettes]:
    """Return the worked cases kept beside the tests of a table.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    document = open_document(path)
    return document, _validated(Vignettes, document)
