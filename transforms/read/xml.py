"""XML from strangers to a tree: no entity, nothing from outside, elements and depth within the limits."""

from __future__ import annotations

import html
import io
import re
from html import entities
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from scenesign.schemas.records import RejectError
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.charsets import known_codec
from scenesign.transforms.text.lines import join_lines

# Names of characters, and the numbers that every browser takes for those of Windows' code page.
_REFERENCE = re.compile(r"&(#(?:1[2-5]\d|[xX][89][0-9a-fA-F])|[A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
# The parser would hand a name that it doesn't know to any codec of Python's.
_ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\x21-\x7e]{0,60}?)["']""")
_LINE_END = re.compile(r"[\r\n]+")
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


def parse_xml(data: bytes, limits: Limits) -> Element:
    """A tree of small depth, without entities, DTDs' external parts or network."""
    declared = _ENCODING.match(data)
    if declared and not known_codec(name := declared[1].decode("ascii")):
        raise RejectError("damaged-xml", f"the XML declares {name!r}, which is no encoding of text; get the file again")
    depth = elements = 0
    root: Element | None = None
    try:
        for event, element in ElementTree.iterparse(
            io.BytesIO(data), events=("start", "end"), forbid_entities=True, forbid_external=True
        ):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            elements += event == "start"
            if elements > limits.xml_elements:
                raise RejectError("too-large", f"over {limits.xml_elements:,} XML elements; see --limit xml_elements")
            if depth > limits.xml_nesting:
                raise RejectError("too-nested", f"XML elements nested over {limits.xml_nesting} deep")
    except DefusedXmlException as error:
        raise RejectError("unsafe-xml", "the XML defines entities or points outside; refused") from error
    except (ParseError, ValueError, LookupError) as error:
        raise RejectError("damaged-xml", f"the XML can't be parsed ({error}); get the file again") from error
    if root is None:
        raise RejectError("damaged-xml", "the XML file is empty")
    return root


def local_name(tag: Any) -> str:
    """Element name without its namespace, in small letters; "" for comments and such."""
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower() if isinstance(tag, str) else ""


def known_references(text: str) -> str:
    """XML with the named characters of HTML, and with numbers that mean those of Windows' code page, put in place.

    Entities that the document declares itself are left alone: they are refused.
    """
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    name = reference[1]
    if name in _OF_XML or (not name.startswith("#") and f"{name};" not in entities.html5):
        return reference[0]
    found = html.unescape(reference[0])
    return "".join(f"&#{ord(char)};" if char in "<>&" else char for char in found)


def text_of(element: Element) -> str:
    """All text inside an element, on one line."""
    return one_spaced("".join(element.itertext()))


def one_spaced(text: str) -> str:
    """Text of an element on one line: line ends of the file fall between words, or inside them where scripts or a soft
    hyphen say so."""
    lines = [line for line in (" ".join(line.split()) for line in _LINE_END.split(text)) if line]
    return join_lines(lines)
