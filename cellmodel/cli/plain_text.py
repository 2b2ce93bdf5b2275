"""Output for terminals and files that cannot show every character: ASCII that says the same.

Where a stream's encoding lacks the signs of this package (degrees, micro, superscripts), everything written to it is
turned into ASCII: "degC", "um", "mA h cm-2". It knows no command.
"""

from __future__ import annotations

import codecs
import unicodedata
from typing import Any

_SAMPLE = "°µ⁻²Ω₊×÷≤→κ"  # an encoding that has these is left alone
_ERRORS = "cellmodel.ascii"
_ENCODING = "cellmodel_ascii"
_SIGNS = {
    "°": "deg",
    "µ": "u",
    "μ": "u",
    "Ω": "ohm",
    "×": "x",
    "÷": "/",
    "·": ".",
    "⋅": ".",
    "⁻": "-",
    "−": "-",
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
    "⁺": "+",
    "₊": "+",
    "₋": "-",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "≠": "!=",
    "→": "->",
    "∞": "inf",
    "√": "sqrt",
    "…": "...",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "\u00a0": " ",
    "\u202f": " ",
    "•": "*",
    "ß": "ss",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "æ": "ae",
}


def in_ascii(text: str) -> str:
    """Return a text in ASCII: known signs in words, letters without accents, what has no equivalent escaped.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    str
        Only characters below 128.

    Examples
    --------
    >>> in_ascii("80 °C, 30 µm, mA h cm⁻²")
    '80 degC, 30 um, mA h cm-2'
    """
    return text if text.isascii() else "".join(one if one.isascii() else _sign(one) for one in text)


def _sign(one: str) -> str:
    if one in _SIGNS:
        return _SIGNS[one]
    name = unicodedata.name(one, "")
    if name.startswith("BOX DRAWINGS"):
        vertical, horizontal = "VERTICAL" in name, "HORIZONTAL" in name
        return "|" if vertical and not horizontal else "-" if horizontal and not vertical else "+"
    if name.startswith("GREEK") and "LETTER" in name:
        word = name.split("LETTER ")[1].split()[-1 if "FINAL" in name else 0].lower()
        return word.capitalize() if "CAPITAL" in name else word
    letters = "".join(_SIGNS.get(part, part) for part in unicodedata.normalize("NFKD", one))
    found = "".join(part for part in letters if part.isascii())
    return found or one.encode("ascii", "backslashreplace").decode()


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Take the place of what an encoding does not have (handler of `codecs`)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end]), error.end


def _ascii_by_another_name(name: str) -> codecs.CodecInfo | None:
    """Give ASCII a name that typer does not take for a mistake of the system and replace by UTF-8."""
    found = codecs.lookup("ascii")
    same = (found.encode, found.decode, found.streamreader, found.streamwriter)
    kinds = (found.incrementalencoder, found.incrementaldecoder)
    return codecs.CodecInfo(*same, *kinds, name=_ENCODING) if name == _ENCODING else None


codecs.register(_ascii_by_another_name)
codecs.register_error(_ERRORS, _replaced)


def make_writable(stream: Any) -> None:
    """Let everything be written to a stream, in ASCII if its encoding lacks the signs of this package.

    Parameters
    ----------
    stream : text stream or None
        Standard output or standard error.
    """
    if not hasattr(stream, "reconfigure") or not stream.encoding:
        return
    alike = "a~\\".encode(stream.encoding, "replace") == b"a~\\"
    encoding = _ENCODING if alike and not shows_all(stream) else stream.encoding
    stream.reconfigure(encoding=encoding, errors=_ERRORS)


def shows_all(stream: Any) -> bool:
    """Return whether a stream can show every sign of this package."""
    try:
        _SAMPLE.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
