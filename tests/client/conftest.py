"""The fake API and a home for the real client, for every test in this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.client.api import FakeApi
from tests.support.client.home import ClientHome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """A running fake API."""
    with FakeApi() as running:
        yield running


@pytest.fixture
def client_home(tmp_path: Path, api: FakeApi) -> ClientHome:
    """A home of the client's own; skips the test where there is no client."""
    return ClientHome(tmp_path, api)
