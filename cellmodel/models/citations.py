"""The sources of a cell's numbers as BibTeX, for `pybamm.print_citations`. It knows no model."""

from __future__ import annotations

import re

from cellmodel.parameters import ParameterSet, load_references

_SPECIAL = re.compile(r"([&%$#_{}])")


def bibtex(parameters: ParameterSet) -> list[str]:
    """Return one BibTeX entry for each source of a cell.

    Parameters
    ----------
    parameters : ParameterSet
        The cell.

    Returns
    -------
    list of str
        In alphabetical order of their keys.
    """
    known = load_references()
    cited = sorted({record.source for record in parameters.entries.values() if record.source in known})
    entries = []
    for key in cited:
        one = known[key]
        fields = {
            "author": " and ".join(map(_name, one.authors.split("; "))),
            "title": _escaped(one.title),
            "journal": _escaped(one.journal or ""),
            "year": str(one.year),
            "doi": one.doi or "",
        }
        kind = "article" if one.journal else "misc"
        lines = [f"{name} = {{{text}}}" for name, text in fields.items() if text]
        entries.append(f"@{kind}{{{key},\n  " + ",\n  ".join(lines) + "\n}")
    return entries


def _name(author: str) -> str:
    """Return an author; what is no "last name, first name" stays in one piece."""
    return _escaped(author) if author.count(",") == 1 else f"{{{_escaped(author)}}}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
