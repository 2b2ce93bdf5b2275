"""The volumes of salt and polymer that the functions of one electrolyte convert concentrations with: one of each.

Molalities and ratios of salt to repeat units follow from a concentration only with a density. Two of them in one file
are two solutions. It knows one file.
"""

from __future__ import annotations

from math import isclose

from cellmodel.parameters.conversion import FileContents
from cellmodel.units import number_text

_VOLUMES = ("salt_molar_volume", "polymer_specific_volume", "repeat_unit_molar_volume")
_SAME = 1e-6  # relative; unit conversion moves a number by less


def check_densities(contents: FileContents) -> None:
    """Tell every coefficient of a function that is another volume than the file has elsewhere."""
    for name in _VOLUMES:
        stated = sorted(path for path in contents.records if path.rpartition(".")[2] == name)
        stated.sort(key=lambda path: path.count("."))  # what the electrolyte states itself stands above its functions
        for path in stated[1:]:
            first, one = contents.records[stated[0]], contents.records[path]
            if not isclose(one.value, first.value, rel_tol=_SAME):
                function = path.rpartition(".")[0]
                wanted = f"{number_text(first.value, first.unit)}, as in {stated[0]}: one density for all"
                contents.tell(f"{function}.coefficients.{name}", number_text(one.value, one.unit), wanted)
