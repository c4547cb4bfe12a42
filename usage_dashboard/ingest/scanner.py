"""Reading what is new in transcripts into the ledger: the one way in for hooks, sweeps and imports."""

from __future__ import annotations

from usage_dashboard.config import paths
from usage_dashboard.ingest.transcripts import files
from usage_dashboard.ingest.transcripts.reader import TranscriptParser, read_new
from usage_dashboard.ingest.transcripts.responses import Origin
from usage_dashboard.model.ids import file_id, id_hash
from usage_dashboard.pricing.lookup import PriceLookup
from usage_dashboard.store.connection import HOOK_WAIT_SECONDS, open_writer, transaction
from usage_dashboard.store.write.file_offsets import Position, read_position, write_position
from usage_dashboard.store.write.labels import Labels
from usage_dashboard.store.write.pending_requests import give_up
from usage_dashboard.store.write.price_cache import ensure_price_table
from usage_dashboard.store.write.sessions import Sessions
from usage_dashboard.store.write.unit_of_work import Work
from usage_dashboard.store.write.writer import Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from sqlite3 import Connection
    from typing import Self

    from usage_dashboard.config.settings import Settings
    from usage_dashboard.ingest.transcripts.reader import FileChunk
    from usage_dashboard.model.api_request import ApiRequest
    from usage_dashboard.store.write.writer import Outcome


class Scanner:
    """An open ledger (`db` where it is open already) with everything it takes to read transcripts into it.

    Raises:
        sqlite3.DatabaseError: the ledger is locked, full or damaged; nothing was changed.
    """

    def __init__(
        self, home: str, wait_seconds: float = HOOK_WAIT_SECONDS, db: Connection | None = None
    ) -> None:
        self.home = home
        self._settings: Settings | None = None
        self.db = open_writer(home, wait_seconds) if db is None else db
        self.fresh = self.damaged = 0  # responses that were new, and lines that could not be trusted
        self._origins: dict[str, tuple[str, str]] = {}
        self._named: dict[str, tuple[str, str]] = {}
        self.salt = ""
        self.closed_ns = 0  # files that were not changed since end with their last line, newline or not

    @property
    def settings(self) -> Settings:
        """The settings, read when the first of them is asked for: an event without a new name asks for none.

        Raises:
            SettingsError: `config.json` cannot be used.
        """
        if self._settings is None:
            from usage_dashboard.config.settings import read_recording_settings  # noqa: PLC0415 - see above

            self._settings = read_recording_settings(paths.config_file(self.home))
        return self._settings

    def __enter__(self) -> Self:
        """Begin a transaction; what is scanned is kept when it ends well, else not at all."""
        self._transaction = transaction(self.db)
        self._transaction.__enter__()
        try:
            self._begin()
        except BaseException as error:
            self._transaction.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def _begin(self) -> None:
        labels = Labels(self.db, lambda: self.settings.privacy_labels)
        self.salt = labels.salt()
        self._sessions = Sessions(self.db, labels, self._place)
        tariff = PriceLookup(
            lambda: self.settings.prices, self.db, self._price_names, self._listed_prices, lenient=True
        )
        ensure_price_table(self.db, lambda: tariff.fingerprint)
        self.prices = tariff
        self.work = Work(self.db, labels, self._sessions, tariff)
        self._writer = Writer(self.work)

    def _price_names(self) -> dict[str, str]:
        """What stands for a model in this ledger, beside its names."""
        if not self.settings.models_alias and not self.settings.prices:
            return {}
        from usage_dashboard.pricing.own_names import read_price_names  # noqa: PLC0415 - only with names of one's own

        return read_price_names(self.settings, self.db)

    def _listed_prices(self) -> dict[str, object]:
        """The models that only Claude Code knows, as a sweep found them."""
        from usage_dashboard.pricing.client_prices import listed_prices  # noqa: PLC0415 - only with the table

        return listed_prices(self.db)

    def __exit__(self, *problem: object) -> None:
        if self.damaged and problem[0] is None:
            from usage_dashboard.store.meta import add_rejected  # noqa: PLC0415 - seldom

            add_rejected(self.db, "lines", self.damaged)
            self.damaged = 0
        self._transaction.__exit__(*problem)  # type: ignore[arg-type]

    def file(self, path: str, *, most_pieces: int = 2) -> bool:
        """Read what is new in the transcript at `path`; whether its conversation is at a finished reply.

        A file larger than `most_pieces` pieces of 8 MB is read on at the next scan.
        """
        place = file_id(self.salt, path)
        known = read_position(self.db, place)
        session, subagent = files.thread_of(path)
        for _ in range(most_pieces):
            reading = read_new(path, known.offset, known.tail, known.identity, self.closed_ns)
            stretch = TranscriptParser(
                Origin(session, subagent, known.dated_us or reading.changed_ns // 1000)
            )
            stretch.feed(reading.data)
            self.met(stretch.places)
            if stretch.parent:
                self._sessions.note_parent(stretch.session or session, stretch.parent)
            if stretch.events:
                self.fresh += self._writer.add(stretch.events, stretch.session or session, subagent)
            if subagent:
                self._starter(path, stretch.session or session, subagent)
            self.damaged += stretch.damaged
            if reading.again:
                self.damaged -= _count_damaged(reading.again)
            before, known = known.offset, after(known, reading, stretch)
            if known.offset in (before, known.size):
                break
        write_position(self.db, place, known.values())
        return known.ended

    def session(self, transcript: str, outcome: Outcome | None = None) -> bool:
        """Read a session's transcript and its subagents'; whether the session is at a finished reply.

        `outcome` is how one of its tool calls ended, as its hook reported.
        """
        if outcome is not None:
            self._writer.expect(outcome)
        try:
            ended = self.file(transcript)
        except OSError:  # a session that has no file yet, or none any more
            ended = False
        for entry in files.subagent_files(transcript):
            self._known_or_new(entry)
        self._writer.finish()
        return ended

    def knows(self, path: str) -> bool:
        """Whether anything was read of the file at `path` before."""
        return read_position(self.db, file_id(self.salt, path)).size >= 0

    def stands_at_end(self, path: str) -> bool:
        """Whether the conversation in the file at `path`, as far as it was read, is at a finished reply."""
        return read_position(self.db, file_id(self.salt, path)).ended

    def tool_outcome(self, outcome: Outcome) -> None:
        """Note how a tool call ended, where no transcript is read."""
        self._writer.expect(outcome)
        self._writer.finish()

    def process(self, session: str, at_us: int, pid: int) -> None:
        """Note that a process of `session` began at `at_us`; `pid` is 0 where it is not known."""
        self._sessions.note_process(session, at_us, pid)

    def limit_hit(self, session: str, at_us: int) -> None:
        """Note that a request of `session` was refused at `at_us` because an allowance was used up."""
        from usage_dashboard.store.write.limit_hits import note_hit  # noqa: PLC0415 - seldom, and a hook counts modules

        note_hit(self.db, self._sessions.id(session), at_us)

    def requests(self, reported: list[ApiRequest]) -> int:
        """Store the requests that telemetry reported; how many of them no transcript had shown."""
        from usage_dashboard.store.write.telemetry_calls import add  # noqa: PLC0415 - the receiver's, no hook's

        return add(self.work, reported)

    def give_up(self, now_us: int, session: str = "") -> None:
        """Count requests that get no answer any more as lost: of `session`, or of processes that ended."""
        found = self._sessions.find(session) if session else None
        give_up(self.work, now_us, found)

    def met(self, origins: dict[str, tuple[str, str]]) -> None:
        """Say where sessions run, (folder, channel), for those that turn out to be new."""
        for session, (cwd, entrypoint) in origins.items():
            known = self._origins.get(session, ("", ""))
            self._origins[session] = (cwd or known[0], entrypoint or known[1])

    def place(self, session: str, cwd: str, entrypoint: str, named: tuple[str, str] = ("", "")) -> None:
        """Say where `session` runs, for the case that it is new and its lines do not tell.

        `named` is what the user called it: (domain, channel), which come before what lines tell.
        """
        self._origins.setdefault(session, (cwd, entrypoint))
        self._named[session] = named

    def _known_or_new(self, entry: os.DirEntry[str]) -> None:
        try:
            status = entry.stat()
            known = read_position(self.db, file_id(self.salt, entry.path))
            if known.offset != status.st_size or known.changed_ns != status.st_mtime_ns:
                self.file(entry.path)
        except OSError:  # one file that cannot be read does not keep the others from being read
            return

    def _starter(self, path: str, session: str, subagent: str) -> None:
        """Note who started the subagent of the transcript at `path`, if that is new."""
        from usage_dashboard.ingest.transcripts.subagent_meta import read_starter  # noqa: PLC0415 - only where there are subagents
        from usage_dashboard.store.write.subagents import is_known, note_starter  # noqa: PLC0415

        thread = (self._sessions.find(session), id_hash(subagent))
        if thread[0] and not is_known(self.db, *thread):
            starter = read_starter(path)
            if starter is not None:
                note_starter(self.db, *thread, starter)

    def _place(self, session: str) -> tuple[str, str]:
        """(project, channel) of a session that is new to the ledger."""
        cwd, entrypoint = self._origins.get(session, ("", ""))
        domain, channel = self._named.get(session, ("", ""))
        return domain or files.project_of(cwd), channel or entrypoint or files.UNKNOWN


def _count_damaged(data: bytes) -> int:
    stretch = TranscriptParser(Origin("", "", 0))
    stretch.feed(data)
    return stretch.damaged


def after(known: Position, reading: FileChunk, stretch: TranscriptParser) -> Position:
    """How far a file was read when `stretch` had parsed a `reading` that went on from `known`."""
    found = Position(reading.position, reading.size, reading.changed_ns, reading.identity)
    found.tail = reading.tail
    found.ended = known.ended if stretch.ended is None else stretch.ended
    found.dated_us = stretch.origin.dated_us or known.dated_us
    return found
