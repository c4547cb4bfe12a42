"""What the alert hook does: say what is worth saying before tokens are spent, each thing once."""

from __future__ import annotations

from usage_dashboard.config import paths
from usage_dashboard.config.settings import read_settings
from usage_dashboard.hook.alerts.levels import budgets_at_level, limits_at_level
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
    """What to show for an event, None where there is nothing new to say.

    Raises:
        OSError, SettingsError, sqlite3.DatabaseError: what is used cannot be told; nothing was said.
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
    concerns = limits_at_level(db, folder_id, now_us, settings.alerts_levels)
    concerns += budgets_at_level(db, settings, now_us)
    scene = _EventContext(event, home, folder_id, db, settings.privacy_labels)
    told = [found for found in concerns if scene.first(found.identity, found.since_us, found.level)]
    asked = scene.question(concerns, settings.alerts_ask_tools)
    said = [found.text for found in told if found.text not in asked]
    if told and not asked:
        said += scene.next_call(told)
    said += scene.other(now_us)
    if not said and not asked:
        return None
    answer = Answer("\n".join(OPENING + text for text in said), asked)
    from usage_dashboard.hook.alerts.notify import send_notifications  # noqa: PLC0415 - only when there is something to say

    send_notifications(answer, told, settings, event.session)
    return answer


class _EventContext:
    """One event, and what is known around it."""

    def __init__(self, event: Event, home: str, folder: int, db: Connection, privacy: str) -> None:
        self._event = event
        self._home = home
        self._privacy = privacy
        self._folder = folder
        self._db = db

    def first(self, identity: str, since_us: int, level: int, session: int | None = None) -> bool:
        """Whether this is the first time that `level` is said, in this session unless another is given."""
        place = (id_hash(self._event.session) if session is None else session, identity, since_us)
        return highest_sent_level(self._db, place) < level and mark_sent(
            open_writer(self._home), place, level
        )

    def question(self, concerns: list[ReachedLevel], tools: list[str]) -> str:
        """The reason to ask before this call; empty where it is not to be asked for."""
        critical = [found for found in concerns if found.critical]
        tool = self._event.tool_name
        if not critical or tool not in tools or self._event.name != "PreToolUse" or not self._attended():
            return ""
        worst = max(critical, key=lambda found: found.percent)
        if not self.first(f"ask-{id_hash(tool):x}-{worst.identity}", worst.since_us, 1, EVERY_SESSION):
            return ""
        return OPENING + ". ".join([*self.next_call([worst]), worst.text])

    def next_call(self, concerns: list[ReachedLevel]) -> list[str]:
        """What the call is likely to take of what is nearest to its end."""
        if self._event.name != "PreToolUse" or not concerns:
            return []
        from usage_dashboard.hook.alerts.next_call import next_call_message, points_per_nusd  # noqa: PLC0415 - seldom

        limit = max(concerns, key=lambda found: found.percent).limit
        per_nusd = 0.0 if limit is None else points_per_nusd(self._db, self._folder, limit)
        labels = Labels(self._db, lambda: self._privacy)
        window = "" if limit is None else limit.window
        text = next_call_message(self._db, self._event, labels, per_nusd, window)
        return [text] if text else []

    def other(self, now_us: int) -> list[str]:
        """What is said beside levels: a runaway session, a key that bills."""
        found = []
        if self._event.name == "SessionStart":
            from usage_dashboard.hook.alerts.api_key import billing_warning  # noqa: PLC0415 - once per session

            found.append(("billing", billing_warning(self._db, self._folder, now_us)))
        else:
            query = "SELECT id FROM session WHERE name = ?"
            row = self._db.execute(query, (session_name(self._event.session),)).fetchone()
            found.append(("runaway", runaway_warning(self._db, row[0], now_us) if row else ""))
        return [text for identity, text in found if text and self.first(identity, 0, 1)]

    def _attended(self) -> bool:
        """Whether somebody is there to answer: an overnight run must not hang."""
        return (
            not self._event.agent_id
            and getenv("CLAUDE_CODE_SESSION_ATTENDED") != "0"
            and not getenv("CLAUDE_CODE_ENTRYPOINT").startswith("sdk")
            and self._event.mode not in UNATTENDED_MODES
        )
