"""The tables, as a list of steps that only grows.

The number of a ledger's format is breaking * 1000 + additive steps. A step that has shipped is never
edited: an older hook may still be recording beside a newer release, so each step has to leave the
statements of the release before it working (add, never rename or drop).
"""

from __future__ import annotations

from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.store.sql import ID_BITS, matches_response

FIRST = """
-- What the ledger notes about itself: the salt of hashed labels and folders, the price table in force.
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Names, bounded before they come here (store/write/labels.py): project, channel, model, agent, tool, server.
CREATE TABLE label (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name));

CREATE TABLE session (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  project INTEGER NOT NULL, channel INTEGER NOT NULL,
  first_us INTEGER NOT NULL, last_us INTEGER NOT NULL);

-- What decides a price besides the day: model, length of the prompt, speed, place, service tier.
CREATE TABLE price_class (
  id INTEGER PRIMARY KEY, model INTEGER NOT NULL, prompt_bucket INTEGER NOT NULL,
  speed TEXT NOT NULL, geo TEXT NOT NULL, tier TEXT NOT NULL,
  UNIQUE (model, prompt_bucket, speed, geo, tier));

-- One row per billed API response. kind: 0 main thread, 1 subagent, 2 background.
CREATE TABLE response (
  id INTEGER PRIMARY KEY, request INTEGER, session INTEGER NOT NULL, subagent INTEGER NOT NULL,
  kind INTEGER NOT NULL, agent INTEGER NOT NULL, class INTEGER NOT NULL, at_us INTEGER NOT NULL,
  input INTEGER NOT NULL, output INTEGER NOT NULL, cache_creation INTEGER NOT NULL,
  cache_1h INTEGER NOT NULL, cache_read INTEGER NOT NULL, thinking INTEGER, searches INTEGER NOT NULL,
  calls INTEGER NOT NULL, incomplete INTEGER NOT NULL, final INTEGER NOT NULL,
  text_bytes INTEGER NOT NULL, thinking_bytes INTEGER NOT NULL, blocks INTEGER NOT NULL,
  cost INTEGER, cost_prompt INTEGER, cost_read INTEGER, savings INTEGER);
CREATE INDEX response_at ON response (at_us);
CREATE INDEX response_session ON response (session, subagent);

-- One row per tool call: its size, its outcome, and its share of the response that asked for it
-- (output) and of the response whose request carried its result (fresh input, cache writes).
-- handed: the session that has the result in its transcript, which is where its carrier is searched.
CREATE TABLE tool_call (
  id INTEGER PRIMARY KEY, response INTEGER, carrier INTEGER, session INTEGER NOT NULL,
  subagent INTEGER NOT NULL, tool INTEGER NOT NULL, server INTEGER NOT NULL,
  input_bytes INTEGER NOT NULL, result_bytes INTEGER, duration_ms INTEGER, failed INTEGER,
  output INTEGER NOT NULL DEFAULT 0, input INTEGER NOT NULL DEFAULT 0,
  cache_creation INTEGER NOT NULL DEFAULT 0, cache_1h INTEGER NOT NULL DEFAULT 0,
  cost_output INTEGER NOT NULL DEFAULT 0, cost_prompt INTEGER NOT NULL DEFAULT 0, handed INTEGER);
CREATE INDEX tool_call_response ON tool_call (response);
CREATE INDEX tool_call_carrier ON tool_call (carrier) WHERE carrier IS NOT NULL;
CREATE INDEX tool_call_waiting ON tool_call (handed)
  WHERE carrier IS NULL AND result_bytes IS NOT NULL;

-- Totals per quarter of an hour: what reports read, and what stays when single rows are dropped.
CREATE TABLE rollup (
  bucket INTEGER NOT NULL, session INTEGER NOT NULL, kind INTEGER NOT NULL, agent INTEGER NOT NULL,
  class INTEGER NOT NULL,
  calls INTEGER NOT NULL DEFAULT 0, incomplete INTEGER NOT NULL DEFAULT 0,
  unpriced INTEGER NOT NULL DEFAULT 0, input INTEGER NOT NULL DEFAULT 0,
  output INTEGER NOT NULL DEFAULT 0, cache_creation INTEGER NOT NULL DEFAULT 0,
  cache_1h INTEGER NOT NULL DEFAULT 0, cache_read INTEGER NOT NULL DEFAULT 0,
  thinking INTEGER NOT NULL DEFAULT 0, searches INTEGER NOT NULL DEFAULT 0,
  cost INTEGER NOT NULL DEFAULT 0, cost_prompt INTEGER NOT NULL DEFAULT 0,
  cost_read INTEGER NOT NULL DEFAULT 0, savings INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (bucket, session, kind, agent, class)) WITHOUT ROWID;

CREATE TABLE tool_rollup (
  bucket INTEGER NOT NULL, session INTEGER NOT NULL, kind INTEGER NOT NULL, agent INTEGER NOT NULL,
  class INTEGER NOT NULL, tool INTEGER NOT NULL, server INTEGER NOT NULL,
  calls INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
  output INTEGER NOT NULL DEFAULT 0, input INTEGER NOT NULL DEFAULT 0,
  cache_creation INTEGER NOT NULL DEFAULT 0, cache_1h INTEGER NOT NULL DEFAULT 0,
  cost_output INTEGER NOT NULL DEFAULT 0, cost_prompt INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (bucket, session, kind, agent, class, tool, server)) WITHOUT ROWID;

-- How far each transcript was read. The id is a salted hash of the file's place, no path is kept.
CREATE TABLE position (
  id INTEGER PRIMARY KEY, offset INTEGER NOT NULL, size INTEGER NOT NULL, changed_ns INTEGER NOT NULL,
  identity INTEGER NOT NULL, tail INTEGER NOT NULL, ended INTEGER NOT NULL);

-- Responses that were dropped by age: a later copy of one is not counted again.
CREATE TABLE pruned (id INTEGER PRIMARY KEY);

-- The alerts that were sent: one per level, window and session.
CREATE TABLE alert (
  session INTEGER NOT NULL, window TEXT NOT NULL, since_us INTEGER NOT NULL, level INTEGER NOT NULL,
  PRIMARY KEY (session, window, since_us, level)) WITHOUT ROWID;

-- For readers: one row per tool call or label. input_tokens is uncached input, dollars are estimates.
CREATE VIEW usage AS
WITH spent AS (
  SELECT r.*, s.name AS session_name, m.name AS model_name,
    strftime('%Y-%m-%dT%H:%M:%SZ', r.at_us / 1000000, 'unixepoch') AS stamp
  FROM response r JOIN session s ON s.id = r.session JOIN price_class c ON c.id = r.class
  JOIN label m ON m.id = c.model),
written AS (
  SELECT response, SUM(output) AS output, SUM(cost_output) AS cost FROM tool_call
  WHERE response IS NOT NULL GROUP BY response),
carried AS (
  SELECT carrier, SUM(input) AS input, SUM(cost_prompt) AS cost FROM tool_call
  WHERE carrier IS NOT NULL GROUP BY carrier)
SELECT 'tool-' || t.id AS id, COALESCE(r.session_name, b.session_name) AS session_id,
  COALESCE(r.stamp, b.stamp) AS timestamp, COALESCE(r.model_name, b.model_name) AS model,
  n.name AS tool_name, t.input AS input_tokens,
  CASE WHEN r.id IS NULL THEN 0 ELSE t.output END AS output_tokens,
  CASE WHEN r.cost IS NOT NULL OR b.cost IS NOT NULL
    THEN (CASE WHEN r.id IS NULL THEN 0 ELSE t.cost_output END + t.cost_prompt) / 1e9 END AS cost_estimate
FROM tool_call t JOIN label n ON n.id = t.tool LEFT JOIN spent r ON r.id = t.response
  LEFT JOIN spent b ON b.id = t.carrier WHERE r.id IS NOT NULL OR b.id IS NOT NULL
UNION ALL
SELECT 'reply-' || r.id, session_name, stamp, model_name, '(reply)', 0,
  r.output - COALESCE(w.output, 0), (r.cost - r.cost_prompt - r.cost_read - COALESCE(w.cost, 0)) / 1e9
FROM spent r LEFT JOIN written w ON w.response = r.id WHERE r.kind < 2 AND r.calls > 0
UNION ALL
SELECT 'prompt-' || r.id, session_name, stamp, model_name, '(prompt)',
  r.input - COALESCE(c.input, 0), 0, (r.cost_prompt - COALESCE(c.cost, 0)) / 1e9
FROM spent r LEFT JOIN carried c ON c.carrier = r.id
WHERE r.kind < 2 AND r.calls > 0 AND NOT EXISTS (SELECT 1 FROM tool_call t WHERE t.carrier = r.id)
UNION ALL
SELECT 'context-' || id, session_name, stamp, model_name, '(context)', 0, 0, cost_read / 1e9
FROM spent WHERE kind < 2 AND cache_read > 0
UNION ALL
SELECT 'background-' || id, session_name, stamp, model_name, '(background)', input, output, cost / 1e9
FROM spent WHERE kind = 2;
"""

BACKGROUND = """
-- The client's own cumulative totals, per session and model: what background calls are derived from.
CREATE TABLE cost_state (
  id INTEGER NOT NULL, session INTEGER NOT NULL, began_us INTEGER NOT NULL, at_us INTEGER NOT NULL,
  ran_us INTEGER NOT NULL, model INTEGER NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL,
  cache_creation INTEGER NOT NULL, cache_1h INTEGER NOT NULL, cache_read INTEGER NOT NULL,
  thinking INTEGER NOT NULL, searches INTEGER NOT NULL, cost INTEGER NOT NULL,
  PRIMARY KEY (id, model)) WITHOUT ROWID;
CREATE INDEX cost_state_session ON cost_state (session);
CREATE INDEX cost_state_began ON cost_state (began_us);

-- The session that a fork was made from, and until when background calls are known.
ALTER TABLE session ADD COLUMN parent INTEGER;
ALTER TABLE session ADD COLUMN known_us INTEGER;

-- Processes of a session, as SessionStart reported them.
CREATE TABLE process (
  session INTEGER NOT NULL, at_us INTEGER NOT NULL, pid INTEGER NOT NULL,
  PRIMARY KEY (session, at_us)) WITHOUT ROWID;

-- Requests that went out and have no answer yet.
CREATE TABLE open_request (
  id INTEGER PRIMARY KEY, session INTEGER NOT NULL, subagent INTEGER NOT NULL, class INTEGER NOT NULL,
  at_us INTEGER NOT NULL);
CREATE INDEX open_request_session ON open_request (session);

-- The release before this step skipped the lines that have it: read every transcript once more.
DELETE FROM position;
"""

MARKS = """
-- The skill, plugin and MCP server that Claude Code itself charges a response to.
ALTER TABLE response ADD COLUMN skill INTEGER;
ALTER TABLE response ADD COLUMN plugin INTEGER;
ALTER TABLE response ADD COLUMN mcp INTEGER;

-- The time of the last dated line that was read: a line without a time takes it.
ALTER TABLE position ADD COLUMN dated_us INTEGER NOT NULL DEFAULT 0;
"""

QUOTA = """
-- Official percentages belong to an account, which the client seldom names: a series is what was seen in
-- one of its folders (salted hash) as long as the weekly reset stays explained (model/allowance.py).
CREATE TABLE quota_series (id INTEGER PRIMARY KEY, folder INTEGER NOT NULL, account INTEGER);
CREATE INDEX quota_series_folder ON quota_series (folder);

-- One row per reading that was news: used in thousandths of a percent, from at_us (first read)
-- to seen_us (last confirmed). answered: the session's time in the API, which grows with every answer.
CREATE TABLE quota (
  id INTEGER PRIMARY KEY, series INTEGER NOT NULL, window TEXT NOT NULL, source TEXT NOT NULL,
  used INTEGER NOT NULL, resets_us INTEGER NOT NULL, at_us INTEGER NOT NULL, seen_us INTEGER NOT NULL,
  session INTEGER NOT NULL, answered INTEGER NOT NULL, keyed INTEGER NOT NULL);
CREATE INDEX quota_seen ON quota (series, window, seen_us);
CREATE INDEX quota_session ON quota (session, window);

-- When a limit was used up, and which one (empty if only the hook reported it).
CREATE TABLE limit_hit (
  session INTEGER NOT NULL, at_us INTEGER NOT NULL, window TEXT NOT NULL,
  PRIMARY KEY (session, at_us)) WITHOUT ROWID;

-- What the last runs of an agent type took is read before the next one.
CREATE INDEX response_agent ON response (agent, at_us) WHERE kind = 1;
"""

LINEAGE = """
-- What started a subagent: the id of another one, 0 for the main thread, NULL if it is not known. tool: the
-- id of the call that started it, NULL as above.
CREATE TABLE subagent (
  session INTEGER NOT NULL, id INTEGER NOT NULL, parent INTEGER, tool INTEGER,
  PRIMARY KEY (session, id)) WITHOUT ROWID;

-- When a conversation was compacted, and the tokens of its context before and after. A fork shows its
-- parent's too, under the same id. automatic: 0 if the user asked for it.
CREATE TABLE compaction (
  id INTEGER NOT NULL, session INTEGER NOT NULL, subagent INTEGER NOT NULL, at_us INTEGER NOT NULL,
  automatic INTEGER, before INTEGER, after INTEGER, PRIMARY KEY (id, session)) WITHOUT ROWID;
CREATE INDEX compaction_session ON compaction (session);

-- The release before this step skipped the lines that have it: read every transcript once more.
DELETE FROM position;
"""

KEPT_PRICES = """
-- The prices of each class so far, of the table in force (store/write/price_cache.py).
CREATE TABLE kept_price (class TEXT NOT NULL PRIMARY KEY, segments TEXT NOT NULL) WITHOUT ROWID;
"""

LASTED = """
-- Whether a hook reported the duration of any tool call of the session, which an import never
-- does. 1 may be wrong.
ALTER TABLE session ADD COLUMN lasted INTEGER NOT NULL DEFAULT 1;
"""

ASKED = """
-- The model that was asked for, where another name answered: the client's own totals go by it.
ALTER TABLE response ADD COLUMN asked INTEGER;

-- When a process that died without writing its totals first left a sign: what it hid is unknown for good.
ALTER TABLE session ADD COLUMN lost_us INTEGER;

-- The release before this step skipped both: read every transcript once more.
DELETE FROM position;
"""

STEPS: tuple[str, ...] = (FIRST, BACKGROUND, MARKS, QUOTA, LINEAGE, KEPT_PRICES, LASTED, ASKED)

_VIEW = FIRST[FIRST.index("CREATE VIEW usage") :].replace(
    "t.carrier = r.id", matches_response("t.carrier", "r.id")
)

SMALL = (
    # Rows by what their totals are kept by. The time alone needs no index: totals tell which sessions.
    f"""
    CREATE INDEX IF NOT EXISTS response_total ON response (session, at_us / {BUCKET_US});
    DROP INDEX IF EXISTS response_session;
    DROP INDEX IF EXISTS response_at
    """,
    """
    CREATE INDEX IF NOT EXISTS rollup_agent ON rollup (agent, bucket) WHERE kind = 1;
    DROP INDEX IF EXISTS response_agent
    """,
    f"""
    CREATE INDEX IF NOT EXISTS tool_call_asked ON tool_call (response & {ID_BITS});
    DROP INDEX IF EXISTS tool_call_response
    """,
    f"""
    CREATE INDEX IF NOT EXISTS tool_call_carried ON tool_call (carrier & {ID_BITS}) WHERE carrier IS NOT NULL;
    DROP VIEW usage;
    {_VIEW};
    DROP INDEX IF EXISTS tool_call_carrier
    """,
)
"""Scripts that each replace an older index by a small one."""
