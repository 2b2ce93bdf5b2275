"""A TOML table as a frozen object: strict about keys and kinds, with what is wrong as Problems.

It knows pydantic and no key by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin

import pydantic
from pydantic_core import ErrorDetails

from cellmodel.errors import CellModelError, Problem, choices, found_text

_WANTED: dict[Any, str] = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    tuple: "a list",
    dict: "a table",
}
_KIND_OF_ERROR = {"string": str, "int": int, "float": float, "bool": bool, "list": list, "tuple": tuple, "dict": dict}
_QUOTED = re.compile(r"'([^']*)'")


class Strict(pydantic.BaseModel):
    """A table whose values are of the kind stated: no text or true for a number, no number for a text, no infinity."""

    model_config = pydantic.ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, strict=True, arbitrary_types_allowed=True
    )


class FieldError(ValueError):
    """What a validator of a field raises; the keys of its problems are relative to the field."""

    def __init__(self, problems: CellModelError | Iterable[Problem]) -> None:
        self.problems = tuple(problems.problems if isinstance(problems, CellModelError) else problems)
        super().__init__("; ".join(map(str, self.problems)))


Table = TypeVar("Table", bound=pydantic.BaseModel)


def validate(
    schema: type[Table],
    values: Any,
    file: str,
    key: str,
    problems: list[Problem],
    *,
    context: Any = None,
    partly: bool = False,
) -> Table | None:
    """Return a table as an object of its schema, or None after adding everything that is wrong to `problems`.

    Parameters
    ----------
    schema : type
        Derived from `Strict`.
    values : object
        What stands in the file.
    file, key : str
        Where, for the messages.
    problems : list of Problem
        Extended in place.
    context : object, optional
        For the validators of the schema.
    partly : bool, optional
        True returns what is right of a table with wrong keys, None in the place of each that is required, so that
        checks of its other keys can be told in the same message.

    Returns
    -------
    object or None
        Of the schema.

    Examples
    --------
    >>> class Point(Strict):
    ...     temperature: float
    >>> problems = []
    >>> validate(Point, {"temprature": 300.0}, "a.toml", "", problems)
    >>> print(problems[0])
    a.toml: temperature: found nothing, wanted a number
    """
    values = dict(values) if isinstance(values, Mapping) else values
    try:
        return schema.model_validate(values, context=context)
    except pydantic.ValidationError as error:
        details = error.errors()
        problems.extend(problem for detail in details for problem in _problems(schema, values, file, key, detail))
    wrong = {detail["loc"][0] for detail in details if detail["loc"]}
    if not partly or not wrong:
        return None
    try:
        return _partial(schema).model_validate({k: v for k, v in values.items() if k not in wrong}, context=context)
    except pydantic.ValidationError:
        return None


@cache
def _partial(schema: type[Table]) -> type[Table]:
    """Return a schema without required keys: a missing one is None."""
    fields: dict[str, Any] = {}
    for name, field in schema.model_fields.items():
        if field.is_required():
            optional = copy(field)
            optional.default = None
            fields[name] = (field.annotation, optional)
    return pydantic.create_model(schema.__name__, __base__=schema, **fields)


def _problems(
    schema: type[pydantic.BaseModel], values: Any, file: str, key: str, detail: ErrorDetails
) -> Iterator[Problem]:
    """Return the problems that one of pydantic's complaints stands for."""
    path, tags = _path_in(values, detail)
    where = _joined(key, path)
    kind, context = detail["type"], detail.get("ctx", {})
    found = found_text(detail["input"])
    refused = context.get("error")
    if isinstance(refused, FieldError):
        for one in refused.problems:
            yield Problem(file, _joined(where, [one.key]) or "file", one.found, one.wanted)
    elif kind == "extra_forbidden" and "." in str(path[-1]):
        yield Problem(file, f'"{where}"', "a name in quotes with a dot", "its parts, as in [a.b]")
    elif kind == "extra_forbidden":
        known = {name for model in _models_at(schema, path[:-1], tags) for name in model.model_fields}
        yield Problem(file, where, "an unknown key", choices(str(path[-1]), known))
    elif kind == "missing":
        fields = [model.model_fields.get(str(path[-1])) for model in _models_at(schema, path[:-1], tags)]
        yield Problem(file, where, "nothing", next((_wanted(field) for field in fields if field), "a value"))
    elif kind in ("literal_error", "union_tag_invalid", "union_tag_not_found"):
        name = context.get("discriminator", "").strip("'")
        value = detail["input"].get(name) if name and isinstance(detail["input"], Mapping) else detail["input"]
        words = _QUOTED.findall(str(context.get("expected", context.get("expected_tags", ""))))
        if kind == "union_tag_not_found":
            words = sorted({tag for model in _models_at(schema, path, []) for tag in _tags(model)})
        found = "nothing" if value is None and name else found_text(value)
        yield Problem(file, _joined(where, [name]), found, choices(value if isinstance(value, str) else "", words))
    else:
        wanted = _WANTED.get(_KIND_OF_ERROR.get(kind.removesuffix("_type")), "")
        wanted = wanted or ("a table" if kind.startswith("model") else detail["msg"].removeprefix("Value error, "))
        yield Problem(file, where or "file", found, "a finite number" if kind == "finite_number" else wanted)


def _path_in(values: Any, detail: ErrorDetails) -> tuple[list[str | int], list[str]]:
    """Return the keys of a complaint that stand in the file, and the tags that name a kind of table."""
    path: list[str | int] = []
    tags: list[str] = []
    for place, part in enumerate(detail["loc"], start=1):
        known = isinstance(values, Mapping) and part in values
        known = known or (isinstance(values, list | tuple) and isinstance(part, int) and part < len(values))
        if known:
            values = values[part]
            path.append(part)
        elif place == 1 or (detail["type"] == "missing" and place == len(detail["loc"])):
            path.append(part)  # a key that is missing, or whose default is refused
        else:
            tags.append(str(part))
    return path, tags


def _joined(key: str, path: Iterable[str | int]) -> str:
    """Return a dotted key; the entries of lists are counted from one."""
    for part in path:
        key += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if part and not part.startswith("[") else part
    return key.lstrip(".")


def _models_at(
    schema: type[pydantic.BaseModel], path: Iterable[str | int], tags: Iterable[str]
) -> list[type[pydantic.BaseModel]]:
    """Return the schemas of the tables that may stand at some place of a file."""
    models = [schema]
    for part in path:
        fields = [model.model_fields[part] for model in models if isinstance(part, str) and part in model.model_fields]
        models = [inner for field in fields for inner in _models_in(field.annotation)] if fields else models
    chosen = set(tags)
    return [model for model in models if chosen & _tags(model) or model.__name__ in chosen] or models


def _models_in(annotation: Any) -> list[type[pydantic.BaseModel]]:
    annotation = getattr(annotation, "table", annotation)  # of an annotation that reads one
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [inner for part in get_args(annotation) for inner in _models_in(part)]


def _tags(model: type[pydantic.BaseModel]) -> set[str]:
    """Return the words by which the table of one schema is told from others."""
    literals = [field.annotation for field in model.model_fields.values() if get_origin(field.annotation) is Literal]
    return {str(word) for literal in literals for word in get_args(literal)}


def _wanted(field: pydantic.fields.FieldInfo) -> str:
    """Return what kind of value a key that is missing has."""
    for marker in field.metadata:
        if hasattr(marker, "wanted"):
            return str(marker.wanted)
    if get_origin(field.annotation) is Literal:
        return choices("", map(str, get_args(field.annotation)))
    kind = get_origin(field.annotation) or field.annotation
    wanted = _WANTED.get(kind, "a table" if _models_in(field.annotation) else "a value")
    return f"{wanted}: {field.description}" if field.description else wanted


def json_schema(schema: type[pydantic.BaseModel], title: str) -> dict[str, Any]:
    """Return the JSON Schema by which an editor completes the keys of a file and shows their units.

    Parameters
    ----------
    schema : type
        Derived from `Strict`.
    title : str
        Kind of the file.

    Returns
    -------
    dict
        Of draft 2020-12.
    """
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return head | _without_nulls(schema.model_json_schema())


def _without_nulls(node: Any) -> Any:
    """Return a JSON Schema without what no TOML file has, and without titles that repeat the keys."""
    if isinstance(node, list):
        return [_without_nulls(one) for one in node if one != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    node = {key: value for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    node = {key: _without_nulls(value) for key, value in node.items() if (key, value) != ("default", None)}
    return {**node.pop("anyOf")[0], **node} if len(node.get("anyOf", "  ")) == 1 else node
