"""Caps that the user set, against what was used: pure arithmetic, for the alert and every screen."""

from __future__ import annotations

from usage_dashboard.config.checks import KINDS, nano_usd
from usage_dashboard.model import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.aggregator import Bucket, ToolBucket, Totals


class Budget:
    """A cap on tokens or on estimated dollars for a period: `limit` is tokens, or nano-USD if `in_dollars`.

    `project` and `model` narrow it, empty for all; `kinds` are the token kinds it counts.
    """

    __slots__ = ("in_dollars", "kinds", "limit", "model", "period", "project", "warn_percent")

    def __init__(self, entry: dict[str, object]) -> None:
        self.period = str(entry["period"])
        self.project = str(entry.get("project") or "")
        self.model = str(entry.get("model") or "")
        self.in_dollars = entry.get("tokens") is None
        self.limit = nano_usd(entry["usd"]) if self.in_dollars else int(str(entry["tokens"]))
        kinds = entry.get("kinds")
        self.kinds = tuple(str(kind) for kind in kinds) if isinstance(kinds, list) and kinds else KINDS
        warn = entry.get("warn_percent")
        self.warn_percent = warn if isinstance(warn, int) else 80

    @property
    def identity(self) -> str:
        """A short name that tells this budget from every other, without a word of the user's in it."""
        marks = (self.project, self.model, self.in_dollars, self.limit, *self.kinds)
        return f"{self.period}-{key(repr(marks)):x}"

    def counts(self, bucket: Bucket | ToolBucket) -> bool:
        """Whether usage in `bucket` counts against this budget."""
        return (not self.project or bucket[2] == self.project) and (not self.model or bucket[6] == self.model)

    def used(self, totals: Totals) -> int:
        """What `totals` come to in the budget's own unit: tokens of its kinds, or nano-USD."""
        if self.in_dollars:
            return totals.cost_nusd
        return int(sum(getattr(totals, kind.removesuffix("_tokens")) for kind in self.kinds))


def budgets(config: dict[str, object]) -> list[Budget]:
    """The budgets in the settings, whose check has admitted them."""
    entries = config["budgets"]
    return (
        [Budget(entry) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )


def reached(used: int, limit: int, levels: list[int]) -> int:
    """How many of the ascending `levels` (per cent) `used` has reached: 0 for none."""
    return sum(used * 100 >= level * limit for level in levels)
