"""The readers, in the order in which they are asked. The more particular stand first."""

from palermo.formats.material.cookies import COOKIES
from palermo.formats.material.found import Reader
from palermo.formats.material.office import OFFICE
from palermo.formats.material.photo import PHOTOS
from palermo.formats.material.sqlite import SQLITE

READERS: tuple[Reader, ...] = (
    SQLITE,
    COOKIES,
    *PHOTOS,
    OFFICE,
)
