"""What is known to disagree, by how much it may, and why.

A line of the table that misses its tolerance but stays within `allowed` is a known deviation. An entry is a
statement about the world, not a switch: it needs an explanation, and a size close to what was measured.
"""

from __future__ import annotations

from typing import NamedTuple


class KnownDeviation(NamedTuple):
    """Largest deviation that is explained, in the unit of its line, and the explanation."""

    allowed: float
    explanation: str


KNOWN: dict[str, KnownDeviation] = {}
"""Line of the table (check.finding) -> what is known about it."""
