"""Claims put to the test: from a name to a labelled dataset with a verdict.

It knows no model; `trial` runs the cells, `verdicts` judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cellmodel.claims.assembling import assemble_claim, assemble_subject
from cellmodel.claims.definition import Claim
from cellmodel.claims.reading import list_claims, load_claim
from cellmodel.claims.trial import Means, Progress, own_condition, places_of, run_places
from cellmodel.execution.workers import InProcess, available_cores
from cellmodel.errors import Problem, StudyError
from cellmodel.store import write_dataset
from cellmodel.study.definition import Case
from cellmodel.study.sampling import Sample

_LEAST = 8
