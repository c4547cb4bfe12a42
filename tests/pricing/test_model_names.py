"""Names of models: what one model is called on each platform, and in the price table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.pricing.model_names import canonical_model, price_key
from usage_dashboard.pricing.spellings import KNOWN, SPELLINGS
from usage_dashboard.pricing.table import load_table


@pytest.mark.parametrize(
    ("given_name", "canonical_name", "key"),
    [
        ("claude-opus-5-5", "claude-opus-5-5", "claude-opus-5-5"),
        ("claude-opus-5-5[1m]", "claude-opus-5-5", "claude-opus-5-5"),
        ("claude-sonnet-4-5-20250929[1M]", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0[1m]", "claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("anthropic.claude-3-haiku-20240307-v1:0:48k", "claude-3-haiku-20240307", "claude-3-haiku"),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
        ("anthropic.claude-opus-4-6-v1", "claude-opus-4-6", "claude-opus-4-6"),
        ("eu.anthropic.claude-opus-5-5", "claude-opus-5-5", "claude-opus-5-5"),
        ("apac.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("jp.anthropic.claude-haiku-5-5", "claude-haiku-5-5", "claude-haiku-5-5"),
        ("au.anthropic.claude-fable-5-2", "claude-fable-5-2", "claude-fable-5-2"),
        (
            "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "claude-sonnet-4-5-20250929",
            "claude-sonnet-4-5",
        ),
        ("claude-opus-4-5@20251101", "claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet-v2-20241022", "claude-3-5-sonnet"),
        ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("anthropic/claude-4.5-sonnet-20250929", "claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("anthropic/claude-3.7-sonnet:thinking", "claude-3-7-sonnet", "claude-3-7-sonnet"),
        ("anthropic/claude-opus-5.5", "claude-opus-5-5", "claude-opus-5-5"),
        ("openrouter/anthropic/claude-opus-4.6", "claude-opus-4-6", "claude-opus-4-6"),
        ("anthropic/claude-haiku-4-5-20251001", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("vertex_ai/claude-opus-4-5@20251101", "claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("vertex_ai/claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
        (
            "projects/p1/locations/global/publishers/anthropic/models/claude-sonnet-4-6",
            "claude-sonnet-4-6",
            "claude-sonnet-4-6",
        ),
        ("bedrock/us.anthropic.claude-opus-4-6-v1", "claude-opus-4-6", "claude-opus-4-6"),
        (
            "bedrock/converse/eu.anthropic.claude-haiku-4-5-20251001-v1:0",
            "claude-haiku-4-5-20251001",
            "claude-haiku-4-5",
        ),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "claude-sonnet-4-5-20250929",
            "claude-sonnet-4-5",
        ),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-6-v1",
            "claude-opus-4-6",
            "claude-opus-4-6",
        ),
        ("databricks-claude-sonnet-4-5", "claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("databricks/databricks-claude-3-7-sonnet", "claude-3-7-sonnet", "claude-3-7-sonnet"),
        ("claude-sonnet-4.5", "claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("claude-3.5-sonnet", "claude-3-5-sonnet", "claude-3-5-sonnet"),
        ("claude-3.7-sonnet-thought", "claude-3-7-sonnet", "claude-3-7-sonnet"),
        ("claude-opus-41", "claude-opus-4-1", "claude-opus-4-1"),
        ("github_copilot/claude-haiku-4.5", "claude-haiku-4-5", "claude-haiku-4-5"),
        ("anthropic/claude-sonnet-9.5", "anthropic/claude-sonnet-9.5", "anthropic/claude-sonnet-9.5"),
        ("acme/claude-sonnet-4.5", "acme/claude-sonnet-4.5", "acme/claude-sonnet-4.5"),
        ("my-claude-sonnet-4-5", "my-claude-sonnet-4-5", "my-claude-sonnet-4-5"),
        ("claude-sonnet-4.5-turbo", "claude-sonnet-4.5-turbo", "claude-sonnet-4.5-turbo"),
        ("databricks-dbrx-instruct", "databricks-dbrx-instruct", "databricks-dbrx-instruct"),
        (
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc",
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc",
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc",
        ),
        ("claude-opus-5-5@default", "claude-opus-5-5", "claude-opus-5-5"),
        ("claude-opus-4-20250514", "claude-opus-4-20250514", "claude-opus-4"),
        ("claude-opus-4-0", "claude-opus-4-0", "claude-opus-4"),
        ("claude-sonnet-4-0", "claude-sonnet-4-0", "claude-sonnet-4"),
        ("claude-opus-4-1-20250805", "claude-opus-4-1-20250805", "claude-opus-4-1"),
        ("claude-3-7-sonnet-20250219", "claude-3-7-sonnet-20250219", "claude-3-7-sonnet"),
        ("claude-3-7-sonnet-latest", "claude-3-7-sonnet-latest", "claude-3-7-sonnet"),
        ("Claude-Opus-5-5", "Claude-Opus-5-5", "claude-opus-5-5"),
        ("glm-4.6-20250930", "glm-4.6-20250930", "glm-4.6-20250930"),
        ("a.b.anthropic.claude-opus-5", "a.b.anthropic.claude-opus-5", "a.b.anthropic.claude-opus-5"),
        ("my.anthropic.proxy", "my.anthropic.proxy", "my.anthropic.proxy"),
        ("someone@example.org", "someone@example.org", "someone@example.org"),
        ("anthropic.claude-v2:1", "claude-v2:1", "claude-v2:1"),
        ("<synthetic>", "<synthetic>", "<synthetic>"),
        ("[1m]", "[1m]", "[1m]"),
        ("", "", ""),
    ],
)
def test_one_model_has_one_name_on_every_platform(given_name: str, canonical_name: str, key: str) -> None:
    assert (canonical_model(given_name), price_key(given_name)) == (canonical_name, key)


def test_the_spellings_are_of_the_models_of_the_price_table() -> None:
    priced = {model.id for model in load_table().models()}
    assert set(KNOWN) == priced == set(SPELLINGS.values())


@given(st.text(max_size=40))
def test_a_name_stays_as_it_is_once_it_is_canonical(name: str) -> None:
    assert price_key(price_key(name)) == price_key(canonical_model(name))
