"""One rule file to its model: faults in it are worded with file, line and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from riskcli.errors import Fault, RuleFileError, hint, listed, quoted
from riskcli.packaged import packaged_directory
from riskcli.slots import foreign_slots
from riskcli.tables import Common, Table, Vignettes, Vocabulary, Word
from riskcli.yaml_source import Document, read_document
from riskcli.yaml_source import Path as Place

Location = Sequence[int | str]
Model = TypeVar("Model", bound=BaseModel)

_VOCABULARY = dict[str, dict[str, Word]]
_CARRIED = "ref"
"""The one field of the vocabulary that is text: it is carried through, not read."""

_UNKNOWN = "unknown key"
_WANTED = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_type": "must be a date such as 2026-11-24",
    "date_parsing": "must be a date such as 2026-11-24",
    "date_from_datetime_parsing": "must be a date such as 2026-11-24",
    "date_from_datetime_inexact": "must be a date such as 2026-11-24",
    "tuple_type": "must be a list",
    "dict_type": "must be a map of keys and values",
    "model_type": "must be a map of keys and values",
    "string_too_short": "must not be empty",
    "string_too_long": "must not be longer than {max_length} characters",
    "too_short": "must have {min_length} entries or more",
    "too_long": "must have {max_length} entries or fewer",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
}
_PATTERNS = {
    False: "must be lower-case words joined by hyphens, such as nodes-1-3",
    True: "must be lower-case words joined by underscores, such as nodes_positive",
}


def open_document(path: Path) -> Document:
    """Read a YAML file as UTF-8.

    Raises:
        RuleFileError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RuleFileError([Fault(str(path), 0, f"cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError:
        raise RuleFileError([Fault(str(path), 0, "is not UTF-8 text; save it as UTF-8")]) from None
    return read_document(text, str(path))


def _validated(model: Any, document: Document) -> Any:
    """Return the model of a document, or every fault in it."""
    if not isinstance(document.data, dict):
        what = "is empty" if document.data is None else "is not a map of keys and values"
        raise RuleFileError([Fault(document.file, 1, f"{what}; write `key: value` lines")])
    try:
        return TypeAdapter(model).validate_python(document.data)
    except ValidationError as error:
        raise RuleFileError(_faults(document, error, model)) from None


# ---- what a model refuses, in words


def _faults(document: Document, error: ValidationError, model: Any) -> list[Fault]:
    """Return one fault for each place that a model refuses, in the order of the lines."""
    wanted: dict[tuple[Place, str], list[str]] = {}
    for item in error.errors(include_url=False):
        path, shapes = _find(document.data, model, item["loc"])
        about, message = _worded(item, shapes)
        wanted.setdefault((path, about), []).append(message)
    # An entry that may have several shapes is refused once for each; what is wrong inside one says more.
    deepest = {place: texts for place, texts in wanted.items() if not _is_shallow(place, wanted)}
    faults = []
    for (path, about), messages in deepest.items():
        name = _name(document.data, path[:-1] if about.startswith(_UNKNOWN) else path)
        texts = list(dict.fromkeys(messages))
        message = " or ".join([texts[0], *(text.removeprefix("must be ") for text in texts[1:])])
        if message == _WANTED["string_type"] and _shown(document.data, path):
            message += "; put it in quotes"
        begins = about or _shown(document.data, path) if name else about
        faults.append(document.fault(path, f"{name}: {begins}{message}" if name else f"{begins}{message}"))
    return sorted(faults, key=lambda fault: fault.line)


def _is_shallow(place: tuple[Place, str], places: Iterable[tuple[Place, str]]) -> bool:
    """Say whether a fault of a whole entry is explained by one inside it."""
    path, about = place
    return not about and any(other != path and other[: len(path)] == path for other, _ in places)


def _worded(item: Any, shapes: Sequence[Any]) -> tuple[str, str]:
    """Return what a fault is about, when that is a key, and what is wrong with it."""
    kind, last = item["type"], str(item["loc"][-1]) if item["loc"] else ""
    context = item.get("ctx", {})
    if kind == "extra_forbidden":
        known = [key for shape in shapes for key in _keys(shape)]
        return f"{_UNKNOWN} `{last}`", hint(last, known) or f"; the keys here are {listed(known, 'and')}"
    if kind == "missing":
        return f"the key `{last}` ", "is missing"
    if kind == "value_error":
        return "", str(context["error"])
    if kind == "string_pattern_mismatch":
        return "the key " if last == "[key]" else "", _PATTERNS["_" in context["pattern"]]
    if kind == "literal_error":
        return "", f"is not allowed; use {context['expected']}".replace("'", "")
    if kind == "too_short" and context["min_length"] == 1:
        kind = "string_too_short"
    return "", _WANTED.get(kind, "does not fit here").format(**context)


def _find(data: Any, model: Any, location: Location) -> tuple[Place, list[Any]]:
    """Return the place in the file that a location means, and the shapes allowed for what holds it.

    A location also names branches of the model (which shape was tried); those are no places in the file.
    """
    path: Place = ()
    shapes = holding = _shapes(model)
    for part in location:
        key = _key(data, part)
        if key is None:
            if isinstance(part, int):  # one entry that stands for a list of one
                shapes = [inner for shape in shapes for inner in _inside(shape, part)]
            continue
        data = data[key]
        path = (*path, key)
        holding, shapes = shapes, [inner for shape in shapes for inner in _inside(shape, key)]
    return path, holding


def _key(data: Any, part: int | str) -> Any:
    """Return the key or index of `data` that a part of a location means; None when it means no place."""
    if isinstance(data, dict):
        return next((key for key in data if str(key) == str(part)), None)
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return part
    return None


def _shapes(annotation: Any) -> list[Any]:
    """Return the shapes that an annotation allows: models, maps, lists."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _shapes(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [shape for part in get_args(annotation) for shape in _shapes(part)]
    return [annotation]


def _inside(shape: Any, key: Any) -> list[Any]:
    """Return the shapes allowed for what a shape holds under a key."""
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        fields = {info.alias or name: info.annotation for name, info in shape.model_fields.items()}
        return _shapes(fields[key]) if key in fields else []
    arguments = get_args(shape)
    if get_origin(shape) is dict:
        return _shapes(arguments[1])
    return _shapes(arguments[0]) if get_origin(shape) is tuple else []


def _keys(shape: Any) -> list[str]:
    """Return the keys of a model."""
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return [info.alias or name for name, info in shape.model_fields.items()]
    return []


def _name(data: Any, path: Place) -> str:
    """Return a place in words: keys joined by points, an item of a list by its id or its number from 1."""
    parts = []
    for key in path:
        inside_list, data = isinstance(data, list), data[key]
        called = data.get("id") if isinstance(data, dict) else None
        parts.append(str(called or int(key) + 1) if inside_list else str(key))
    return ".".join(parts)


def _shown(data: Any, path: Place) -> str:
    """Return the value at a place, for the beginning of a sentence, when it is short enough to help."""
    for key in path:
        data = data[key]
    if isinstance(data, str):
        return f"{quoted(data)} "
    return f"{data} " if isinstance(data, int | float) else ""


# ---- the files


@lru_cache(maxsize=64)
def _read(path: Path, model: Any, _stamp: tuple[int, int]) -> tuple[Document, Any]:
    """Read a file once per state of it."""
    document = open_document(path)
    return document, _validated(model, document)


def _current(path: Path, model: Any) -> tuple[Document, Any]:
    """Return a file's document and model as it is now.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise RuleFileError([Fault(str(path), 0, f"cannot be read ({error.strerror})")]) from None
    return _read(path, model, (state.st_mtime_ns, state.st_size))


def read_model(path: Path, model: type[Model]) -> tuple[Document, Model]:
    """Return a file's document and its model; a file that stands for itself needs no more.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    document, found = _current(path, model)
    return document, found


def read_table(path: Path) -> tuple[Document, Table]:
    """Return a table's document and model.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    document, table = _current(path, Table)
    if table.cancer != path.stem:
        message = f"cancer is {table.cancer}, but the file is named {path.name}; make the two agree"
        raise RuleFileError([document.fault(("cancer",), message)])
    return document, table


def read_common(path: Path) -> Common:
    """Return the words that every table shares.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    document, found = _current(path, Common)
    common: Common = found
    packaged = packaged_directory() / path.name
    if packaged.is_file() and path.resolve() != packaged.resolve():
        theirs: Common = _current(packaged, Common)[1]
        wrong = foreign_slots(common.labels, theirs.labels, ("labels",))
        faults = [document.fault(place, f"{'.'.join(map(str, place))}: {text}") for place, text in wrong]
        if faults:
            raise RuleFileError(faults)
    return common


def read_vocabulary(path: Path) -> Vocabulary:
    """Return the fields of every cancer.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    document, found = _current(path, _VOCABULARY)
    faults = [
        document.fault((cancer, name), f"{cancer}.{name}: {wrong}")
        for cancer, words in found.items()
        for name, word in words.items()
        if (wrong := _unreadable(name, word))
    ]
    if faults:
        raise RuleFileError(faults)
    checked: Mapping[str, Mapping[str, Word]] = found
    return checked


def _unreadable(name: str, word: Word) -> str:
    """Say why no value of a field could be read; nothing when all is well."""
    if word.type == "word":
        return "" if word.values else "a field of words must have `values`, the list of them"
    if word.type == "text":
        return "" if name == _CARRIED else f"only {_CARRIED} is text; use integer, number or word"
    if word.min is None or word.max is None:
        return "a field of numbers must have `min` and `max`"
    return "" if word.min < word.max else "`min` must be below `max`"


def read_vignettes(path: Path) -> tuple[Document, Vignettes]:
    """Return the worked cases kept beside the tests of a table.

    Raises:
        RuleFileError: the file cannot be read or is faulty.
    """
    return _current(path, Vignettes)
