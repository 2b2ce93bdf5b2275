"""The verdicts as a picture: how the quantity of each claim spreads against what is wanted, and what spreads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from cellmodel.errors import ResultsError
from cellmodel.labels import rate_text, unit_text
from cellmodel.plotting.style import CATEGORIES, new_figure, styled

