"""The readers, in the order in which they are asked. The more particular stand first."""

from palermo.formats.material.disk import DISK
from palermo.formats.material.found import Reader
from palermo.formats.material.wacz import WACZ
from palermo.formats.material.warc import WARC

READERS: tuple[Reader, ...] = (WACZ, WARC, DISK)
