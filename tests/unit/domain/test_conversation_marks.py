"""What a client calls its conversations."""

from domain.conversation_marks import ConversationMarks, without_marks

CALL = ConversationMarks(client_conversation_id="a", call_id="1")


def test_other_names_are_of_other_conversations() -> None:
    assert CALL.contradict(ConversationMarks(client_conversation_id="b"))
    assert CALL.contradict(ConversationMarks(call_id="2"))


def test_what_has_no_name_may_be_any_conversation() -> None:
    assert not CALL.contradict(ConversationMarks())
    assert not CALL.contradict(ConversationMarks(conversation_role="ambient"))


def test_the_same_name_is_the_same_conversation_and_none_is_none() -> None:
    assert CALL.name_the_same(ConversationMarks(client_conversation_id="a"))
    assert not ConversationMarks().name_the_same(ConversationMarks())


def test_what_was_given_once_stays_and_the_rest_is_filled_up() -> None:
    later = ConversationMarks(call_id="2", conversation_role="call")
    assert CALL.filled_up(later) == ConversationMarks(client_conversation_id="a", call_id="1", conversation_role="call")
    assert ConversationMarks().told() == {}
    assert CALL.told() == {"client_conversation_id": "a", "call_id": "1"}


def test_strangers_are_not_told_of_calls() -> None:
    assert without_marks(CALL.told() | {"text": "kept"}) == {"text": "kept"}
    assert without_marks(CALL.told()) is without_marks(None) is None
