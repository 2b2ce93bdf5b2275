"""A protocol as the TOML text that `parse_protocol` reads back: for attributes and digests."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cellmodel.protocols.reading import write_toml
from cellmodel.protocols.steps import UNITS, Protocol, Step


@lru_cache(maxsize=256)  # the runs of a study differ in other things
def protocol_toml(protocol: Protocol) -> str:
    """Return the protocol as TOML that `parse_protocol` reads back.

    Parameters
    ----------
    protocol : Protocol
        Any; of a resolved one the rate is written, cut-offs keep their names.

    Returns
    -------
    str
        A TOML document.
    """
    initial = {key: value for key, value in vars(protocol.initial).items() if value is not None}
    if "voltage" in initial:
        initial["voltage"] = f"{initial['voltage']!r} V"
    document: dict[str, Any] = {
        "description": protocol.description,
        "cycles": protocol.cycles,
        "samples": protocol.samples,
        "steps": [_step_table(step) for step in protocol.steps],
    }
    if protocol.complete_at is not None:
        document["complete_at"] = f"{protocol.complete_at} cut-off"
    return write_toml({**document, "initial": initial})


def _step_table(step: Step) -> dict[str, Any]:
    asked = f"{step.duration!r} s" if step.duration is not None and step.duration_asked else None
    if step.kind == "rest":
        table: dict[str, Any] = {"rest": asked}
    else:
        verb = "hold" if step.kind == "voltage" else str(step.direction)
        if step.cut_off is not None:
            table = {verb: f"{step.cut_off} cut-off"}
        else:
            table = {verb: "swept" if step.value is None else f"{abs(step.value)!r} {UNITS[step.kind]}"}
        if asked is not None:
            table["duration"] = asked
    if step.until:
        table["until"] = [str(limit) for limit in step.until]
    if step.temperature is not None:
        table["temperature"] = f"{step.temperature!r} K"
    return table
