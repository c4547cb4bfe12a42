"""The alert hook: warn before tokens are spent, once for each thing worth a warning."""

from __future__ import annotations

from usage_dashboard.config import paths
from usage_dashboard.config.settings import read_settings
from usage_dashboard.hook.alerts.levels import budgets_at_level, limits_at_level, variable_warning
from usage_dashboard.hook.alerts.runaway import runaway_warning
from usage_dashboard.hook.edge import Answer
from usage_dashboard.hook.event import read_event
from usage_dashboard.limits import current
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.os_light import file_size, getenv
from usage_dashboard.store.connection import HOOK_WAIT_SECONDS, open_reader, open_writer
from usage_dashboard.store.limits.alerts_sent import highest_sent_level, mark_sent
from usage_dashboard.store.meta import snoozed_until_us
from usage_dashboard.store.write.labels import Labels, session_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.hook.alerts.levels import ReachedLevel
    from usage_dashboard.hook.event import Event

OPENING = "usage-dashboard: "
UNATTENDED_MODES = ("bypassPermissions", "dontAsk", "auto")
EVERY_SESSION = 0


def check_event(data: bytes, home: str, now_us: int) -> Answer | None:
    """Return what to show for a hook event, or None if there is nothing new to say.

    Raises:
        OSError, SettingsError, sqlite3.DatabaseError: the usage cannot be read; no alert was marked as sent.
    """
    event = read_event(data)
    if event is None or not event.session or file_size(paths.ledger_file(home)) < 0:
        return None
    settings = read_settings(paths.config_file(home))
    folder = paths.claude_folder(event.transcript)
    if event.name == "SessionStart":
        current.record_cached(home, folder, now_us)
    db = open_reader(home, HOOK_WAIT_SECONDS)
    if db is None or now_us < snoozed_until_us(db):
        return None
    folder_id = current.folder_id(db, folder)
    reached = limits_at_level(db, folder_id, now_us, settings.alerts_levels)
    reached += budgets_at_level(db, settings, now_us)
    context = _EventContext(event, home, folder_id, db, settings.privacy_labels)
    new = [each for each in reached if context.mark_first(each.identity, each.since_us, each.level)]
    question = context.ask_reason(reached, settings.alerts_ask_tools)
    texts = [each.text for each in new if each.text not in question]
    if new and not question:
        texts += context.next_call(new)
    texts += context.other_warnings(now_us)
    if not texts and not question:
        return None
    answer = Answer("\n".join(OPENING + text for text in texts), question)
    from usage_dashboard.hook.alerts.notify import send_notifications  # noqa: PLC0415 - only when there is something to say

    send_notifications(answer, new, settings, event.session)
    return answer


class _EventContext:
    """One event with the ledger and the folder that it belongs to."""

    def __init__(self, event: Event, home: str, folder: int, db: Connection, privacy: str) -> None:
        self._event = event
        self._home = home
        self._privacy = privacy
        self._folder = folder
        self._db = db

    def mark_first(self, identity: str, since_us: int, level: int, session: int | None = None) -> bool:
        """Mark an alert as sent; whether it is new, in this session unless another one is given."""
        place = (id_hash(self._event.session) if session is None else session, identity, since_us)
        return highest_sent_level(self._db, place) < level and mark_sent(
            open_writer(self._home), place, level
        )

    def ask_reason(self, reached: list[ReachedLevel], tools: list[str]) -> str:
        """Return the reason to ask the user before this call; empty if there is no need to ask."""
        critical = [each for each in reached if each.critical]
        tool = self._event.tool_name
        if not critical or tool not in tools or self._event.name != "PreToolUse" or not self._is_attended():
            return ""
        worst = max(critical, key=lambda each: each.percent)
        if not self.mark_first(f"ask-{id_hash(tool):x}-{worst.identity}", worst.since_us, 1, EVERY_SESSION):
            return ""
        return OPENING + ". ".join([*self.next_call([worst]), worst.text])

    def next_call(self, reached: list[ReachedLevel]) -> list[str]:
        """Say how much the call is likely to take of the limit or budget that is used most."""
        if self._event.name != "PreToolUse" or not reached:
            return []
        from usage_dashboard.hook.alerts.next_call import next_call_message, points_per_nusd  # noqa: PLC0415 - seldom

        limit = max(reached, key=lambda each: each.percent).limit
        per_nusd = 0.0 if limit is None else points_per_nusd(self._db, self._folder, limit)
        labels = Labels(self._db, lambda: self._privacy)
        window = "" if limit is None else limit.window
        text = next_call_message(self._db, self._event, labels, per_nusd, window)
        return [text] if text else []

    def other_warnings(self, now_us: int) -> list[str]:
        """Return the new warnings that are not about levels: a runaway session, a key, a wrong cap."""
        warnings = []
        if self._event.name == "SessionStart":
            from usage_dashboard.hook.alerts.api_key import billing_warning  # noqa: PLC0415 - once per session

            warnings.append(("billing", billing_warning(self._db, self._folder, now_us)))
            warnings.append(("variable", variable_warning()))
        else:
            query = "SELECT id FROM session WHERE name = ?"
            row = self._db.execute(query, (session_name(self._event.session),)).fetchone()
            warnings.append(("runaway", runaway_warning(self._db, row[0], now_us) if row else ""))
        return [text for identity, text in warnings if text and self.mark_first(identity, 0, 1)]

    def _is_attended(self) -> bool:
        """Whether a person is there to answer: an overnight run must not hang."""
        return (
            not self._event.agent_id
            and getenv("CLAUDE_CODE_SESSION_ATTENDED") != "0"
            and not getenv("CLAUDE_CODE_ENTRYPOINT").startswith("sdk")
            and self._event.mode not in UNATTENDED_MODES
        )
