"""Examines whether the ledger can be written and read: its folder, its file, the database, the disk."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import stat
import tempfile
import urllib.parse

from usage_dashboard.config import paths
from usage_dashboard.install.doctor.finding import Finding

LOW_DISK_BYTES = 50_000_000
WAIT_SECONDS = 1.0
IMPORT = "usage-dashboard import"


def examine_ledger(home: str, *, low_disk_bytes: int = LOW_DISK_BYTES) -> list[Finding]:
    """Examine the ledger in the folder `home`."""
    if not os.path.isdir(home):
        what = "is not a folder" if os.path.lexists(home) else "does not exist"
        hint = (
            f"mv {shlex.quote(home)} {shlex.quote(home)}.old"
            if os.path.lexists(home)
            else "usage-dashboard setup"
        )
        return [Finding("problem", "folder", f"The ledger's folder `{home}` {what}", hint)]
    return [
        *_examine_folder(home, low_disk_bytes),
        *_find_open_modes(home),
        *_examine_database(paths.ledger_file(home)),
    ]


def _examine_folder(home: str, low_disk_bytes: int) -> list[Finding]:
    try:
        # Trying shows more than permissions do: file systems are mounted read-only, quotas run out.
        tempfile.TemporaryFile(dir=home).close()
    except OSError as error:
        message = f"The ledger's folder `{home}` cannot be written ({os.strerror(error.errno or 0)})"
        return [Finding("problem", "folder", message, f"chmod u+rwx {shlex.quote(home)}")]
    free = shutil.disk_usage(home).free
    if free < low_disk_bytes:
        message = f"The disk that holds the ledger is full: {free / 1e6:.0f} MB are left"
        return [Finding("problem", "disk", message, f"df -h {shlex.quote(home)}")]
    return [Finding("ok", "folder", f"The ledger's folder `{home}` can be written")]


def _find_open_modes(home: str) -> list[Finding]:
    """Warn about what other users of this machine may read or write."""
    if os.name == "nt":
        return []
    findings = []
    file = paths.ledger_file(home)
    for path, mode in ((home, 0o700), (file, 0o600), (f"{file}-wal", 0o600), (f"{file}-shm", 0o600)):
        try:
            actual = stat.S_IMODE(os.stat(path).st_mode)
        except OSError:
            continue
        if actual & ~mode:
            message = f"`{path}` is open to other users (mode {actual:04o})"
            findings.append(Finding("warning", "permissions", message, f"chmod {mode:o} {shlex.quote(path)}"))
    return findings


def _examine_database(path: str) -> list[Finding]:
    if not os.path.exists(path):
        return [Finding("warning", "ledger", f"There is no ledger `{path}` yet", IMPORT)]
    try:
        return _examine_contents(path)
    except sqlite3.Error as error:
        return [_describe_error(path, error)]


def _examine_contents(path: str) -> list[Finding]:
    from usage_dashboard.store import meta, schema  # noqa: PLC0415 - only doctor needs the store, not setup

    # mode=rw: examining must not create a ledger.
    db = sqlite3.connect(f"file:{urllib.parse.quote(path)}?mode=rw", uri=True, timeout=WAIT_SECONDS)
    try:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if version // 1000 > schema.VERSION // 1000:
            message = f"The ledger `{path}` was written by a later release (format {version})"
            return [Finding("problem", "ledger", message, "pipx upgrade usage-dashboard")]
        answer = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if answer != "ok":
            return [_describe_damage(path)]
        db.isolation_level = None
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
        counted = sum(meta.read_rejected(db).values()) if version else 0
    finally:
        db.close()
    findings = [Finding("ok", "ledger", f"The ledger `{path}` is whole and not locked")]
    if counted:
        message = f"{counted:,} lines could not be trusted and were passed over (damage, absurd counts)"
        findings.append(Finding("warning", "refused", message, "usage-dashboard audit"))
    return findings


def _describe_error(path: str, error: sqlite3.Error) -> Finding:
    # Extended codes keep the plain one in their low byte.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        message = f"Another program keeps the ledger `{path}` locked"
        return Finding("problem", "ledger", message, f"fuser {shlex.quote(path)}")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _describe_damage(path)
    if code == sqlite3.SQLITE_FULL:
        return Finding(
            "problem", "disk", "The disk that holds the ledger is full", f"df -h {shlex.quote(path)}"
        )
    message = f"The ledger `{path}` cannot be written ({getattr(error, 'sqlite_errorname', 'unknown')})"
    return Finding("problem", "ledger", message, f"chmod u+rw {shlex.quote(path)}")


def _describe_damage(path: str) -> Finding:
    # With its -wal: SQLite would replay a log left behind into the new file.
    aside = shlex.quote(os.path.join(os.path.dirname(path), "damaged"))
    hint = f"mkdir -p {aside} && mv {shlex.quote(path)}* {aside} && {IMPORT}"
    return Finding("problem", "ledger", f"The ledger `{path}` is damaged", hint)
