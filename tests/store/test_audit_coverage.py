"""How much of the client's own tokens the ledger explains, in whole percent."""

from __future__ import annotations

import pytest

from usage_dashboard.store.read.audit import AuditRow


@pytest.mark.parametrize(
    ("client", "unexplained", "coverage"),
    [(0, 0, 100), (1000, 0, 100), (1000, 1, 99), (10**9, 1, 99), (1000, 995, 0), (200, 99, 50), (10, 40, 0)],
)
def test_coverage_is_rounded_down(client: int, unexplained: int, coverage: int) -> None:
    row = AuditRow("session", "model")
    row.client, row.unexplained = client, unexplained
    assert row.coverage == coverage
