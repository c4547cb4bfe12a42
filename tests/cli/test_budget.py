"""`budget set` says what the period before came to, and does not call nothing recorded zero."""

from __future__ import annotations

from click.testing import CliRunner

from usage_dashboard.cli.main import cli


def test_a_period_of_which_nothing_is_recorded_is_not_called_zero() -> None:
    done = CliRunner().invoke(cli, ["budget", "set", "weekly", "--tokens", "1M"])
    assert done.exit_code == 0
    assert "Weekly cap set to 1.0M tokens; nothing is recorded of the one before this" in done.output
