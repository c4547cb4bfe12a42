"""Looks for each way in which recording can be broken."""

from __future__ import annotations

import difflib
import os
import shlex
from typing import TYPE_CHECKING

from usage_dashboard.config import paths, settings
from usage_dashboard.config.time_zone import zone_problem
from usage_dashboard.install import clients, settings_paths, setup_record, telemetry_settings
from usage_dashboard.install.doctor import hooks, ledger, settings_scopes, transcripts
from usage_dashboard.install.doctor.finding import Finding
from usage_dashboard.install.doctor.telemetry import examine_telemetry
from usage_dashboard.limits.budget import describe_unusable, unusable_variables
from usage_dashboard.model.errors import SettingsError
from usage_dashboard.pricing.setting_problems import find_problem
from usage_dashboard.store import fault_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.install.clients import Client

SHOWN_FAULTS = 3


def examine_all(
    home: str, folder: str, *, managed: str | None = None, low_disk_bytes: int = ledger.LOW_DISK_BYTES
) -> list[Finding]:
    """Examine the ledger in `home`, and the settings of the project around `folder`.

    `managed` is the administrator's settings file, by default that of this system.
    """
    return [
        *examine_registration(home, folder, clients.find_all(home), managed=managed),
        *examine_telemetry(
            home,
            telemetry_settings.TelemetryFiles(
                settings_paths.user_file(), managed or settings_paths.managed_file()
            ),
            os.environ,
        ),
        *ledger.examine_ledger(home, low_disk_bytes=low_disk_bytes),
        *_examine_config(home),
        *_examine_variables(home),
        *_examine_fault_log(home),
        transcripts.find_transcripts(settings_paths.config_roots(_recorded_scope(home)[0])),
    ]


def examine_registration(
    home: str, folder: str, installed: Sequence[Client], *, managed: str | None = None
) -> list[Finding]:
    """Examine whether the `installed` clients will run our hooks."""
    roots, limited_to = _recorded_scope(home)
    projects = list(dict.fromkeys([settings_paths.project_of(folder), *limited_to]))
    scopes = settings_scopes.read_scopes(
        settings_paths.config_roots(roots), projects, managed or settings_paths.managed_file()
    )
    telemetry = telemetry_settings.port_in(scopes.in_force.value) is not None
    return [
        *hooks.examine_hooks(home, scopes, limited_to, installed),
        *_find_disabling(scopes),
        *transcripts.find_unwritten(
            settings_scopes.with_home_project(scopes), os.environ, telemetry=telemetry
        ),
    ]


def _recorded_scope(home: str) -> tuple[list[str], list[str]]:
    """The folders and projects that setup recorded; none if `config.json` cannot be read."""
    try:
        return setup_record.recorded_roots(home), setup_record.recorded_projects(home)
    except SettingsError:
        return [], []


def _examine_config(home: str) -> list[Finding]:
    path = paths.config_file(home)
    try:
        raw = settings.read_raw(path)
        values = settings.check_values(raw, path)
    except SettingsError as error:
        return [Finding("problem", "config", str(error), error.hint)]
    for name in ("prices", "models.alias"):
        problem = find_problem(values, name)
        if problem:
            message = f"The setting {problem}: calls are recorded, and costs stay unknown"
            return [Finding("problem", "config", message, f"usage-dashboard config get {name}")]
    findings = [_unknown_setting(name, path) for name in _dotted_names(raw) if name not in settings.BY_NAME]
    return findings or [Finding("ok", "config", "Every setting holds what it may hold")]


def _examine_variables(home: str) -> list[Finding]:
    """Report the environment's variables that hold something else than they have to."""
    wrong = unusable_variables(os.environ)
    findings = [
        Finding("warning", "environment", f"{describe_unusable(name)}, so it caps nothing", f"unset {name}")
        for name in wrong
    ]
    problem = zone_problem(os.environ)
    if problem and not _configured_zone(home):
        findings.append(Finding("warning", "environment", problem, "unset TZ"))
    return findings


def _configured_zone(home: str) -> str:
    """The setting `timezone`, which stands in for `TZ`; empty where it cannot be read."""
    try:
        return settings.read_settings(paths.config_file(home)).timezone
    except SettingsError:
        return ""


def _dotted_names(raw: dict[str, object]) -> list[str]:
    """The names in `raw`, dotted where our settings nest."""
    nesting = {name.partition(".")[0] for name in settings.BY_NAME if "." in name}
    names: list[str] = []
    for name, value in raw.items():
        inner = value if name in nesting and isinstance(value, dict) else None
        names += [name] if inner is None else [f"{name}.{part}" for part in inner]
    return names


def _unknown_setting(name: str, path: str) -> Finding:
    near = difflib.get_close_matches(name, settings.BY_NAME, 1)
    message = f"Unknown setting `{name}` in `{path}`" + (f"; did you mean `{near[0]}`?" if near else "")
    return Finding("warning", "config", message, f"usage-dashboard config unset {shlex.quote(name)}")


def _find_disabling(scopes: settings_scopes.SettingsScopes) -> list[Finding]:
    name = "USAGE_DASHBOARD_DISABLE"
    findings = []
    if os.environ.get(name) == "1":
        findings.append(
            Finding(
                "warning", "disabled", f"`{name}` is set in this shell and stops recording", f"unset {name}"
            )
        )
    for scope in scopes.all:
        env = scope.value.get("env")
        if isinstance(env, dict) and env.get(name) == "1":
            message = f"`{name}` in the `env` of `{scope.path}` stops recording"
            findings.append(Finding("problem", "disabled", message, f'Remove "{name}" from `{scope.path}`'))
    return findings


def _examine_fault_log(home: str) -> list[Finding]:
    lines = fault_log.read_faults(home)
    if not lines:
        return [Finding("ok", "faults", "No hook has noted a fault")]
    count = "1 fault" if len(lines) == 1 else f"{len(lines)} faults"
    message = f"The hooks noted {count}, last: " + "; ".join(lines[-SHOWN_FAULTS:])
    return [Finding("warning", "faults", message, f"rm {shlex.quote(paths.fault_file(home))}*")]
