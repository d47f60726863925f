"""A page's text is what a reader sees; everything else it says is beside it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.formats.material.charset import decoded
from palermo.formats.material.html_text import page_text


@pytest.mark.parametrize(
    ("source", "visible"),
    [
        ("one<br>two<p>three<div>four</div>five", "one\ntwo\nthree\nfour\nfive"),
        ("<p>a <b>b</b>\n  c</p>", "a b c"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\tb\nc"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("a<script>if (a<b) x()</script>b<style>p{}</style>c", "abc"),
        ("a<script>'</script >'b", "a'b"),
        ("1 < 2 &amp; 3 &gt; 2 &eacute;&#x1F600;", "1 < 2 & 3 > 2 é😀"),
        ("a<!-- <p>no --> b<!>c<!--> d<!---->e", "a bc de"),
        ("a<!-- not closed <p>b", "a"),
        ("a<p title='>' data-x=\">\" hidden=''>b", "a"),
        ("a<a href='not closed>b", "a"),
        ("<p>a<span hidden>b</span>c", "ac"),
        ("<div style='DISPLAY : none'>a<div>b</div></div>c", "c"),
        ("<div style='visibility:hidden'>a</div>b", "b"),
        ("<template><p>a</template>b<noscript>c</noscript>", "b"),
        ("<p hidden>a<p>b", "b"),
        ("<ul><li hidden>a<li>b</ul>", "b"),
        ("<table><tr hidden><td>a<tr><td>b</table>", "b"),
        ("</div></p>a</nothing>b", "ab"),
        ("<textarea>\n<b>x</b>\n y</textarea>", "<b>x</b>\ny"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("<plaintext>a<b>", "a<b>"),
        ("<svg><title>no</title><text>yes</text></svg>", "yes"),
        ("<dialog>a</dialog><dialog open>b</dialog>", "b"),
        ("<input type=submit value='Call now'><input value=typed>", "Call now"),
        ("a&nbsp;b", "a b"),
        ("<SCRIPT>a</script>b", "b"),
        ("", ""),
    ],
)
def test_visible_text(source: str, visible: str) -> None:
    assert page_text(source).visible == visible


def test_title_language_hidden_and_contacts() -> None:
    page = page_text(
        "<html lang='it'><head><title> Ann\nunci </title><meta charset=utf-8></head><body>"
        "<p>Chiama</p><div hidden>nascosto</div>"
        "<a href='tel:+39 333 1234567'>qui</a> <a href='https://wa.me/393339999999'>WhatsApp</a>"
        "<a href='tel:3330000000'>333 000 0000</a><a href='https://other.example/'>x</a></body>"
    )
    assert (page.title, page.lang, page.hidden) == ("Ann unci", "it", "nascosto")
    assert page.contacts == ("tel:+39 333 1234567", "https://wa.me/393339999999")


@given(st.text(alphabet="<>/!-='\" abpdivscriptlhen\n&;#x", max_size=300))
def test_any_input_is_a_page(source: str) -> None:
    page = page_text(source)
    assert "\r" not in page.visible
    assert all(line.strip() for line in page.visible.split("\n")) or not page.visible


@given(
    st.lists(st.text(alphabet=st.characters(exclude_characters="<&\r"), max_size=20), max_size=8)
)
def test_no_word_of_a_plain_page_is_lost(paragraphs: list[str]) -> None:
    source = "".join(f"<p>{text}</p>" for text in paragraphs)
    words = [word for text in paragraphs for word in text.replace("\u00a0", " ").split()]
    assert page_text(source).visible.replace("\u00a0", " ").split() == words


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a ", "<![CDATA[", "<?", "</", "<p><b>", "<div>", "<p><button><b>", "&#", "<title>",
     "<a b='c", "</p>", "<table><td></b>"],
)  # fmt: skip
def test_time_grows_with_length_alone(piece: str) -> None:
    def seconds(size: int) -> float:
        source = piece * (size // len(piece))
        start = time.process_time()
        page_text(source)
        return time.process_time() - start

    assert seconds(400_000) < 16 * max(seconds(50_000), 0.02)


@pytest.mark.parametrize(
    ("data", "header", "text", "codec", "stated_by"),
    [
        ("é".encode(), None, "é", "utf-8", "nobody"),
        ("é".encode("cp1252"), None, "é", "cp1252", "nobody"),
        ("Да".encode("cp1251"), "text/html; charset=windows-1251", "Да", "cp1251", "header"),
        ("<meta charset=koi8-r>Да".encode("koi8-r"), None, "<meta charset=koi8-r>Да", "koi8-r",
         "document"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">\x82\xa0', None,
         '<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">あ', "cp932",
         "document"),
        (b"\xef\xbb\xbfx", "text/html; charset=windows-1251", "x", "utf-8", "byte order mark"),
        ("\ufeffx".encode("utf-16-le"), None, "x", "utf-16-le", "byte order mark"),
        (b"\x80\x81", "text/html; charset=ISO-8859-1", "€\x81", "cp1252", "header"),
        (b"<meta charset=utf-16>x", None, "<meta charset=utf-16>x", "utf-8", "document"),
    ],
)  # fmt: skip
def test_character_sets(
    data: bytes, header: str | None, text: str, codec: str, stated_by: str
) -> None:
    read = decoded(data, header)
    assert (read.text, read.codec, read.stated_by) == (text, codec, stated_by)


@pytest.mark.parametrize("label", ["rot13", "unicode_escape", "utf-7", "idna", "nothing-known"])
def test_only_character_sets_of_the_web_are_believed(label: str) -> None:
    read = decoded(b"\\u0041+AEE-", f"text/html; charset={label}")
    assert read.text == "\\u0041+AEE-"
    assert read.note is not None
    assert label in read.note


def test_what_the_stated_set_cannot_read_is_said() -> None:
    read = decoded(b"ok \xff", "text/html; charset=utf-8")
    assert read.text == "ok �"
    assert read.note is not None


@given(st.binary(max_size=200), st.text(max_size=30))
def test_every_document_becomes_text(data: bytes, header: str) -> None:
    assert isinstance(decoded(data, f"text/html; charset={header}").text, str)
