"""What gateways and clouds call the models of Claude, as a table: a name that is not in it is never guessed.

A name is one of the prefixes below, or none, and one of the spellings of a known model. Loaded only for
names that are not Anthropic's own. Where each was seen:

- OpenRouter: `anthropic/claude-sonnet-4.5` (openrouter.ai/models), its dated slugs such as
  `anthropic/claude-4.5-sonnet-20250929` (`canonical_slug` in openrouter.ai/api/v1/models), and `:thinking`.
- LiteLLM: `openrouter/…`, `vertex_ai/…`, `bedrock/…`, `databricks/…`, `github_copilot/…`, `anthropic/…`,
  `azure_ai/…` before a provider's own name (docs.litellm.ai/docs/providers).
- GitHub Copilot: `claude-sonnet-4.5`, `claude-opus-41`, `claude-3.7-sonnet-thought` (the ids of its
  `/models`; docs.github.com/copilot/reference/ai-models/supported-models).
- Databricks: `databricks-claude-sonnet-4-5` (docs.databricks.com, "Foundation models on Databricks").
- Vertex AI: `publishers/anthropic/models/claude-opus-4-5@20251101` (docs.cloud.google.com, "Claude models").
- Bedrock: `arn:aws:bedrock:…:inference-profile/us.anthropic.claude-…` and `…::foundation-model/anthropic.…`
  (docs.aws.amazon.com/bedrock, "Supported Regions and models for inference profiles").
"""

from __future__ import annotations

KNOWN = (
    "claude-fable-5-2", "claude-mythos-5-2", "claude-fable-5-1", "claude-mythos-5-1", "claude-fable-5",
    "claude-mythos-5", "claude-opus-5-5", "claude-opus-5", "claude-opus-4-8", "claude-opus-4-7",
    "claude-opus-4-6", "claude-opus-4-5", "claude-opus-4-1", "claude-opus-4", "claude-sonnet-5-5",
    "claude-sonnet-5", "claude-sonnet-4-6", "claude-sonnet-4-5", "claude-sonnet-4", "claude-3-7-sonnet",
    "claude-3-5-sonnet", "claude-3-sonnet", "claude-3-opus", "claude-haiku-5-5", "claude-haiku-4-5",
    "claude-3-5-haiku", "claude-3-haiku",
)  # fmt: skip
"""The models of the price table, to which the spellings below belong."""

PREFIXES = (
    "openrouter/anthropic/", "anthropic/", "vertex_ai/", "bedrock/converse/", "bedrock/invoke/", "bedrock/",
    "github_copilot/", "databricks/databricks-", "databricks-", "azure_ai/", "publishers/anthropic/models/",
)  # fmt: skip
ENDINGS = (":thinking", ":beta", "-thought")
ODD = {"claude-opus-41": "claude-opus-4-1"}
_RESOURCES = ("inference-profile/", "foundation-model/", "publishers/anthropic/models/")


def _spellings() -> dict[str, str]:
    """Every spelling of a known model: its id, with a dotted version, and with the version first."""
    table = dict(ODD)
    for model in KNOWN:
        parts = model.split("-")[1:]
        family = next(part for part in parts if part.isalpha())
        version = [part for part in parts if part.isdecimal()]
        for joined in ("-".join(version), ".".join(version)):
            first = f"claude-{joined}-{family}"
            table[f"claude-{family}-{joined}"] = table[first] = model
    return table


SPELLINGS = _spellings()


def known_model(name: str) -> str:
    """Return the name in Anthropic's own API, in Vertex AI's or in Bedrock's that `name` stands for, or "".

    A date is kept where it is Anthropic's own; the dates of OpenRouter's slugs are its own.
    """
    rest = _without_resource(name.lower())
    for prefix in PREFIXES:
        if rest.startswith(prefix):
            rest = rest.removeprefix(prefix)
            break
    for ending in ENDINGS:
        rest = rest.removesuffix(ending)
    if "anthropic.claude-" in rest:
        return rest  # Bedrock's own name
    plain, at, version = rest.partition("@")
    head, _, date = plain.rpartition("-")
    if len(date) == 8 and date.isdecimal() and head in SPELLINGS:
        return plain if SPELLINGS[head] == head else SPELLINGS[head]
    known = SPELLINGS.get(plain.removesuffix("-v2") if at else plain, "")
    return f"{known}@{version}" if known and at else known


def _without_resource(name: str) -> str:
    """Return the last part of the name of a resource at AWS or at Google; other names as they are."""
    if name.startswith(("arn:aws", "bedrock/arn:aws", "projects/", "publishers/")):
        for kind in _RESOURCES:
            before, found, rest = name.rpartition(kind)
            if found and not before.endswith("application-"):
                return rest
    return name
