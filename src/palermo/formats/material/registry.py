"""The readers, in the order in which they are asked. The more particular stand first."""

from palermo.formats.material.found import Reader

READERS: tuple[Reader, ...] = ()
