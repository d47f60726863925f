"""The XSD of a profile, made from the same lists as our own check.

Guarantees that an outside validator that reads only this file accepts what `check` finds without
errors of structure and value; what fields say together (`rules.RULES`) no XSD 1.0 can hold.
"""

from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from palermo.formats.goaml.profile import Profile
from palermo.formats.goaml.schema import ROOT, Element, Group, Occurs, Part, elements
from palermo.formats.goaml.values import SHAPES, SIMPLE


def schema_text(profile: Profile) -> str:
    """Return the XSD as text; same profile, same text."""
    title = escape(profile.title).replace("--", "- -")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- goAML {profile.version}, profile {escape(profile.name)}: {title}. -->",
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">',
        f'  <xs:element name="{ROOT}" type="{ROOT}"/>',
    ]
    for name in sorted(profile.schema.types):
        lines += [f'  <xs:complexType name="{name}">', "    <xs:sequence>"]
        for part in profile.schema.types[name]:
            _part(part, profile, 6, lines.append)
        lines += ["    </xs:sequence>", "  </xs:complexType>"]
    used = {
        one.codes
        for parts in profile.schema.types.values()
        for one in elements(parts)
        if one.codes in profile.lists
    }
    for name in sorted(used):
        lines += [f'  <xs:simpleType name="list.{name}">', '    <xs:restriction base="xs:string">']
        lines += [
            f"      <xs:enumeration value={quoteattr(code)}/>" for code in profile.lists[name]
        ]
        lines += ["    </xs:restriction>", "  </xs:simpleType>"]
    return "\n".join([*lines, "</xs:schema>", ""])


def _part(part: Part, profile: Profile, indent: int, out: Callable[[str], None]) -> None:
    blanks = " " * indent
    if isinstance(part, Group):
        kind = "choice" if part.choice else "sequence"
        out(f"{blanks}<xs:{kind}{_occurs(part.occurs)}>")
        for one in part.parts:
            _part(one, profile, indent + 2, out)
        out(f"{blanks}</xs:{kind}>")
    elif not part.simple:
        out(f'{blanks}<xs:element name="{part.name}" type="{part.type}"{_occurs(part.occurs)}/>')
    elif part.codes in profile.lists:
        out(
            f'{blanks}<xs:element name="{part.name}" type="list.{part.codes}"'
            f"{_occurs(part.occurs)}/>"
        )
    else:
        out(f'{blanks}<xs:element name="{part.name}"{_occurs(part.occurs)}>')
        out(f"{blanks}  <xs:simpleType>")
        out(f'{blanks}    <xs:restriction base="xs:{SIMPLE[part.type].base}">')
        for facet, value in _facets(part):
            out(f"{blanks}      <xs:{facet} value={quoteattr(value)}/>")
        out(f"{blanks}    </xs:restriction>")
        out(f"{blanks}  </xs:simpleType>")
        out(f"{blanks}</xs:element>")


def _occurs(occurs: Occurs) -> str:
    most = "unbounded" if occurs.most is None else str(occurs.most)
    return (f' minOccurs="{occurs.least}"' if occurs.least != 1 else "") + (
        f' maxOccurs="{most}"' if most != "1" else ""
    )


def _facets(part: Element) -> Iterator[tuple[str, str]]:
    simple = SIMPLE[part.type]
    length = part.length or simple.length
    if length:
        yield "minLength", str(length[0])
        yield "maxLength", str(length[1])
    # Patterns of one step are alternatives in XSD; a second condition would need a step of its own.
    yield from _patterns([SHAPES.get(part.codes) or simple.pattern, part.pattern])
    least = str(part.least) if part.least is not None else simple.least
    most = str(part.most) if part.most is not None else simple.most
    if least:
        yield "minInclusive", least
    if most:
        yield "maxInclusive", most


def _patterns(patterns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the narrowest pattern: the profile's own where it has one.

    `boolean` takes the same words by itself, and no pattern is needed for it.
    """
    for pattern in reversed(patterns):
        if pattern:
            yield "pattern", pattern
            return
