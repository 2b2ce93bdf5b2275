"""Where the numbers of a cell, format or vehicle come from, as tables: what was seen, by whom, and what is assumed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cellmodel.cli.console import plain_table
from cellmodel.labels import unit_text

if TYPE_CHECKING:
    from cellmodel.parameters import ComponentSet, ParameterSet

_OWN = "this library's authors"
_WORDS = {
    "full text": "in the full text of their source",
    "data": "in the data of their source",
    "abstract": "in an abstract only",
    "second-hand": "second-hand",
    "nothing": "not at all",
    "not told": "in a way that is not told",
}
_OTHERS = {"assumed": "are assumed", "setting": "are settings", "computed": "follow from others"}
"""Values that rest on no source, as the line that counts them says it."""


def value_table(parameters: ParameterSet | ComponentSet) -> Any:
    """Return every value with its status, uncertainty and source."""
    heads = ["name", "value", "as printed", "status", "uncertainty", "source", "seen", "DOI"]
    table = plain_table(heads, "values", "lrl", padding=1)
    for record in parameters.entries.values():
        table.add_row(
            record.path,
            f"{record.value:.5g} {unit_text(record.unit)}".strip(),
            record.printed,
            record.status,
            record.uncertainty,
            record.source,
            record.seen,
            record.doi,
            style="yellow" if record.status == "assumed" else None,
        )
    return table


def note_table(parameters: ParameterSet | ComponentSet) -> Any:
    """Return where in its source each value stands and why it was chosen; what several share stands once."""
    table = plain_table(["name", "locator and note"], "where and why", "l", padding=1)
    told = set()
    for record in parameters.entries.values():
        text = ". ".join(part.strip().rstrip(".") for part in (record.locator, record.note) if part)
        if text and text not in told:
            table.add_row(record.path, text)
        told.add(text)
    return table


def seen_table(parameters: ParameterSet | ComponentSet) -> Any:
    """Return the sources of the values that rest on one: how many, what was seen of the source, and by whom."""
    resting = [one for one in parameters.entries.values() if one.source and one.evidence not in _OTHERS]
    counted = Counter((one.source, one.seen or "not told", one.through or _OWN, one.doi) for one in resting)
    table = plain_table(["source", "values", "seen", "by", "DOI"], "what was seen of the sources", "lrl", padding=1)
    for (source, seen, who, doi), count in sorted(counted.items()):
        table.add_row(source, str(count), seen, who, doi)
    return table


def count_line(parameters: ParameterSet | ComponentSet) -> str:
    """Return how many values are assumed, settings or follow from others, and how the others were seen."""
    counted = Counter(one.evidence for one in parameters.entries.values())
    first = f"{counted['assumed']} of {counted.total()} values are assumed"
    others = [f"{counted[word]} {words}" for word, words in _OTHERS.items() if counted[word] and word != "assumed"]
    resting = [f"{counted[word]} {words}" for word, words in _WORDS.items() if counted[word]]
    left = sum(counted[word] for word in _WORDS)
    seen = f"; of the other {left}, {', '.join(resting)} were seen" if left else ""
    return ", ".join([first, *others]) + seen
