"""Examines whether Claude Code writes transcripts, which is where tokens are counted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from usage_dashboard.install.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from usage_dashboard.install.doctor.settings_scopes import SettingsScopes

SKIP = "CLAUDE_CODE_SKIP_PROMPT_HISTORY"
KEPT_DAYS = "cleanupPeriodDays"
TELEMETRY = "usage-dashboard setup --telemetry"

# What the client takes for "on" in an environment variable, in capitals too (tried from 2.1.87 to 2.1.332;
# "0", "false", "2" and an empty text are off).
_ON = ("1", "true", "yes", "on")


def find_transcripts(roots: list[str]) -> Finding:
    """Look for any transcript below the Claude Code folders `roots`."""
    for root in roots:
        folder = os.path.join(root, "projects")
        for _, _, names in os.walk(folder):
            if any(name.endswith(".jsonl") for name in names):
                return Finding("ok", "transcripts", f"Transcripts are found in `{folder}`")
    named = ", ".join(f"`{root}`" for root in roots)
    message = f"No transcripts are found below {named}"
    return Finding("warning", "transcripts", message, "CLAUDE_CONFIG_DIR=<folder> usage-dashboard setup")


def find_unwritten(
    scopes: SettingsScopes, environ: Mapping[str, str], *, telemetry: bool
) -> Iterator[Finding]:
    """Find what keeps Claude Code from writing transcripts; with `telemetry` the sessions are counted anyway.

    Variables of settings files take precedence over those of the shell, the administrator's over all.
    """
    ruling = next((env for scope in reversed(scopes.managed) if SKIP in (env := _env(scope.value))), None)
    for scope in scopes.managed if ruling is not None else (*scopes.users, *scopes.projects):
        if is_on(_env(scope.value).get(SKIP)) and (ruling is None or is_on(ruling[SKIP])):
            yield _describe(f"the `env` of `{scope.path}`", telemetry=telemetry)
    if ruling is None and SKIP not in _env(scopes.in_force.value) and is_on(environ.get(SKIP)):
        yield _describe("this shell", telemetry=telemetry)
    for scope in scopes.all:
        if _is_below_one(scope.value.get(KEPT_DAYS)):
            # Tried: 0 is the old way to switch transcripts off, and any number below 1 is invalid today.
            message = (
                f"`{KEPT_DAYS}` in `{scope.path}` is below 1: clients up to 2.1.87 then write no transcripts,"
                " later ones ignore the whole file"
            )
            yield Finding("problem", "unwritten", message, f'Set "{KEPT_DAYS}" to 1 or more there')


def is_on(value: object) -> bool:
    """Whether the client takes the `value` of a variable for on."""
    return str(value).strip().lower() in _ON


def _describe(place: str, *, telemetry: bool) -> Finding:
    message = f"`{SKIP}` in {place} keeps Claude Code from writing transcripts"
    if telemetry:
        return Finding("ok", "unwritten", f"{message}; telemetry counts its sessions")
    return Finding("problem", "unwritten", f"{message}, so nothing is counted without telemetry", TELEMETRY)


def _env(value: Mapping[str, object]) -> dict[str, object]:
    env = value.get("env")
    return env if isinstance(env, dict) else {}


def _is_below_one(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and value < 1
