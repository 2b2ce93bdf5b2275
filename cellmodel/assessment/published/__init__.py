"""Published discharges of polymer cells: one file for each paper, read, drawn and judged.

What a paper leaves unsaid of its cell is drawn over a range that the file states; a discharge is judged only where the
capacities so drawn exclude something. `schema` says what a file may hold, `reading` makes a study of it, `judging`
compares, `conducting` runs it.
"""

from __future__ import annotations
