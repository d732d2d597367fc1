"""`/v1/files`, whatever is sent there."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from adapters.inbound.http.chat_files import LARGEST_FILE, LARGEST_UPLOAD
from application.questions.chat_files import FOLDER, MOST_AT_ONCE
from application.questions.document_text import LARGEST
from bootstrap.whole_users import eraser, exporter
from tests.support.pictures import jpeg
from tests.support.program import ANNA, BERT, Running, program

NOTES = ("notes.md", b"The carpenter comes on Monday.")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with program(tmp_path) as running:
        yield running


async def kept(running: Running, *parts: tuple[str, bytes]) -> list[dict[str, Any]]:
    answer = await running.client.post("/v1/files", files=[("files", part) for part in parts])
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_files_are_answered_in_order_with_every_key_that_the_apps_read(running: Running) -> None:
    notes, picture = await kept(running, ("../../notes.md", NOTES[1]), ("door.PNG", jpeg()))
    assert set(notes) == {
        "id", "name", "mime_type", "created_at", "thumbnail", "thumb_name", "openai_file_id",
    }  # fmt: skip
    assert (notes["name"], notes["thumbnail"], notes["openai_file_id"]) == ("notes.md", None, notes["id"])
    assert (picture["name"], picture["mime_type"]) == ("door.PNG", "image/jpeg")
    shown = await running.client.get(picture["thumbnail"])
    assert (shown.headers["content-type"], shown.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({}, 400),
    ({"files": [("file", NOTES)]}, 400),
    ({"files": [("files", ("a.txt", b""))]}, 400),
    ({"files": [("files", ("a.pdf", b"%PDF-1.7"))]}, 400),
    ({"files": [("files", ("a.jpg", b"\xff\xd8\xff"))]}, 400),
    ({"files": [("files", NOTES)] * (MOST_AT_ONCE + 1)}, 413),
    ({"files": [("files", ("a.txt", b"a" * (LARGEST + 1)))]}, 413),
    ({"files": [("files", ("a.jpg", b"\xff\xd8\xff" + bytes(LARGEST_FILE)))]}, 413),
    ({"files": [("files", ("a.txt", bytes(LARGEST_UPLOAD)))]}, 413),
    ({"files": [("files", (None, "no file"))], "data": {"x": "y"}}, 422),
    ({"json": {"files": []}}, 400),
    ({"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 400),
]


async def test_what_is_no_file_to_ask_about_is_refused_and_leaves_nothing(running: Running) -> None:
    for sent, status in REFUSED:
        answer = await running.client.post("/v1/files", **sent)
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), answer.text
    assert await running.container.object_store().list(ANNA) == ()


async def test_a_file_that_the_user_has_not_is_not_found(running: Running) -> None:
    [file] = await kept(running, NOTES)
    for user, file_id, status in ((ANNA, "other", 404), (ANNA, "../x", 404), (BERT, file["id"], 404), (ANNA, 5, 422)):
        running.become(user)
        for path in ("/v1/messages", "/v2/messages"):
            answer = await running.client.post(path, json={"text": "What is it?", "file_ids": [file_id]})
            assert answer.status_code == status


async def test_a_message_without_files_is_a_message(running: Running) -> None:
    for file_ids in (None, []):
        answer = await running.client.post("/v1/messages", json={"text": "Hello", "file_ids": file_ids})
        assert (answer.status_code, answer.json()["files"], answer.json()["files_id"]) == (200, [], [])


async def test_files_lie_sealed_are_taken_along_and_go_with_their_user(running: Running, tmp_path: Path) -> None:
    word = "Zanzibarquux"
    [file] = await kept(running, (f"{word}.txt", word.encode()))
    await running.client.post("/v1/messages", json={"text": "Hello", "file_ids": [file["id"]]})
    data = tmp_path / "data"
    assert not [path for path in data.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]
    await exporter(running.container).export(ANNA, tmp_path / "archive.zip")
    with ZipFile(tmp_path / "archive.zip") as archive:
        assert archive.read(f"files/{FOLDER}{file['id']}.txt") == word.encode()
    for store in eraser(running.container)._stores:
        await store.erase(ANNA)
    assert not any((await eraser(running.container).count(ANNA)).values())
    assert await running.container.object_store().list(ANNA, FOLDER) == ()


async def test_a_cleared_chat_has_no_files(running: Running) -> None:
    await kept(running, NOTES, ("door.jpg", jpeg()))
    await running.client.delete("/v2/messages")
    assert await running.container.object_store().list(ANNA) == ()


async def test_nobody_sends_files_without_a_token(running: Running) -> None:
    running.become(None)
    assert (await running.client.post("/v1/files", files=[("files", NOTES)])).status_code == 401
