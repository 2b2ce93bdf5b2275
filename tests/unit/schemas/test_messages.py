"""What faulty protocols and studies are told: recorded in version 0.1, since then neither longer nor vaguer.

A fault that follows from another of the same file (no cells, because `cells` is no list) need not be told.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cellmodel.errors import CellModelError, Problem
from cellmodel.protocols import parse_protocol
from cellmodel.study import parse_study

RECORDED = json.loads((Path(__file__).parents[2] / "golden" / "messages.json").read_text(encoding="utf-8"))
NEW_CELLS, NEW_VERB = "li_peo_cu, li_peo_li, ", ", drive"
"""Since the messages were recorded: longer by this is one that lists all cells, and one that lists all verbs."""


@pytest.mark.parametrize(
    "recorded",
    RECORDED,
    ids=lambda one: f"{one['kind']} {one['problems'][0][0]}",
)
def test_a_faulty_file_is_told_what_it_was_told(recorded: dict[str, Any]) -> None:
    parse = {"protocol": parse_protocol, "study": parse_study}[recorded["kind"]]
    with pytest.raises(CellModelError) as caught:
        parse(tomllib.loads(recorded["text"]), "mine.toml")
    found = caught.value.problems
    wanted = [Problem("mine.toml", *problem) for problem in recorded["problems"]]
    assert Counter((one.file, one.key, one.found) for one in found) == Counter(
        (one.file, one.key, one.found) for one in wanted
    )
    for before, now in zip(sorted(wanted, key=str), sorted(found, key=str), strict=True):
        longest = len(str(before)) + (len(NEW_CELLS) if before.found == "''" else 0)
        longest += len(NEW_VERB) if "hold, rest" in before.wanted else 0
        assert len(str(now)) <= longest or before.wanted == "text in quotes"  # now it says which texts
        if "did you mean" in before.wanted:
            assert now.wanted.split(" or ")[0].rstrip("?") == before.wanted.split(" or ")[0].rstrip("?")
