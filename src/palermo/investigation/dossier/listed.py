"""A list of which only a part may be shown: the length of the whole never gets lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """The part of a list that is shown, and the length of the whole list."""

    shown: tuple[T, ...] = ()
    total: int = 0

    def __post_init__(self) -> None:
        if self.total < len(self.shown):
            raise ValueError(f"total is {self.total}, but {len(self.shown)} entries are shown")

    @classmethod
    def of(cls, items: Sequence[T], limit: int | None = None) -> "Listed[T]":
        """Show the first `limit` of `items` (all of them when `limit` is None)."""
        return cls(tuple(items if limit is None else items[:limit]), len(items))

    def first(self, limit: int) -> "Listed[T]":
        """Show at most `limit` entries; the total stays."""
        return Listed(self.shown[:limit], self.total)

    def each(self, change: Callable[[T], T]) -> "Listed[T]":
        """Apply `change` to every entry that is shown."""
        return Listed(tuple(map(change, self.shown)), self.total)
