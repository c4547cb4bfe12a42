"""Examines telemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.ingest.telemetry import state_file
from usage_dashboard.install import settings_file
from usage_dashboard.install.doctor.finding import Finding
from usage_dashboard.install.telemetry_settings import port_in, refuse_foreign
from usage_dashboard.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from usage_dashboard.install.telemetry_settings import TelemetryFiles


def examine_telemetry(home: str, files: TelemetryFiles, environ: Mapping[str, str]) -> list[Finding]:
    """Examine telemetry; no findings if it was never switched on."""
    try:
        port = port_in(settings_file.read_settings(files.user).value)
    except SettingsError:  # `examine_hooks` reports it
        return []
    findings = [] if port is None else [_examine_receiver(home, port, files, environ)]
    return [*findings, *_find_refused(state_file.read_state(home))]


def _examine_receiver(home: str, port: int, files: TelemetryFiles, environ: Mapping[str, str]) -> Finding:
    from usage_dashboard.ingest.telemetry import health  # noqa: PLC0415 - as above

    try:
        refuse_foreign(files, environ)
    except SettingsError as error:
        return Finding("problem", "telemetry", str(error), error.hint)
    if not health.is_port_usable(home, port):
        hint = f"usage-dashboard setup --telemetry --port {port + 1}"
        return Finding("problem", "telemetry", f"Telemetry is sent to port {port} of another program", hint)
    runs = "received" if health.find_receiver(home, port) else "to be received, from the next session on,"
    return Finding("ok", "telemetry", f"Telemetry is {runs} on port {port}")


def _find_refused(counts: dict[str, int]) -> Iterator[Finding]:
    named = (
        ("refused_bodies", "{} requests to the telemetry receiver were refused"),
        ("refused_records", "{} records of telemetry held absurd numbers and were refused"),
        ("dropped", "{} records of telemetry were dropped while the ledger could not be written"),
    )
    for name, message in named:
        if counts[name]:
            hint = "usage-dashboard telemetry status"
            yield Finding("warning", "telemetry", message.format(f"{counts[name]:,}"), hint)
