"""Protocols: what is done to a cell, from TOML or PyBaMM's step strings, in SI and discharge positive.

`load_protocol` reads one, `resolve_protocol` fills in what depends on the cell, `check_protocol` refuses what
cannot run on it. Nothing here solves anything.
"""

from __future__ import annotations

from cellmodel.protocols.initial import initial_stoichiometry, initial_temperature, rest_voltage, starting_direction
from cellmodel.protocols.loading import Protocol, list_protocols, load_protocol, parse_protocol, protocol_toml
from cellmodel.protocols.resolving import amperes, check_protocol, resolve_protocol
from cellmodel.protocols.steps import InitialState, Step, Termination

__all__ = [
    "InitialState",
    "Protocol",
    "Step",
    "Termination",
    "amperes",
    "check_protocol",
    "initial_stoichiometry",
    "initial_temperature",
    "list_protocols",
    "load_protocol",
    "parse_protocol",
    "protocol_toml",
    "resolve_protocol",
    "rest_voltage",
    "starting_direction",
]
