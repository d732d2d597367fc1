"""Files that are asked about: taken, read, kept, asked, and forgotten with the chat."""

import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.image_reader.fake import FakeImageReader
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.language_model.fake import FakeLanguageModel
from adapters.outbound.object_store.memory import InMemoryObjectStore
from application.questions.chat_files import FOLDER, MOST_AT_ONCE, MOST_KEPT, ChatFiles, SentFile
from application.tasks.describe_photos import PhotoDescription
from application.users.accounts import Accounts
from domain.chat import Sender
from domain.chat_errors import ChatFileNotFound, ChatFileTooLarge, NotADocument
from domain.errors import InvalidRequest
from domain.ids import UserId
from ports.errors import TemporarilyUnavailable
from ports.image_reader import MOST_BYTES
from tests.support.chat_world import ANN, DENTIST, PIRATE, ChatWorld, ScriptedModel
from tests.support.pictures import jpeg

BERT = UserId("bert")
NOTES = SentFile("../notes.md", b"# Trip\nThe carpenter comes on Monday.\nThe train leaves at nine.")


class World:
    def __init__(self) -> None:
        clock = ManualClock()
        self.objects, self.model = InMemoryObjectStore(), FakeLanguageModel()
        self.files = ChatFiles(
            objects=self.objects,
            images=FakeImageReader(),
            language_model=self.model,
            accounts=Accounts(store=InMemoryKeyValueStore(clock=clock)),
            clock=clock,
        )


async def test_a_document_is_kept_by_what_can_be_read_in_it() -> None:
    world = World()
    [file] = await world.files.keep(ANN, [NOTES])
    assert (file.name, file.media_type) == ("notes.md", "text/markdown")
    read = await world.files.read(ANN, file.id)
    assert (read.file, read.text) == (file, NOTES.content.decode())
    assert (await world.files.shown(ANN, file)).thumbnail is None


async def test_of_a_picture_it_is_kept_what_it_shows() -> None:
    world = World()
    world.model.answers = [(PhotoDescription(description="A red door.", text="EXIT"),)]
    [file] = await world.files.keep(ANN, [SentFile("door.png", jpeg())])
    assert file.media_type == "image/jpeg"
    assert (await world.files.read(ANN, file.id)).text == "A red door.\nText in the picture: EXIT"
    shown = await world.files.shown(ANN, file)
    assert shown.thumbnail
    assert (await world.objects.linked(shown.thumbnail.rpartition("/")[2])).content == jpeg()


async def test_a_picture_that_nobody_can_look_at_is_told_by_its_colors() -> None:
    world = World()
    world.model.answers = [TemporarilyUnavailable("blind")]
    for _ in range(2):  # where the model fails, and where it cannot see
        [file] = await world.files.keep(ANN, [SentFile("door.jpg", jpeg())])
        assert "mostly gray" in (await world.files.read(ANN, file.id)).text


async def test_one_that_cannot_be_read_leaves_none_of_them() -> None:
    world = World()
    for content in (b"\x00\x01", b"%PDF-1.7", b""):
        with pytest.raises(NotADocument):
            await world.files.keep(ANN, [NOTES, SentFile("notes.txt", content)])
    assert await world.objects.list(ANN) == ()


async def test_a_damaged_picture_is_refused_and_a_huge_one_too() -> None:
    class Picky(FakeImageReader):
        async def read(self, content: bytes):  # type: ignore[no-untyped-def]
            return await super().read(content.removeprefix(b"\xff\xd8\xff"))

    world = World()
    with pytest.raises(ChatFileTooLarge):
        await world.files.keep(ANN, [SentFile("a.jpg", b"\xff\xd8\xff" + bytes(MOST_BYTES))])
    world.files._images = Picky()
    with pytest.raises(NotADocument):
        await world.files.keep(ANN, [SentFile("a.jpg", b"\xff\xd8\xff")])


async def test_there_is_an_end_to_how_many_are_kept() -> None:
    world = World()
    with pytest.raises(NotADocument):
        await world.files.keep(ANN, [])
    with pytest.raises(ChatFileTooLarge):
        await world.files.keep(ANN, [NOTES] * (MOST_AT_ONCE + 1))
    for number in range(MOST_KEPT - 1):
        await world.objects.put(ANN, f"{FOLDER}{number}.json", b"{}")
    await world.files.keep(ANN, [NOTES])
    with pytest.raises(ChatFileTooLarge):
        await world.files.keep(ANN, [NOTES])
    await world.files.keep(BERT, [NOTES])


@pytest.mark.parametrize("file_id", ["", "x" * 5_000, "../recordings/x", "unknown"])
async def test_what_was_never_sent_is_not_found(file_id: str) -> None:
    with pytest.raises(ChatFileNotFound):
        await World().files.read(ANN, file_id)


async def test_the_file_of_somebody_else_is_not_found() -> None:
    world = World()
    [file] = await world.files.keep(ANN, [NOTES])
    with pytest.raises(ChatFileNotFound):
        await world.files.get(BERT, file.id)


async def test_without_a_model_an_answer_quotes_the_file() -> None:
    world = ChatWorld()
    [file] = await world.files.keep(ANN, [NOTES])
    sent = await world.chat.send(ANN, "When does the carpenter come?", file_ids=[file.id])
    assert sent.message.text.splitlines() == [
        "This is what I found in your files:",
        "- notes.md: “The carpenter comes on Monday.” [1]",
    ]
    assert sent.answered
    [citation] = sent.answered.citations
    assert (citation.file_id, citation.memory_id, sent.memories) == (file.id, None, ())


async def test_what_fits_nothing_in_a_file_is_answered_by_how_it_begins() -> None:
    world = ChatWorld()
    [file] = await world.files.keep(ANN, [SentFile("a.txt", b"An almanac of 1900.\nWeather.")])
    sent = await world.chat.send(ANN, "Summarize!", file_ids=[file.id])
    assert "“An almanac of 1900.”" in sent.message.text


async def test_files_and_memories_are_quoted_beside_each_other() -> None:
    world = ChatWorld()
    await world.keep(DENTIST)
    [file] = await world.files.keep(ANN, [SentFile("a.txt", b"The dentist moved to Lisbon.")])
    sent = await world.chat.send(ANN, "When does the dentist have time?", file_ids=[file.id])
    assert "your files and memories" in sent.message.text
    assert "moved to Lisbon" in sent.message.text
    assert "has time on Thursday" in sent.message.text
    assert [memory.id for memory in sent.memories] == ["dentist"]


async def test_the_model_is_given_the_text_and_its_citations_name_the_file() -> None:
    model = ScriptedModel("On Monday [1].")
    world = ChatWorld(model)
    [file] = await world.files.keep(ANN, [NOTES])
    sent = await world.chat.send(ANN, "When does the carpenter come?", file_ids=[file.id, file.id])
    [passage] = model.prompts[0].passages
    assert (passage.title, passage.text) == ("File notes.md", NOTES.content.decode())
    assert sent.answered
    assert [one.file_id for one in sent.answered.citations] == [file.id]


async def test_a_later_question_may_be_about_an_earlier_file() -> None:
    world = ChatWorld()
    [file] = await world.files.keep(ANN, [NOTES])
    await world.chat.send(ANN, "What is this?", file_ids=[file.id])
    about_it = await world.chat.send(ANN, "When does the train leave?")
    assert "The train leaves at nine." in about_it.message.text
    other = await world.chat.send(ANN, "Which violin concerto premiered?")
    assert other.answered
    assert not other.answered.is_known


async def test_the_question_shows_its_files_until_the_chat_is_cleared() -> None:
    world = ChatWorld()
    [file] = await world.files.keep(ANN, [NOTES])
    await world.chat.send(ANN, "What is this?", file_ids=[file.id])
    answer, question = await world.chat.list(ANN)
    assert (question.message.sender, [shown.file for shown in question.files]) == (Sender.HUMAN, [file])
    assert answer.files == ()
    await world.chat.clear(ANN)
    assert await world.objects.list(ANN, FOLDER) == ()
    with pytest.raises(ChatFileNotFound):
        await world.chat.send(ANN, "What is this?", file_ids=[file.id])


async def test_a_file_that_is_gone_leaves_its_message_as_it_is() -> None:
    world = ChatWorld()
    [file] = await world.files.keep(ANN, [NOTES])
    await world.chat.send(ANN, "What is this?", file_ids=[file.id])
    await world.files.forget_all(ANN)
    await world.chat.send(ANN, "And when does the train leave?")
    assert [one.files for one in await world.chat.list(ANN)] == [(), (), (), ()]


async def test_a_message_with_a_file_that_there_is_not_is_not_kept() -> None:
    world = ChatWorld()
    with pytest.raises(ChatFileNotFound):
        await world.chat.take(ANN, "What is this?", file_ids=["nothing"])
    with pytest.raises(InvalidRequest):
        await world.chat.take(ANN, "What is this?", file_ids=[str(n) for n in range(MOST_AT_ONCE + 1)])
    assert await world.history.recent(ANN) == ()


async def test_messages_of_one_talk_belong_together_until_the_chat_is_cleared() -> None:
    world = ChatWorld()
    for plugin in (None, PIRATE.id, None):
        await world.chat.send(ANN, "hello", plugin_id=plugin)
    await world.chat.send(BERT, "hello")
    talks = {(one.message.plugin_id, one.message.session_id) for one in await world.chat.list(ANN)}
    theirs = {(None, one.message.session_id) for one in await world.chat.list(BERT)}
    after = (await world.chat.clear(ANN)).message.session_id
    sessions = {session for _, session in talks | theirs}
    assert (len(talks), len(theirs), len(sessions)) == (2, 1, 3)
    assert after not in {None, *sessions}
