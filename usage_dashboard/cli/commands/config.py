"""`config`: read and change the settings in `config.json`."""

from __future__ import annotations

import difflib
import json
import shlex
import zoneinfo

import click

from usage_dashboard.cli import completions
from usage_dashboard.config import edit, paths, settings
from usage_dashboard.model.errors import SettingsError
from usage_dashboard.model.windows import WEEKDAYS


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def config() -> None:
    """Read and change the settings of usage-dashboard.

    \b
    Examples:
      usage-dashboard config list
      usage-dashboard config get weekly_reset
      usage-dashboard config set weekly_reset 'tue 09:46 Europe/Berlin'
      usage-dashboard config set alerts.levels '[60, 80, 95]'
      usage-dashboard config unset timezone
    """


@config.command("get")
@click.argument("name", shell_complete=completions.complete_settings)
def get_value(name: str) -> None:
    """Print the value of NAME.

    \b
    Examples:
      usage-dashboard config get timezone
    """
    setting = _setting(name)
    click.echo(_format_value(settings.read_values(_config_file())[setting.name]))


@config.command("set")
@click.argument("name", shell_complete=completions.complete_settings)
@click.argument("value")
def set_value(name: str, value: str) -> None:
    """Set NAME to VALUE, which is JSON or else a text.

    \b
    Examples:
      usage-dashboard config set timezone Europe/Berlin
      usage-dashboard config set retention_days 365
      usage-dashboard config set privacy.labels hash
      usage-dashboard config set prices '{"multiplier": 0.8}'
    """
    setting = _setting(name)
    try:
        kept = setting.check(_parse_value(setting, value))
        _check_zone(setting, kept)
    except ValueError as error:
        hint = f"usage-dashboard config set {name} {shlex.quote(_format_value(setting.default) or '…')}"
        raise SettingsError(f"`{name}` has to be {error}", hint=hint) from error
    _check_models(setting, kept)
    edit.set_value(_config_file(), name, kept)
    click.echo(f"`{name}` is {_format_value(kept)}")
    if name == "privacy.labels" and kept != "keep":
        _offer_labels(str(kept))


@config.command("unset")
@click.argument("name", shell_complete=completions.complete_settings)
def unset_value(name: str) -> None:
    """Take NAME out of the file, so that its default holds again.

    \b
    Examples:
      usage-dashboard config unset weekly_reset
    """
    was_there = edit.unset_value(_config_file(), name)
    if not was_there:
        _setting(name)
    default = settings.BY_NAME[name].default if name in settings.BY_NAME else None
    click.echo(
        f"`{name}` is removed" if name not in settings.BY_NAME else f"`{name}` is {_format_value(default)}"
    )


@config.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the settings as JSON")
def list_values(*, as_json: bool) -> None:
    """Print every setting with its value and its meaning.

    \b
    Examples:
      usage-dashboard config list
      usage-dashboard config list --json
    """
    values = settings.read_values(_config_file())
    if as_json:
        listed = [
            {
                "name": setting.name,
                "value": values[setting.name],
                "default": values[setting.name] == setting.default,
                "meaning": setting.meaning,
            }
            for setting in settings.SETTINGS
        ]
        click.echo(json.dumps({"version": 1, "settings": listed}, indent=2, ensure_ascii=False))
        return
    for setting in settings.SETTINGS:
        mark = "  (default)" if values[setting.name] == setting.default else ""
        click.echo(f"{setting.name} = {json.dumps(values[setting.name], ensure_ascii=False)}{mark}")
        click.echo(f"    {setting.meaning}")


def _config_file() -> str:
    return paths.config_file(paths.ledger_home())


def _setting(name: str) -> settings.Setting:
    """Return the setting `name`.

    Raises:
        SettingsError: the setting is unknown; the hint lists similar names.
    """
    if name in settings.BY_NAME:
        return settings.BY_NAME[name]
    near = difflib.get_close_matches(name, settings.BY_NAME, 3, 0.5)
    hint = f"Near names: {', '.join(near)}" if near else "usage-dashboard config list"
    raise SettingsError(f"Unknown setting `{name}`", hint=hint)


def _parse_value(setting: settings.Setting, text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return _parse_weekly_reset(text) if setting.name == "weekly_reset" else text
    return value


def _parse_weekly_reset(text: str) -> object:
    """Parse `tue 09:46 Europe/Berlin`; return the text itself if it has another form."""
    parts = text.split()
    if len(parts) != 3:
        return text
    days = [day for day in WEEKDAYS if len(parts[0]) >= 3 and day.startswith(parts[0].lower())]
    hour, colon, minute = parts[1].partition(":")
    if not days or not colon or not (hour + minute).isdecimal() or not hour or not minute:
        return text
    return {"weekday": days[0], "hour": int(hour), "minute": int(minute), "zone": parts[2]}


def _check_zone(setting: settings.Setting, value: object) -> None:
    """Refuse an unknown time zone, unless this machine has no list of zones to check against."""
    zone = value.get("zone") if isinstance(value, dict) else value
    if setting.name not in ("timezone", "weekly_reset") or not isinstance(zone, str) or not zone:
        return
    known = zoneinfo.available_timezones()
    if known and zone not in known:
        near = difflib.get_close_matches(zone, known, 1) or ["Europe/Berlin"]
        raise ValueError(f"in a known zone such as {near[0]}")


def _offer_labels(privacy: str) -> None:
    """Say how many recorded names the setting `privacy.labels` does not cover yet, and what would."""
    from usage_dashboard.ingest.forget import count_names  # noqa: PLC0415 - only for this setting

    count = count_names(paths.ledger_home(), privacy)
    if count:
        names = "1 name is" if count == 1 else f"{count:,} names are"
        click.echo(f"{names} recorded as before\nhint: usage-dashboard forget --labels")


def _check_models(setting: settings.Setting, value: object) -> None:
    """Refuse prices that cannot be used, and aliases of models that have no price.

    Raises:
        SettingsError: the value cannot be used; the message names the part of it that is wrong.
    """
    if setting.name not in ("prices", "models.alias"):
        return
    from usage_dashboard.pricing.setting_problems import find_problem  # noqa: PLC0415 - only for these two

    others = settings.read_values(_config_file())
    problem = find_problem({**others, setting.name: value}, setting.name)
    if problem:
        raise SettingsError(problem, hint=f"usage-dashboard config get {setting.name}")


def _format_value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
