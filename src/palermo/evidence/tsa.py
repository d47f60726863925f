"""Asking a time-stamping authority for a stamp, over HTTP (RFC 3161, section 3.4).

Guarantees that an answer which is returned belongs to the question: it was granted, its signature
holds, it stamps exactly the given bytes and repeats the nonce of this request, so that it is no
older answer. Whether the authority is to be trusted is decided when the stamp is verified. Only the
digest of the data leaves the machine.
"""

import http.client
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from palermo.evidence.timestamp import NotGranted, verify_stamp
from palermo.model.errors import Refused, Unreadable

_LONGEST = 256 << 10  # an answer takes a few thousand bytes
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


def request_stamp(url: str, data: bytes, *, timeout: float) -> bytes:
    """Ask the authority at `url` for a stamp of `data`; return the DER of its TimeStampResp.

    What is sent is the SHA-256 of `data`. Proxies are taken from the environment. A redirection is
    not followed: a stamp is asked of the address somebody chose. `timeout`, in seconds, bounds the
    whole exchange.

    Raises:
        Unreadable: `url` is no HTTP address, `data` is empty, or the authority cannot be reached,
            does not answer in time, or does not grant a stamp.
        Refused: the answer does not belong to the question.
    """
    # Only asking needs it; whoever verifies does without.
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415

    if urlsplit(url).scheme not in {"http", "https"}:
        raise Unreadable(f"{url}: expected the address of an authority, http://… or https://…")
    if not data:
        raise Unreadable("time stamp: there is nothing to stamp, the data is empty")
    query = TimestampRequestBuilder(data, HashAlgorithm.SHA256, nonce=True, cert_req=True).build()
    response = _post(url, query.as_bytes(), timeout)
    try:
        stamp = verify_stamp(response, data, roots=(), at=None)
    except Unreadable as error:
        raise Unreadable(f"{url}: {error}; the answer is no time stamp") from None
    except Refused as error:
        raise _refusal(url, error) from None
    if stamp.nonce != query.nonce:
        raise Refused(f"{url}: the time stamp answers another request (its nonce differs)")
    return response


def _refusal(url: str, error: Refused) -> Exception:
    """Tell an authority that gives no stamp (try again) from one whose stamp is wrong."""
    kind = Unreadable if isinstance(error, NotGranted) else Refused
    return kind(f"{url}: {error}")


def _post(url: str, body: bytes, timeout: float) -> bytes:
    """Send a request and read the answer, bounded in size and time."""
    request = urllib.request.Request(  # noqa: S310 - the caller has checked the scheme
        url, data=body, headers={"Content-Type": _QUERY, "Accept": _REPLY}, method="POST"
    )
    deadline = time.monotonic() + timeout
    try:
        with _opener().open(request, timeout=timeout) as answer:
            return _read(answer, deadline)
    except urllib.error.HTTPError as error:
        with error:
            where = error.headers.get("Location") if 300 <= error.code < 400 else None
        advice = (
            f"it moved to {where!r}: name that address if you trust it" if where else "try later"
        )
        raise Unreadable(f"{url}: the authority answers {error.code}; {advice}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise Unreadable(
            f"{url}: the authority cannot be reached ({why}); check the address and the network"
        ) from None


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    parts, size = [], 0
    while part := answer.read1(16 << 10):
        parts.append(part)
        size += len(part)
        if size > _LONGEST:
            raise ValueError(f"it sends more than {_LONGEST:,} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError("it did not answer in time")
    return b"".join(parts)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves a redirection as the error it is for a request that carries a body."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener that knows HTTP and HTTPS and nothing else, such as files."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _NoRedirect(),
    ):
        opener.add_handler(handler)
    return opener
