"""Settings: what is refused, what is kept, and what a file that people edit does to it."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.ledger_rows import NOW_US, totals_after_sweep
from tests.support.transcripts import response
from tests.support.transcripts import write as write_transcript
from usage_dashboard.aggregator import Totals
from usage_dashboard.config import checks, edit, paths
from usage_dashboard.config import settings as config
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.limits.budget import Budget, configured_budgets, levels_reached
from usage_dashboard.model.errors import SettingsError
from usage_dashboard.store.connection import open_writer, transaction

calm = settings(deadline=None)

DEFAULTS = {setting.name: setting.default for setting in config.SETTINGS}
lenient = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.json"


def read(file: Path, **raw: Any) -> dict[str, object]:
    file.write_text(json.dumps(raw))
    return config.read_values(str(file))


def test_without_a_file_every_setting_has_its_default(file: Path) -> None:
    assert config.read_values(str(file)) == DEFAULTS


def test_every_default_passes_its_own_check() -> None:
    for setting in config.SETTINGS:
        assert setting.check(setting.default) == setting.default, setting.name


def test_every_setting_is_an_attribute(file: Path) -> None:
    found = config.read_settings(str(file))
    values = {setting.name: getattr(found, setting.name.replace(".", "_")) for setting in config.SETTINGS}
    assert values == DEFAULTS
    assert len(config.Settings.__slots__) == len(config.SETTINGS)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"timezone": 1}, "timezone"), ({"weekly_reset": "monday"}, "weekly_reset"),
        ({"weekly_reset": {"weekday": "Monday"}}, "weekly_reset"),
        ({"weekly_reset": {"hour": 9}}, "weekly_reset"),
        ({"weekly_reset": {"weekday": "monday", "hour": 24}}, "weekly_reset"),
        ({"weekly_reset": {"weekday": "monday", "hour": -1}}, "weekly_reset"),
        ({"weekly_reset": {"weekday": "monday", "hour": 9.0}}, "weekly_reset"),
        ({"weekly_reset": {"weekday": "monday", "hour": True}}, "weekly_reset"),
        ({"weekly_reset": {"weekday": "monday", "minute": 60}}, "weekly_reset"),
        ({"weekly_reset": {"weekday": "monday", "zone": None}}, "weekly_reset"),
        ({"weekly_reset": {"weekday": "monday", "day": 1}}, "weekly_reset"),
        ({"weekly_reset": {"weekday": ["monday"]}}, "weekly_reset"),
        ({"retention_days": 0}, "retention_days"), ({"retention_days": 36501}, "retention_days"),
        ({"retention_days": None}, "retention_days"), ({"retention_days": "90"}, "retention_days"),
        ({"retention_days": True}, "retention_days"), ({"privacy": {"labels": "no"}}, "privacy.labels"),
        ({"privacy": {"labels": ["keep"]}}, "privacy.labels"),
        ({"privacy": {"labels": None}}, "privacy.labels"),
        ({"usage_threshold_tokens": 0}, "usage_threshold_tokens"), ({"prices": []}, "prices"),
        ({"alerts": {"levels": [50, 80]}}, "alerts.levels"),
        ({"alerts": {"levels": [80, 50, 95]}}, "alerts.levels"),
        ({"alerts": {"levels": [50, 50, 95]}}, "alerts.levels"),
        ({"alerts": {"levels": [0, 1, 2]}}, "alerts.levels"),
        ({"alerts": {"levels": [50, 80, 101]}}, "alerts.levels"),
        ({"alerts": {"levels": "50"}}, "alerts.levels"),
        ({"alerts": {"levels": [True, 80, 95]}}, "alerts.levels"), ({"roots": "x"}, "roots"),
        ({"roots": [1]}, "roots"), ({"projects": {"a": 1}}, "projects"), ({"budgets": {}}, "budgets"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_value_that_is_not_allowed_is_refused_by_the_settings_name(
    file: Path, raw: dict[str, Any], name: str
) -> None:
    with pytest.raises(SettingsError, match=f"`{name}` in .* has to be ") as refused:
        read(file, **raw)
    assert refused.value.hint == f"usage-dashboard config set {name} …"


WEEKLY = {"period": "weekly", "tokens": 1}


@pytest.mark.parametrize(
    "budget",
    [
        "weekly", {}, {"tokens": 1}, {"period": "yearly", "tokens": 1}, {"period": "weekly"},
        {**WEEKLY, "usd": "1"}, {**WEEKLY, "tokens": 0}, {**WEEKLY, "tokens": 1.5},
        {**WEEKLY, "tokens": True},
        {"period": "daily", "usd": "0"}, {"period": "daily", "usd": "-1"}, {"period": "daily", "usd": "1e3"},
        {"period": "daily", "usd": []}, {"period": ["daily"], "usd": "1"},
    ],
    ids=repr,
)  # fmt: skip
def test_a_budget_of_no_amount_or_period_is_refused(file: Path, budget: object) -> None:
    with pytest.raises(SettingsError, match="`budgets`"):
        read(file, budgets=[WEEKLY, budget])


@pytest.mark.parametrize(
    "odd",
    [
        {"kinds": ["outputs"]}, {"kinds": "output"}, {"kinds": [7]}, {"kinds": ["sessions"]}, {"project": 7},
        {"project": ["shop"]}, {"model": {}}, {"warn_percent": "80"}, {"warn_percent": True},
    ],
    ids=repr,
)  # fmt: skip
def test_a_budget_that_would_count_something_else_than_it_says_is_refused(
    file: Path, odd: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match="`budgets`"):
        read(file, budgets=[{**WEEKLY, **odd}])


@pytest.mark.parametrize("kinds", [None, [], ["output"], ["input", "cache_read"], list(checks.KINDS)])
def test_a_budget_counts_the_kinds_that_it_names(file: Path, kinds: list[str] | None) -> None:
    (cap,) = configured_budgets(config.Settings(read(file, budgets=[{**WEEKLY, "kinds": kinds}])))
    used = Totals()
    used.input, used.output, used.cache_creation, used.cache_1h, used.cache_read = 1, 20, 300, 200, 4000
    amounts = {"input": 1, "output": 20, "cache_creation": 300, "cache_read": 4000}
    assert cap.used(used) == sum(amounts[kind] for kind in kinds or amounts)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"tokens": 1}, {"tokens": 2}), ({"tokens": 10**9}, {"usd": "1"}),
        ({"project": "a"}, {"project": "b"}),
        ({"project": "a"}, {"model": "a"}), ({"kinds": ["input"]}, {"kinds": ["output"]}),
    ],
)  # fmt: skip
def test_budgets_that_differ_have_different_identities(one: dict[str, Any], two: dict[str, Any]) -> None:
    caps = [
        Budget({"period": "weekly", **({} if "usd" in more else {"tokens": 5}), **more})
        for more in (one, two)
    ]
    assert caps[0].identity != caps[1].identity


@pytest.mark.parametrize(
    ("used", "limit", "level"),
    [(0, 100, 0), (49, 100, 0), (50, 100, 1), (79, 100, 1), (80, 100, 2), (95, 100, 3), (500, 100, 3),
     (4_999_999_999_999_999, 10**16, 0), (5 * 10**15, 10**16, 1), (1, 1, 3)],
)  # fmt: skip
def test_a_level_is_reached_at_its_threshold_and_not_before(used: int, limit: int, level: int) -> None:
    assert levels_reached(used, limit, [50, 80, 95]) == level


@calm
@given(st.decimals("0.000000001", "999999999", places=9))
def test_an_amount_of_dollars_is_exact_to_the_nano(amount: Decimal) -> None:
    assert checks.nano_usd(f"{amount:f}") == int(amount * 10**9)


@pytest.mark.parametrize(
    ("value", "nusd"),
    [("12.50", 12_500_000_000), (12.5, 12_500_000_000), (20, 20_000_000_000), (".5", 500_000_000),
     ("5.", 5_000_000_000), (0.1, 100_000_000), (1.1, 1_100_000_000), ("0.000000001", 1), (1e-9, 1)],
    ids=repr,
)  # fmt: skip
def test_an_amount_of_dollars_may_be_text_or_number(value: object, nusd: int) -> None:
    assert checks.nano_usd(value) == nusd


@pytest.mark.parametrize(
    "value",
    ["", ".", "0", 0, 0.0, "-1", -1, "+1", "1e3", "1,5", "$5", " 5", "٣", "1.0000000001", "1" * 10, 10**10,
     1e-10, float("nan"), float("inf"), None, True, [], "1.2.3"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_amount_above_zero_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="an amount"):
        checks.nano_usd(value)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe", b'{"a":1}x', b"{'a':1}"], ids=repr
)
def test_a_file_that_is_no_json_object_is_refused_and_left_as_it_is(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    for work in (lambda: config.read_values(str(file)), lambda: edit.set_value(str(file), "timezone", "UTC")):
        with pytest.raises(SettingsError, match="JSON") as refused:
            work()
        assert "Correct or remove" in refused.value.hint
    assert file.read_bytes() == data


def test_a_file_with_a_byte_order_mark_is_read(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + b'{"retention_days": 7}')
    assert config.read_values(str(file))["retention_days"] == 7


def test_a_folder_in_the_place_of_the_file_is_refused(file: Path) -> None:
    file.mkdir()
    with pytest.raises(SettingsError):
        config.read_values(str(file))


def test_a_change_keeps_everything_else_in_the_file(file: Path) -> None:
    file.write_text('{"later": {"x": [1]}, "privacy": {"mine": "é"}, "alerts": 7}')
    edit.set_value(str(file), "privacy.labels", "hash")
    edit.set_value(str(file), "alerts.levels", [1, 2, 3])
    assert json.loads(file.read_text()) == {
        "later": {"x": [1]}, "privacy": {"mine": "é", "labels": "hash"}, "alerts": {"levels": [1, 2, 3]},
    }  # fmt: skip
    assert "é" in file.read_text()


def test_a_new_file_is_the_users_alone_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.json"
    edit.set_value(str(file), "timezone", "UTC")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    file.chmod(0o640)
    edit.set_value(str(file), "timezone", "Asia/Kolkata")
    assert file.stat().st_mode & 0o777 == 0o640
    assert os.listdir(file.parent) == ["config.json"]


def test_a_change_goes_through_a_link_and_leaves_it_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real, link = tmp_path / "dotfiles" / "real.json", tmp_path / "config.json"
    real.write_text("{}")
    link.symlink_to(real)
    edit.set_value(str(link), "timezone", "UTC")
    assert link.is_symlink()
    assert json.loads(real.read_text()) == {"timezone": "UTC"}


@lenient
@given(
    raw=st.dictionaries(
        st.sampled_from([*DEFAULTS, "privacy", "alerts"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["labels", "levels", "period", "tokens", "weekday"]), inner)
            ),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_any_object_gives_settings_that_pass_their_checks_or_one_error(
    file: Path, raw: dict[str, Any]
) -> None:
    try:
        found = read(file, **raw)
    except SettingsError:
        return
    assert found.keys() == DEFAULTS.keys()
    for setting in config.SETTINGS:
        setting.check(found[setting.name])
    assert len(configured_budgets(config.Settings(found))) == len(config.Settings(found).budgets)


@pytest.mark.parametrize("name", ["Acme, Inc/claude", "a,b", "~/claude", "a, ", "ü,"])
@pytest.mark.parametrize("exists", [True, False])
def test_the_clients_folder_is_one_path_with_commas_and_tildes_in_its_name(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, exists: bool
) -> None:
    for part in ("a", "b"):
        (home / part).mkdir()
    folder = home / "x" / name
    if exists:
        folder.mkdir(parents=True)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(folder))
    assert paths.claude_config_dirs()[0] == str(folder)
    assert paths.chosen_claude_folder() == str(folder)
    assert len(paths.claude_config_dirs()) == 3


def test_a_comma_list_counts_only_where_every_part_exists_and_the_whole_does_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "a").mkdir()
    listed = f"{home}/a,{home}/b"
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", listed)
    assert paths.claude_config_dirs()[0] == listed
    (home / "b").mkdir()
    assert paths.claude_config_dirs()[:2] == [str(home / "a"), str(home / "b")]
    Path(listed).mkdir(parents=True)
    assert paths.claude_config_dirs()[0] == listed


def test_a_tilde_in_the_environment_is_a_folder_of_that_name(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "~/work")
    assert paths.claude_config_dirs()[0] == str(tmp_path / "~" / "work")


def test_folders_of_the_client_are_its_own_then_the_usual_ones_each_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = [str(home / ".claude"), str(home / ".config" / "claude")]
    assert paths.claude_config_dirs() == usual
    for folder in (home / "a", home / "b", home / ".claude"):
        folder.mkdir(exist_ok=True)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f" {home}/a, ~/b ,,{home}/.claude")
    assert paths.claude_config_dirs() == [str(home / "a"), str(home / "b"), *usual]


def test_the_ledgers_folder_is_in_the_home_or_where_the_variable_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert paths.ledger_home() == str(home / ".claude-usage")
    monkeypatch.setenv("USAGE_DASHBOARD_HOME", "")
    assert paths.ledger_home() == str(home / ".claude-usage")
    monkeypatch.setenv("USAGE_DASHBOARD_HOME", "/elsewhere")
    assert paths.ledger_home() == "/elsewhere"


def test_prices_that_cannot_be_used_leave_the_ledger_free_for_others(ledger: Path, project: Path) -> None:
    write_transcript(project, response("m1"))
    ledger.mkdir()
    (ledger / "config.json").write_text('{"prices": {"multiplier": "much"}}')
    with pytest.raises(SettingsError, match="multiplier"):
        sweep(str(ledger), NOW_US)
    (ledger / "config.json").write_text("{}")
    other = open_writer(str(ledger), 0)
    with transaction(other):
        assert other.in_transaction
    other.close()
    assert totals_after_sweep(ledger)["calls"] == 1
