"""What keeps a hook within twice the time of a bare interpreter.

Claude Code runs a hook script after nearly every step, each time as a new process: `python -I -S HOOK`, which
starts in some 9 ms. Written as usual, recording one new line took 26 ms; what follows brings it to 13.
Figures are of the whole process of `hooks/counter.py` with one new line, on two shared cores, Python 3.11.

- **Light modules** take the place of standard ones whose import costs more than their use: `json_light` and
  `sqlite_light` use the modules in C below `json` and `sqlite3` (8 ms), `os_light` the one below `os`
  (1.9 ms with a bundle), `json_fields` reads times without `datetime`, `spawn` starts a command without
  `subprocess`. Modules that are private to CPython may be missing: then the standard module serves. An
  import contract (pyproject.toml) and tests that count modules keep out what is heavy.
- **The bundle** (`bundle/`) is all modules of a hook script in one file, in the order in which they import
  each other (5 ms: importing one module costs 0.1 ms beside running it, for finding, checking and reading
  its file). `bundle/build.py` writes one for each script when a session ends or `setup` runs, among the
  interpreter's own compiled files. It counts only while every source has the time and size that it had;
  otherwise, and in a checkout, the modules are imported one by one. `bundle/compile.py` leaves out
  docstrings and annotations (0.45 ms).
- **The launcher** (`hooks/launch.py`) looks for the bundle and runs it through `bundle/load.py`, which is
  its first part. The three scripts share it; it costs 0.04 ms.
- **Imports where they are needed** instead of at the top (`noqa: PLC0415`), for what few events use.
- **No tidying up**: the garbage collector is off (0.4 ms), and `hook/edge.py` ends the process with `_exit`
  (2 ms).

Tried and left out: a finder that knew the places of what is imported later and of the two modules in C
(0.1 ms, 60 lines).
"""
