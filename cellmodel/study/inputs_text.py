"""The inputs of a study as TOML text, each number of a cell on a line of its own: what a store carries about itself.

It knows neither what the tables mean nor a store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomli_w


def inputs_text(inputs: Mapping[str, Any]) -> str:
    """Return tables as TOML text, at least a seventh shorter than with a heading for each number of a cell.

    Parameters
    ----------
    inputs : mapping
        From `fixed_inputs`: "study" and "cells".

    Returns
    -------
    str
        Read back it gives the same tables.
    """
    blocks = [tomli_w.dumps({key: table for key, table in inputs.items() if key != "cells"})]
    for label, cell in inputs["cells"].items():
        plain = {key: fact for key, fact in cell.items() if not isinstance(fact, Mapping)}
        blocks.append(tomli_w.dumps({"cells": {label: plain}}))
        blocks += [
            tomli_w.dumps({"cells": {label: {key: {}}}}) + "".join(f"{_line(*one)}\n" for one in table.items())
            for key, table in cell.items()
            if isinstance(table, Mapping)
        ]
    return "\n".join(blocks)


def _line(key: str, value: Any) -> str:
    """Return a key and its value on one line."""
    return tomli_w.dumps({key: 0}).removesuffix("0\n") + _inline(value)


def _inline(value: Any) -> str:
    """Return a value without line breaks."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(_line(*one) for one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return tomli_w.dumps({"_": value}).removeprefix("_ = ").removesuffix("\n")
