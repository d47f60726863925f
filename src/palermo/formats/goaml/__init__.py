"""goAML: reports to a financial intelligence unit, read, checked and written.

The core schema (4.0 and 5.0) and the profiles of jurisdictions are data; the code knows no country.
"""

from palermo.formats.goaml.check import Issue, Severity, check
from palermo.formats.goaml.profile import Profile, profiles, read_profile
from palermo.formats.goaml.schema import VERSIONS, core
from palermo.formats.goaml.tree import Node, parse_xml, read_xml, write_xml
from palermo.formats.goaml.xsd import schema_text

__all__ = [
    "VERSIONS",
    "Issue",
    "Node",
    "Profile",
    "Severity",
    "check",
    "core",
    "parse_xml",
    "profiles",
    "read_profile",
    "read_xml",
    "schema_text",
    "write_xml",
]
