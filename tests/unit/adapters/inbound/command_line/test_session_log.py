"""What a client knows of its conversations."""

from adapters.inbound.command_line.session_log import SessionLog

STARTED = {"type": "new_processing_memory_created", "processing_memory_id": "one"}
SEGMENT = {"text": "And so my fellow Americans"}


def created(conversation: str) -> dict[str, str]:
    return {"type": "new_memory_created", "processing_memory_id": conversation, "memory_id": f"of {conversation}"}


def failed(conversation: str) -> dict[str, str]:
    return {"type": "new_memory_create_failed", "processing_memory_id": conversation}


def test_a_conversation_waits_for_its_memory() -> None:
    log = SessionLog()
    assert log.note(STARTED)
    assert log.unfinished == {"one"}
    assert log.note(created("one"))
    assert (log.unfinished, log.memories) == (set(), ["of one"])


def test_memories_of_other_sessions_are_not_news() -> None:
    log = SessionLog()
    log.note(STARTED)
    assert not log.note(created("another"))
    assert not log.note(failed("another"))
    assert (log.unfinished, log.memories, log.failed) == ({"one"}, [], 0)


def test_a_memory_may_fail() -> None:
    log = SessionLog()
    log.note(STARTED)
    assert log.note(failed("one"))
    assert (log.unfinished, log.failed) == (set(), 1)


def test_where_nothing_was_said_the_failure_is_ours() -> None:
    log = SessionLog()
    assert log.note(failed("unknown"))
    assert log.failed == 1


def test_words_are_counted() -> None:
    log = SessionLog()
    assert log.note([SEGMENT, SEGMENT])
    assert log.words == 10


def test_what_is_not_understood_is_passed_on() -> None:
    assert SessionLog().note({"type": "service_status"})
