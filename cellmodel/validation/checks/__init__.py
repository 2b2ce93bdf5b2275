"""The checks themselves, one module per kind of reference; each has a tuple `CHECKS`."""

from __future__ import annotations
