"""Plain borders around a picture: bars, frames and margins that were added to it.

Guarantees that only whole rows and columns of one colour are taken for a border, within what saving
with losses does to a colour, and that at least a third of either side remains.
"""

import numpy as np

from palermo.analysis.images.pdq import Pixels

#: How far a border's samples may lie from its colour, in steps of 255.
_TOLERANCE = 14
#: Share of a row's pixels that must have the border's colour; the rest are specks.
_SHARE = 0.99
_LEAST_LEFT = 1 / 3
#: Rows over which saving with losses smears an edge: a block of JPEG with colours at half the size.
_BLOCK = 16
#: A border thinner than this share of the side changes the hash too little to matter.
_LEAST_BORDER = 0.01


def trimmed(pixels: Pixels) -> Pixels | None:
    """Return the picture without its borders, None when it has none; shape (h, w, 3)."""
    height, width = pixels.shape[:2]
    top, bottom = _edges(pixels)
    left, right = _edges(pixels[top:bottom].swapaxes(0, 1))
    # Bars at the sides may hide that bars lie above and below them as well.
    more, less = _edges(pixels[top:bottom, left:right])
    top, bottom = top + more, top + less
    inner = pixels[top:bottom, left:right]
    cut_rows, cut_columns = height - inner.shape[0], width - inner.shape[1]
    if cut_rows < _LEAST_BORDER * height and cut_columns < _LEAST_BORDER * width:
        return None
    if inner.shape[0] < _LEAST_LEFT * height or inner.shape[1] < _LEAST_LEFT * width:
        return None
    return np.ascontiguousarray(inner)


def _edges(pixels: Pixels) -> tuple[int, int]:
    """Return the first row that is no border, and the first of the border behind, or (0, n)."""
    rows = len(pixels)
    start = _edge(pixels)
    if start == rows:
        return 0, rows
    return start, rows - _edge(pixels[::-1])


def _edge(pixels: Pixels) -> int:
    """Count the rows of the border that the first row belongs to.

    Saving with losses smears the edge of a picture over the block of rows that it lies in, so the
    sharpest step within a block is taken for the edge.
    """
    start = _depth(pixels)
    if not start or start == len(pixels):
        return start
    near = pixels[start - 1 : start + min(_BLOCK, len(pixels) // 12)].astype(np.int16)
    if len(near) < 2:
        return start
    steps = np.abs(np.diff(near, axis=0)).mean(axis=(1, 2))
    return start + int(steps.argmax())


def _depth(pixels: Pixels) -> int:
    """Count the rows from the first on that all have the colour of the first."""
    colour = np.median(pixels[0], axis=0).astype(np.int16)
    for row in range(len(pixels)):
        far = np.abs(pixels[row].astype(np.int16) - colour).max(axis=1) > _TOLERANCE
        if far.mean() > 1 - _SHARE:
            return row
    return len(pixels)
