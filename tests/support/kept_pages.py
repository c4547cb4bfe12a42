"""Approved pages, one text file each. `UPDATE_PAGES=1` writes them again."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "cli" / "pages"


def kept_page(name: str, page: str) -> str:
    """Return the approved page `name`, written from `page` if the tests are asked to update."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_PAGES"):
        path.write_text(page, encoding="utf-8")
    return path.read_text(encoding="utf-8")
