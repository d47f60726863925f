"""goAML: reports to a financial intelligence unit, read, checked and written.

The core schema (4.0 and 5.0) and the profiles of jurisdictions are data; the code knows no country.
"""

from palermo.formats.goaml.check import check
from palermo.formats.goaml.form import GoAml, version_of
from palermo.formats.goaml.profile import Profile, profiles, read_profile
from palermo.formats.goaml.schema import VERSIONS, core
from palermo.formats.goaml.transactions import transactions
from palermo.formats.goaml.tree import Node, parse_xml, read_xml, write_xml
from palermo.formats.goaml.xsd import schema_text

__all__ = [
    "VERSIONS",
    "GoAml",
    "Node",
    "Profile",
    "check",
    "core",
    "parse_xml",
    "profiles",
    "read_profile",
    "read_xml",
    "schema_text",
    "transactions",
    "version_of",
    "write_xml",
]
