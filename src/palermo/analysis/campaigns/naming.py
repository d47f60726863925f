"""A campaign's name comes from the contents of its members, so every run gives the same one."""

import hashlib

import numpy as np
import numpy.typing as npt


def name_of(contents: npt.NDArray[np.uint64]) -> str:
    """Return the name of the campaign whose members have these content hashes, ascending.

    'c-' and 12 hexadecimal digits: BLAKE2b over the hashes, eight big-endian bytes each.
    """
    digest = hashlib.blake2b(contents.astype(">u8").tobytes(), digest_size=6)
    return f"c-{digest.hexdigest()}"


def number_groups(
    contents: npt.NDArray[np.uint64], group: npt.NDArray[np.int64], posts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Number the campaigns among the groups, and name them.

    `contents` are ascending, `group[i]` is the same for contents of one group, and `posts[i]` says
    how many items have content i. Returns the campaign of each content, -1 for none, and the
    names. A group is a campaign when more than one item is in it; content 0 says nothing.
    """
    order = np.argsort(group, kind="stable")
    begins = np.flatnonzero(np.diff(group[order], prepend=-1))
    items = np.add.reduceat(posts[order], begins) if len(order) else posts
    campaign = np.full(len(contents), -1, dtype=np.int32)
    names: list[str] = []
    ends = np.append(begins[1:], len(order))[: len(begins)]
    for begin, end, count in zip(begins.tolist(), ends.tolist(), items.tolist(), strict=True):
        members = order[begin:end]
        if count > 1 and contents[members[0]] != 0:
            campaign[members] = len(names)
            names.append(name_of(contents[members]))
    return campaign, names
