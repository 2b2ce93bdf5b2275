"""Studies: many runs of one protocol over cells and swept quantities, in one labelled dataset.

Names are imported on first use, so that reading a study file needs neither PyBaMM nor xarray.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from cellmodel.study.checking import check_study
    from cellmodel.study.definition import Study, load_study, parse_study
    from cellmodel.study.reading import list_studies
    from cellmodel.study.running import run_study
    from cellmodel.study.runs import Axis, Case, Run

__all__ = [
    "Axis",
    "Case",
    "Run",
    "Study",
    "check_study",
    "list_studies",
    "load_study",
    "parse_study",
    "run_study",
]
__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "checking": ["check_study"],
        "definition": ["Study", "load_study", "parse_study"],
        "reading": ["list_studies"],
        "running": ["run_study"],
        "runs": ["Axis", "Case", "Run"],
    },
)
