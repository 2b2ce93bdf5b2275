"""The model on trial: checks against theory and measurement, and claims as probabilities, reported in one table.

Names are imported on first use, so that listing checks and claims needs neither PyBaMM nor xarray.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
