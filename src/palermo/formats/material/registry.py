"""The readers, in the order in which they are asked. The more particular stand first."""

from palermo.formats.material.archive import ZIP
from palermo.formats.material.cookies import COOKIES
from palermo.formats.material.disk import DISK
from palermo.formats.material.found import Reader
from palermo.formats.material.instagram import INSTAGRAM
from palermo.formats.material.mail import EML, MBOX
from palermo.formats.material.office import OFFICE
from palermo.formats.material.photo import PHOTOS
from palermo.formats.material.signal_export import SIGNAL
from palermo.formats.material.sqlite import SQLITE
from palermo.formats.material.telegram import TELEGRAM
from palermo.formats.material.telegram_html import TELEGRAM_HTML
from palermo.formats.material.wacz import WACZ
from palermo.formats.material.warc import WARC
from palermo.formats.material.whatsapp import WHATSAPP

READERS: tuple[Reader, ...] = (
    SQLITE,
    COOKIES,
    *PHOTOS,
    OFFICE,
    WACZ,
    WARC,
    DISK,
    TELEGRAM,
    TELEGRAM_HTML,
    INSTAGRAM,
    SIGNAL,
    WHATSAPP,
    MBOX,
    EML,
    ZIP,
)
