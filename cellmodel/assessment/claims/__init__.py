"""The industry's claims put to the test: each a study with a verdict, a probability over what is not known.

The path of a claim, one module for each step: `definition`, `designs`, `samples`, `runs`, `measures`, `verdict`,
`report`; `assess` walks it.
"""

from __future__ import annotations
