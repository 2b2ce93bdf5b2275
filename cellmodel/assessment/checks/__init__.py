"""Checks of the model, one module per kind of reference, and `validation`, which runs and judges them."""

from __future__ import annotations
