"""The page and its routes over the test's own ledger; skipped by name where the extra `ui` is missing."""

from __future__ import annotations

import pytest

for needed in ("streamlit", "altair", "uvicorn"):
    pytest.importorskip(needed, reason=f"{needed} is not installed: pip install '.[ui]'")
