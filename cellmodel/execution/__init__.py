"""Work handed to executors: in this process, a pool of processes, Dask; results of runs come back stacked.

It knows prepared runs and plain arrays; it knows no study, no labels of a sweep and no file of results.
Names are imported on first use, so that a worker sets its threads before it loads NumPy.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
