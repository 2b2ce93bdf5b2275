"""Where values come from: the status of a value, its source, and how much of that source anybody here has seen.

A value rests on what was seen of its source: its text or data, its abstract, or what somebody else reports of it. One
that rests on a source of which nothing was seen is assumed, whatever its file would like to call it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, Protocol, get_args

import pydantic
from pydantic import Field

from cellmodel.errors import choices, found_text
from cellmodel.schemas import Strict, Text

Status = Literal["measured", "fitted", "literature", "derived", "assumed", "setting"]
Seen = Literal["full text", "data", "abstract", "second-hand", "nothing"]
SOURCED = ("measured", "fitted", "literature", "derived")
"""Statuses of values that rest on a source."""
NOTHING, SECOND_HAND = "nothing", "second-hand"
_SEEN = "what was seen of the source: the passage itself, the data, the abstract, a report of another, or nothing"
_THROUGH = "who reports it, if second-hand"
_WHO = "through = who reports it, with seen = 'second-hand' and only with it"


class Sourced(Strict):
    """Where values come from."""

    status: Status | None = Field(None, description="what kind of knowledge the value is")
    source: Text | None = Field(None, description="key of references.toml; required unless assumed or a setting")
    locator: Text | None = Field(None, description="table, equation or page in the source")
    seen: Seen | None = Field(None, description=f"{_SEEN}; as references.toml says if absent")
    through: Text | None = Field(None, description=_THROUGH)


class Reference(Strict):
    """One entry of references.toml."""

    authors: Text
    title: Text
    year: int
    seen: Seen = Field(description=_SEEN)
    through: Text | None = Field(None, description=_THROUGH)
    journal: Text | None = None
    doi: Text | None = None
    note: Text | None = None

    @pydantic.model_validator(mode="after")
    def _who(self) -> Reference:
        if (self.seen == SECOND_HAND) != (self.through is not None):
            raise ValueError(_WHO)
        return self


class References(pydantic.RootModel[dict[str, Reference]]):
    """The bibliography, by key."""


class Entry(Protocol):
    """What an entry, a coefficient or a table of weights says of where it comes from."""

    status: Status | None
    source: str | None
    locator: str | None
    note: str | None
    seen: Seen | None
    through: str | None


class Origin(NamedTuple):
    """Where one value comes from, all told; empty where nothing is said."""

    status: str
    source: str
    locator: str
    note: str
    seen: str
    through: str


def origin(part: Entry, entry: Entry, references: Mapping[str, Reference]) -> Origin:
    """Return where a value comes from: what it does not say it takes over from its function, then from its source."""
    source = part.source or entry.source or ""
    stating: list[Entry | Reference | None] = [part, None if part.source else entry, references.get(source)]
    teller = next((one for one in stating if one is not None and one.seen), None)
    return Origin(
        status=part.status or entry.status or "",
        source=source,
        locator=part.locator or entry.locator or "",
        note=part.note or entry.note or "",
        seen=(teller.seen if teller else None) or "",
        through=(teller.through if teller else part.through) or "",
    )


def lacking(value: Origin, references: Mapping[str, Reference]) -> Iterator[tuple[str, str, str]]:
    """Yield what an origin lacks: the key below the value's own, what was found there and what is wanted."""
    if not value.status:
        yield "status", "nothing", choices("", get_args(Status))
    if value.status in SOURCED and not value.source:
        yield "", f"status '{value.status}' without source", "a key of references.toml"
    if value.source and value.source not in references:
        yield "source", found_text(value.source), choices(value.source, references)
    if value.status in ("assumed", "derived") and not value.note:
        yield "", f"status '{value.status}' without note", "a note that says why"
    if value.seen and not value.source:
        yield "seen", found_text(value.seen), "a source of which that was seen"
    if (value.seen == SECOND_HAND) != bool(value.through):
        yield "through", found_text(value.through) if value.through else "nothing", _WHO
    if value.status in SOURCED and value.seen == NOTHING:
        found = f"status '{value.status}' from '{value.source}', of which nothing was seen"
        yield "", found, "'assumed', or seen = how the value was seen"
