"""Groups that grow by joining; a group is named by its smallest member and knows its size."""

import numpy as np
import numpy.typing as npt

from palermo.analysis.compiled import compiled

Ints = npt.NDArray[np.int64]


@compiled
def _roots(parent: Ints, members: Ints) -> Ints:
    roots = np.empty_like(members)
    for at in range(members.shape[0]):
        node = members[at]
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        roots[at] = node
    return roots


@compiled
def _join(parent: Ints, size: Ints, roots: Ints) -> None:
    target = roots.min()
    for at in range(roots.shape[0]):
        root = roots[at]
        if root != target and parent[root] == root:
            parent[root] = target
            size[target] += size[root]


class Components:
    """Disjoint groups over the integers 0 … n-1."""

    def __init__(self, n: int) -> None:
        self._parent: Ints = np.arange(n, dtype=np.int64)
        self._size: Ints = np.ones(n, dtype=np.int64)

    def groups(self, members: Ints) -> Ints:
        """Return the group of each of `members`, same shape."""
        return _roots(self._parent, members)

    def size(self, group: int) -> int:
        """Return the number of members of a group."""
        return int(self._size[group])

    def join(self, members: Ints) -> None:
        """Make one group of all the groups that `members` lie in."""
        _join(self._parent, self._size, _roots(self._parent, members))

    @property
    def label(self) -> Ints:
        """Group of every integer, shape (n,)."""
        return _roots(self._parent, np.arange(len(self._parent), dtype=np.int64))
