"""What can be read in documents."""

import time

import pytest

from application.questions.document_text import LARGEST, picture_type, plain_name, read_document, seen_text
from domain.chat_errors import ChatFileTooLarge, NotADocument


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", "text/plain"),
        ("A.MD", "text/markdown"),
        ("a.csv", "text/csv"),
        ("a.json", "application/json"),
        ("a.py", "text/plain"),
        ("file", "text/plain"),
    ],
)
def test_the_name_says_which_kind_of_text_it_is(name: str, kind: str) -> None:
    document = read_document(name, b"one, two")
    assert (document.media_type, document.text) == (kind, "one, two")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_encoding_it_has(encoding: str) -> None:
    assert read_document("a.txt", "Müller's café – 5 €".encode(encoding)).text == "Müller's café – 5 €"


@pytest.mark.parametrize("content", [b"", b" \n ", b"\x00\x01\x02", b"\x89\x81\x8d", b"PK\x03\x04", b"%PDF-1.7 text"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(NotADocument):
        read_document("a.txt", content)


def test_a_document_larger_than_a_book_is_refused() -> None:
    with pytest.raises(ChatFileTooLarge):
        read_document("a.txt", b"a" * (LARGEST + 1))


def test_of_a_page_what_is_seen_is_read() -> None:
    page = """<!DOCTYPE html><html><head><title>Trip</title><style>p {color: red}</style></head><body>
    <!-- a > secret --><script>let a = "<p>no</p>";</script><h1>To&nbsp;Lisbon</h1><p>On <b>Fri</b>day &amp; back</p>
    <ul><li>1 < 2<li>Sardines</ul></body></html>"""
    assert seen_text(page).splitlines() == ["Trip", "To Lisbon", "On Friday & back", "1 < 2", "Sardines"]
    assert read_document("a.html", page.encode()).media_type == "text/html"


@pytest.mark.parametrize("end", ["<p", "<!-- ", "<script>", "<script>no</scrip"])
def test_what_never_ends_on_a_page_goes_on_to_its_end(end: str) -> None:
    assert seen_text(f"<p>Lisbon{end} gone") == "Lisbon"


@pytest.mark.parametrize("piece", ["<", "<!--", "<script>", "<a '", '<a ">', "</", "&", "&lt", "<svg></sv"])
def test_no_page_takes_long_to_read(piece: str) -> None:
    begun = time.process_time()
    seen_text(piece * (LARGEST // len(piece)))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\notes.txt", "notes.txt"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("..", "file"),
        ("", "file"),
        ("x" * 500 + ".txt", "x" * 196 + ".txt"),
    ],
)
def test_a_name_leads_nowhere(sent: str, shown: str) -> None:
    assert plain_name(sent) == shown


def test_a_picture_says_itself_what_it_is() -> None:
    assert picture_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert picture_type(b"\x89PNG\r\n\x1a\n....") == "image/png"
    assert picture_type(b"RIFF....WEBPVP8 ") == "image/webp"
    assert picture_type(b"RIFF....WAVEfmt ") is None
