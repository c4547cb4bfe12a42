"""Every setting with its meaning, its default and what it may hold; reading `config.json`.

On disk the names nest at the dot: `privacy.labels` is `{"privacy": {"labels": …}}`. A file that is
missing is all defaults. Keys that this release does not know are kept when the file is written.
"""

from __future__ import annotations

from usage_dashboard.config import checks
from usage_dashboard.model.errors import SettingsError
from usage_dashboard.runtime.json_light import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Key:
    """One setting: dotted name, default, check of a value, and a sentence for the user."""

    __slots__ = ("check", "default", "meaning", "name")

    def __init__(self, name: str, default: object, check: Callable[[object], object], meaning: str) -> None:
        self.name = name
        self.default = default
        self.check = check
        self.meaning = meaning


KEYS = (
    Key("timezone", "", checks.text, "zone of days and months, such as Europe/Berlin; empty: this machine's"),
    Key("weekly_reset", None, checks.weekly_reset, "when the week starts anew, as long as none was observed"),
    Key("retention_days", 90, checks.whole_number(1, 36500), "days that single calls are kept; totals stay"),
    Key("privacy.labels", "keep", checks.one_of("keep", "hash", "drop"), "names of projects, agents, tools"),
    Key("prices", None, checks.prices, "own prices: a multiplier, or prices per model in USD per million"),
    Key("usage_threshold_tokens", None, checks.whole_number(1, 10**15, empty=True), "weekly tokens of 100 %"),
    Key("budgets", [], checks.budgets, "caps that `usage-dashboard budget set` wrote"),
    Key("alerts.levels", [50, 80, 95], checks.levels, "percentages at which a message is shown"),
    Key(
        "alerts.ask_tools",
        ["Agent", "Task", "Workflow", "WebSearch", "WebFetch"],
        checks.texts,
        "tools that are asked about once nearly all is used; empty: none",
    ),
    Key("alerts.notify", "off", checks.one_of("off", "on"), "whether the terminal notifies of a message too"),
    Key("alerts.command", "", checks.text, "program that is run with each message as JSON on its input"),
    Key("roots", [], checks.texts, "Claude Code folders that `usage-dashboard setup` was run for"),
    Key("projects", [], checks.texts, "projects that recording is limited to; empty: all"),
)
BY_NAME = {key.name: key for key in KEYS}


def read(path: str) -> dict[str, object]:
    """Every setting by its dotted name, the defaults included.

    Raises:
        SettingsError: the file cannot be read, is no JSON object, or a value is not allowed.
    """
    return known(read_raw(path), path)


def read_raw(path: str) -> dict[str, object]:
    """The file's object as it is, keys of other releases included; empty where there is no file.

    Raises:
        SettingsError: the file cannot be read or is no JSON object.
    """
    try:
        with open(path, "rb") as file:
            found = decode(file.read().removeprefix(b"\xef\xbb\xbf").decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        hint = f"Correct or remove `{path}`"
        raise SettingsError(f"`{path}` is not readable as JSON", hint=hint) from error
    if not isinstance(found, dict):
        raise SettingsError(f"`{path}` holds no JSON object", hint=f"Correct or remove `{path}`")
    return found


def known(raw: dict[str, object], path: str) -> dict[str, object]:
    """Every setting by its dotted name, from the nested object `raw` that came from `path`.

    Raises:
        SettingsError: a value is not allowed.
    """
    values: dict[str, object] = {}
    for key in KEYS:
        value = inner(raw, key.name, key.default)
        try:
            values[key.name] = key.check(value)
        except ValueError as error:
            hint = f"usage-dashboard config set {key.name} …"
            raise SettingsError(f"`{key.name}` in `{path}` has to be {error}", hint=hint) from error
    return values


def inner(raw: object, name: str, default: object) -> object:
    """The value at the dotted `name` inside `raw`, or `default`."""
    for part in name.split("."):
        if not isinstance(raw, dict) or part not in raw:
            return default
        raw = raw[part]
    return raw


def texts_of(values: dict[str, object], name: str) -> list[str]:
    """The setting `name` of `values`, whose check admits only lists of texts."""
    value = values[name]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def number_of(values: dict[str, object], name: str) -> int:
    """The setting `name` of `values`, whose check admits only whole numbers."""
    value = values[name]
    return value if isinstance(value, int) else 0


def numbers_of(values: dict[str, object], name: str) -> list[int]:
    """The setting `name` of `values`, whose check admits only lists of whole numbers."""
    value = values[name]
    return [item for item in value if isinstance(item, int)] if isinstance(value, list) else []
