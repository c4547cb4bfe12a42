"""One name per model, whichever platform the call went through.

The same model is `claude-opus-4-5-20251101` at Anthropic, `us.anthropic.claude-opus-4-5-20251101-v1:0`
on Bedrock and `claude-opus-4-5@20251101` on Vertex; Claude Code adds `[1m]` for the long context.
Source: platform.claude.com/docs/en/about-claude/models/overview, the table of model ids. What gateways
call a model is in `spellings`.
"""

_VERTEX_NEWEST = ("default", "latest")
_COPILOT = ("-41", "-thought")
_ALIASES = {"claude-opus-4-0": "claude-opus-4", "claude-sonnet-4-0": "claude-sonnet-4"}


def canonical_model(model: str) -> str:
    """Return the name of `model` in Anthropic's own API, date included; other names as they are."""
    name = model
    if name.endswith("]"):
        name = name.partition("[")[0]
    name = _without_bedrock(name)
    if not name.startswith("claude-") or "." in name or name.endswith(_COPILOT):
        from usage_dashboard.pricing.spellings import known_model  # noqa: PLC0415 - only behind a gateway

        known = known_model(name)
        name = _without_bedrock(known) if known != name.lower() and known else name
    head, at, version = name.rpartition("@")
    if at and head and _is_date(version):
        name = f"{head}-{version}"
    elif at and head and version in _VERTEX_NEWEST:
        name = head
    return name or model


def price_key(model: str) -> str:
    """Return the name of `model` in the price table: canonical, lower case, without date or revision.

    A name that is not Claude's keeps its date, since other vendors' prices may differ by date.
    """
    key = canonical_model(model).lower()
    if not key.startswith("claude-"):
        return key
    key = key.removesuffix("-latest")
    head, _, last = key.rpartition("-")
    if _is_date(last):
        key = head
    key = _without_revision(key)
    return _ALIASES.get(key, key)


def _without_bedrock(name: str) -> str:
    """Return `name` without Bedrock's `us.anthropic.` (any region, or none) and its revision `-v1:0`."""
    region, separator, rest = name.partition("anthropic.")
    if not separator or not rest.startswith("claude-"):
        return name
    if region and not (region.endswith(".") and region[:-1].replace("-", "").isalpha()):
        return name
    return _without_revision(rest)


def _without_revision(name: str) -> str:
    """Return `name` without a last `-v1`, `-v2:0` or `-v1:0:48k`; `claude-v2` is a model, not a revision."""
    head, _, revision = name.rpartition("-v")
    number = revision.partition(":")[0]
    if number.isascii() and number.isdecimal() and any(letter.isdecimal() for letter in head):
        return head
    return name


def _is_date(text: str) -> bool:
    return len(text) == 8 and text.isascii() and text.isdecimal()
