"""Every setting with its meaning, its default and what it may hold; reading `config.json`.

On disk the names nest at the dot: `privacy.labels` is `{"privacy": {"labels": …}}`. A missing file
means all defaults. Keys that this release does not know are kept when the file is written.
"""

from __future__ import annotations

from usage_dashboard.config import checks
from usage_dashboard.model.errors import SettingsError
from usage_dashboard.runtime.json_light import parse_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from usage_dashboard.model.windows import WeeklyReset


class Setting:
    """One setting: dotted name, default, check of a value, and a sentence for the user."""

    __slots__ = ("check", "default", "meaning", "name")

    def __init__(self, name: str, default: object, check: Callable[[object], object], meaning: str) -> None:
        self.name = name
        self.default = default
        self.check = check
        self.meaning = meaning


SETTINGS = (
    Setting(
        "timezone", "", checks.text, "zone of days and months, such as Europe/Berlin; empty: this machine's"
    ),
    Setting(
        "weekly_reset", None, checks.weekly_reset, "when the week starts anew, as long as none was observed"
    ),
    Setting(
        "retention_days", 90, checks.whole_number(1, 36500), "days that single calls are kept; totals stay"
    ),
    Setting(
        "privacy.labels", "keep", checks.one_of("keep", "hash", "drop"), "names of projects, agents, tools"
    ),
    Setting(
        "prices", None, checks.prices, "own prices: a multiplier, or prices per model in USD per million"
    ),
    Setting("models.alias", {}, checks.aliases, "known models behind names of your own, such as a gateway's"),
    Setting(
        "usage_threshold_tokens", None, checks.whole_number(1, 10**15, empty=True), "weekly tokens of 100 %"
    ),
    Setting("budgets", [], checks.budgets, "caps that `usage-dashboard budget set` wrote"),
    Setting("alerts.levels", [50, 80, 95], checks.levels, "percentages at which a message is shown"),
    Setting(
        "alerts.ask_tools",
        ["Agent", "Task", "Workflow", "WebSearch", "WebFetch"],
        checks.texts,
        "tools that are asked about once nearly all is used; empty: none",
    ),
    Setting(
        "alerts.notify", "off", checks.one_of("off", "on"), "whether the terminal notifies of a message too"
    ),
    Setting("alerts.command", "", checks.text, "program that is run with each message as JSON on its input"),
    Setting("claude.path", "", checks.text, "a Claude Code client that setup does not find by itself"),
    Setting("roots", [], checks.texts, "Claude Code folders that `usage-dashboard setup` was run for"),
    Setting("projects", [], checks.texts, "projects that recording is limited to; empty: all"),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}


class Settings:
    """The checked value of every setting: an attribute each, with `_` for the dot of its name."""

    __slots__ = (
        "alerts_ask_tools", "alerts_command", "alerts_levels", "alerts_notify", "budgets", "claude_path",
        "models_alias", "prices", "privacy_labels", "projects", "retention_days", "roots", "timezone",
        "usage_threshold_tokens", "weekly_reset",
    )  # fmt: skip

    timezone: str
    weekly_reset: WeeklyReset | None
    retention_days: int
    privacy_labels: str
    prices: dict[str, object] | None
    models_alias: dict[str, str]
    usage_threshold_tokens: int | None
    budgets: list[dict[str, object]]
    alerts_levels: list[int]
    alerts_ask_tools: list[str]
    alerts_notify: str
    alerts_command: str
    claude_path: str
    roots: list[str]
    projects: list[str]

    def __init__(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name.replace(".", "_"), value)


def read_settings(path: str) -> Settings:
    """Read the settings file; what it does not set has its default.

    Raises:
        SettingsError: the file cannot be read, is not a JSON object, or a value is not allowed.
    """
    return Settings(read_values(path))


def read_recording_settings(path: str) -> Settings:
    """Read the settings for what records: a value that is not allowed has its default and stops nothing.

    Prices that are not allowed stay as they are: whoever reads them keeps costs unknown. Without an allowed
    `privacy.labels` nothing is recorded, since names could not be taken back.

    Raises:
        SettingsError: the file cannot be read, is not a JSON object, or has another `privacy.labels`.
    """
    raw = read_raw(path)
    values: dict[str, object] = {}
    for setting in SETTINGS:
        value = nested_value(raw, setting.name, setting.default)
        try:
            values[setting.name] = setting.check(value)
        except ValueError as error:
            if setting.name == "privacy.labels":
                raise _wrong_value(setting, path, error) from error
            values[setting.name] = value if setting.name == "prices" else setting.default
    return Settings(values)


def read_values(path: str) -> dict[str, object]:
    """Read the checked value of every setting by its dotted name, defaults included.

    Raises:
        SettingsError: the file cannot be read, is not a JSON object, or a value is not allowed.
    """
    return check_values(read_raw(path), path)


def read_raw(path: str) -> dict[str, object]:
    """Read the file's object as it is, keys of other releases included; empty if there is no file.

    Raises:
        SettingsError: the file cannot be read or is not a JSON object.
    """
    try:
        with open(path, "rb") as file:
            raw = parse_json(file.read().removeprefix(b"\xef\xbb\xbf").decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        hint = f"Correct or remove `{path}`"
        raise SettingsError(f"`{path}` is not readable as JSON", hint=hint) from error
    if not isinstance(raw, dict):
        raise SettingsError(f"`{path}` holds no JSON object", hint=f"Correct or remove `{path}`")
    return raw


def check_values(raw: dict[str, object], path: str) -> dict[str, object]:
    """Check the nested object `raw`, which came from `path`; return every setting by its dotted name.

    Raises:
        SettingsError: a value is not allowed.
    """
    values: dict[str, object] = {}
    for setting in SETTINGS:
        value = nested_value(raw, setting.name, setting.default)
        try:
            values[setting.name] = setting.check(value)
        except ValueError as error:
            raise _wrong_value(setting, path, error) from error
    return values


def _wrong_value(setting: Setting, path: str, error: ValueError) -> SettingsError:
    hint = f"usage-dashboard config set {setting.name} …"
    return SettingsError(f"`{setting.name}` in `{path}` has to be {error}", hint=hint)


def nested_value(raw: object, name: str, default: object) -> object:
    """Return the value at the dotted `name` inside `raw`, or `default`."""
    for part in name.split("."):
        if not isinstance(raw, dict) or part not in raw:
            return default
        raw = raw[part]
    return raw
