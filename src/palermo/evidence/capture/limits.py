"""What a capture may cost at most. A page that asks for more is cut off and the record says so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Upper bounds of one capture. Seconds, bytes, pixels and counts."""

    seconds: float = 90.0  # everything together; then the browser is ended
    load_seconds: float = 40.0  # until the page is taken as it stands
    quiet_seconds: float = 1.0  # without any request, after which a page counts as loaded
    connect_seconds: float = 15.0
    total_bytes: int = 200 << 20  # of all bodies, after decompression
    body_bytes: int = 50 << 20  # of one body, after decompression
    head_bytes: int = 256 << 10  # of the head of one response
    requests: int = 1500
    redirects: int = 15  # in a row
    navigations: int = 10  # of the page itself, by script or refresh
    dialogs: int = 10
    messages: int = 200  # on the console
    page_pixels: int = 16_000  # height of the picture; browsers draw no more in one piece
    page_nodes: int = 300_000  # of the document
    paper_pages: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What the page is told about its viewer. An empty text leaves it to the browser."""

    width: int = 1280
    height: int = 900
    locale: str = "en-US"
    time_zone: str = "UTC"
    user_agent: str = ""
