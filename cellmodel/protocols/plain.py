"""A protocol whose numbers are Python's own, whatever scalars it was made of, so that equal ones have equal digests.

It checks nothing: see `checks`, whose rules every number has passed before.
"""

from __future__ import annotations

from dataclasses import replace

from cellmodel.inputs import real
from cellmodel.protocols.steps import InitialState, Protocol, Step


def plain_protocol(protocol: Protocol) -> Protocol:
    """Return a protocol with numbers that can be hashed and written: NumPy's and other scalars become floats.

    Parameters
    ----------
    protocol : Protocol
        That `checks.check_shape` accepts.

    Returns
    -------
    Protocol
        Equal to it.
    """
    initial = InitialState(**{key: _plain(value) for key, value in vars(protocol.initial).items()})
    return replace(
        protocol,
        steps=tuple(map(_plain_step, protocol.steps)),
        cycles=int(protocol.cycles),
        samples=int(protocol.samples),
        initial=initial,
    )


def _plain_step(step: Step) -> Step:
    until = tuple(replace(limit, value=_plain(limit.value)) for limit in step.until)
    value, duration, temperature = map(_plain, (step.value, step.duration, step.temperature))
    return replace(step, value=value, duration=duration, until=until, temperature=temperature)


def _plain(value: object) -> float | None:
    return None if value is None else real(value)
