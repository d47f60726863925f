"""An authority: the written ground on which a person may take in, look at or disclose material.

Pure data. Whether it covers what is being asked, and when, is judged by the `law` room.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisedBy:
    """The person who authorised, and the office in which they did (`role`, a term of the pack)."""

    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the authority reaches. An empty tuple leaves that dimension unlimited.

    `material` holds kinds of material (`ads`, `posts`, `messages`, `pages`, `statements`,
    `devices`, …), `platforms` names of services, `measures` what may be done with it.
    """

    material: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One authority file. `power` names an entry of a law pack, as `pack/power`.

    `valid_from` and `valid_until` are timezone-aware; `valid_until` is the first instant at which
    the authority no longer holds. `regime` names the variant of the power where a pack knows
    several (`enquiry`, `information`, …); it may stay empty when the authorising role tells.
    `sha256` is the hash of the file it was read from.
    """

    organisation: str
    power: str
    legal_basis: str
    purpose: str
    case: str
    authorised_by: AuthorisedBy
    valid_from: datetime
    valid_until: datetime
    scope: Scope = field(default_factory=Scope)
    offences: tuple[str, ...] = ()
    renewals: int = 0
    regime: str = ""
    sha256: str = ""
