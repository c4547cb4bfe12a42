"""Pages as they were looked at and found good: a text file each. `UPDATE_PAGES=1` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "cli" / "pages"


def kept(name: str, page: str) -> str:
    """The page that is kept under `name`."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_PAGES"):
        path.write_text(page, encoding="utf-8")
    return path.read_text(encoding="utf-8")
