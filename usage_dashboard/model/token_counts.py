"""What the `usage` of a response counts for: its tokens, and the length of prompt that decides its price.

Each decoder of transcript lines says where the numbers are; what they mean is said here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    PriceClass = tuple[str, int, str, str, str]
    """What decides a response's price besides its time: (model, prompt bucket, speed, geo, service tier)."""

UP_TO_100K, OVER_100K, OVER_200K = 0, 1, 2
PROMPT_FLOORS = (0, 100_000, 200_000)
"""A bucket's prompts have more tokens than this."""

OWN_ITERATION = "message"
"""The type of iterations that the usage at the top adds up."""

EXTRA_ITERATIONS = ("compaction", "advisor_message")
"""Types of iterations billed beside the usage at the top (Messages API types, anthropic 2.12.0)."""


class TokenCounts:
    """Tokens of one response as one line shows them (Messages API reference, `usage`).

    `cache_creation` includes the part `cache_1h`; `thinking` is a part of `output`, None if the client
    does not say. `prompt` is the length of the longest prompt, `searches` are calls of web search.
    """

    __slots__ = (
        "cache_1h", "cache_creation", "cache_read", "input", "output", "prompt", "searches", "thinking",
    )  # fmt: skip

    def __init__(
        self,
        tokens: tuple[int, int, int],
        written: tuple[int, int, int],
        parts: tuple[int | None, int] = (None, 0),
        prompts: Iterable[int] = (),
    ) -> None:
        """Count one line.

        Args:
            tokens: Fresh input, output, cache reads.
            written: Cache writes: their total, those kept for five minutes and for an hour.
            parts: Thinking tokens and web searches.
            prompts: The length of the prompt of each iteration of type `OWN_ITERATION`.
        """
        self.input, self.output, self.cache_read = tokens
        total, five_minutes, self.cache_1h = written
        # A copy made by a fork after a compaction has its total zeroed but not the split.
        self.cache_creation = max(total, five_minutes + self.cache_1h)
        thinking, self.searches = parts
        self.thinking = None if thinking is None else min(thinking, self.output)
        # Each iteration is priced by its own prompt, while the usage at the top has their sum.
        longest = max(prompts, default=0) if prompts else 0
        self.prompt = longest or self.input + self.cache_creation + self.cache_read


def prompt_bucket(prompt_tokens: int) -> int:
    """The class of a prompt's length: `UP_TO_100K`, `OVER_100K` or `OVER_200K`.

    `prompt_tokens` counts fresh input, cache writes and cache reads; a threshold is crossed only by
    more tokens than it names (platform.claude.com/docs/en/about-claude/pricing#long-context-pricing).
    """
    return (prompt_tokens > PROMPT_FLOORS[OVER_100K]) + (prompt_tokens > PROMPT_FLOORS[OVER_200K])
