"""Results that are kept: a study written run by run and opened again, single files, exports to other programs.

A curve has four shapes between the solver and a chunk: `Outcome` (the solved steps of a run), `Variables` (plain arrays
of a run), `Block` (the same of many runs, stacked) and `RunRows` (one variable of many runs, each at its place).
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
