"""The page and its routes over the test's own ledger; skipped by name if the extra `ui` is not installed."""

from __future__ import annotations

import pytest


def pytest_pycollect_makemodule() -> None:
    """Skip the folder's modules, which import what the extra installs.

    Not at the top of this file: pytest imports it before it collects when the folder is named on the command
    line, and a skip there ends the run with a traceback.
    """
    for needed in ("streamlit", "altair", "uvicorn"):
        pytest.importorskip(needed, reason=f"{needed} is not installed: pip install '.[ui]'")
