"""What a client asks of a live session, and what it is told."""

from msgspec import Struct, structs

from domain.audio import AudioFormat
from domain.chat import Message
from domain.conversation_marks import ConversationMarks
from domain.ids import ConversationId, PersonId, PluginId, SegmentId, UserId
from domain.memory import Memory, Source
from domain.recognition import InterimWords
from domain.transcript import TranscriptChange, TranscriptSegment


class StreamRequest(Struct, frozen=True, kw_only=True):
    """A stream of audio that is to come."""

    name: str
    """What the client calls it. A stream may go on where an earlier session broke off."""
    position: int
    """Of its first sample to come, in samples of the client."""
    age: float
    """Seconds since that was captured."""
    goes_on: bool = False
    """An earlier session of it broke off: its conversation may be at another server."""


class SessionRequest(Struct, frozen=True, kw_only=True):
    """What a client says when it connects."""

    user: UserId
    audio: AudioFormat
    language: str = "en"
    source: Source = Source.FRIEND
    interim: bool = False
    """Send guesses too."""
    use_speech_profile: bool = True
    make_memories: bool = True
    """False for a client that only wants live text."""
    hears_itself: bool = False
    """The client has a recognizer of its own and sends what it hears; none of ours is asked."""
    translate_to: str | None = None
    """The language that the client wants to read what is said in, as a tag; None: as it is said."""
    silence: float | None = None
    """Seconds of silence after which its conversation has ended, where that is longer than the rule; None: the rule."""
    stream: StreamRequest | None = None
    """What a client says of its stream that knows where its audio lies; None: audio comes as it is captured."""
    marks: ConversationMarks = ConversationMarks()
    """What the client calls the conversation."""
    assigns_speakers: bool = False
    """The client gives voices to the people that are suggested."""
    creates_people: bool = True
    """Who introduces themselves may be added to the people of the user, where their voice is given to them."""
    is_new: bool = False
    """Who sends it is new, and wants to be asked a few questions."""
    is_gated: bool | None = None
    """Whether silence is kept from the recognizer; None: as the settings say."""

    def for_the_next(self) -> "SessionRequest":
        """The same, for the conversation that follows on the same connection."""
        return structs.replace(self, marks=self.marks.of_the_next())


class TranscriptGrew(Struct, frozen=True, tag="transcript_grew"):
    """New final words, or other speakers for words that were told before."""

    conversation: ConversationId
    origin: int
    """Position that the conversation's clock counts from: its first spoken sample."""
    change: TranscriptChange


class SegmentsTranslated(Struct, frozen=True, tag="segments_translated"):
    """Segments that were told before, in the language that the client wants to read."""

    conversation: ConversationId
    origin: int
    """As of `TranscriptGrew`."""
    language: str
    """Of the translations."""
    segments: tuple[TranscriptSegment, ...]
    """As they stand, with that translation."""


class SegmentsRemoved(Struct, frozen=True, tag="segments_removed"):
    """Segments that were told before became part of others."""

    conversation: ConversationId
    segments: tuple[SegmentId, ...]


class SpeakerRecognized(Struct, frozen=True, tag="speaker_recognized"):
    """A voice turned out to be somebody's."""

    conversation: ConversationId
    speaker: int
    """Number of the voice in the conversation."""
    person: PersonId
    """`OWNER` or one of the user's people."""
    name: str
    segment: SegmentId
    """One of the segments that the voice said."""


class SpeakerNamed(Struct, frozen=True, tag="speaker_named"):
    """A voice introduced itself. Whether it is so is for the user to say."""

    conversation: ConversationId
    speaker: int
    """Number of the voice in the conversation."""
    person: PersonId | None
    """Whom the user knows by that name; None for nobody."""
    name: str
    segment: SegmentId
    """In which it was said."""


class InterimHeard(Struct, frozen=True, tag="interim_heard"):
    """Words that may still change."""

    origin: int
    interim: InterimWords


class ConversationStarted(Struct, frozen=True, tag="conversation_started"):
    """The first words of a conversation were heard, or an earlier one goes on."""

    conversation: ConversationId


class MemoryCreating(Struct, frozen=True, tag="memory_creating"):
    """A conversation has ended; its memory is being made."""

    conversation: ConversationId
    memory: Memory | None = None
    """What is known already: the transcript. None after a restart."""


class MemoryCreated(Struct, frozen=True, tag="memory_created"):
    """The memory of a conversation is there."""

    conversation: ConversationId
    memory: Memory
    messages: tuple[Message, ...] = ()
    """What plugins have said to it by now."""


class MemoryFailed(Struct, frozen=True, tag="memory_failed"):
    """The memory could not be made now. Nothing is lost: the conversation is kept and can be processed again."""

    conversation: ConversationId
    reason: str


class EndRequested(Struct, frozen=True, tag="end_requested"):
    """The user wants a conversation ended now. For the session that hears it, not for clients."""

    conversation: ConversationId


class HandOverRequested(Struct, frozen=True, tag="hand_over_requested"):
    """A conversation goes on at another server. For the server that has it, not for clients."""

    conversation: ConversationId
    server: str
    """Who asks."""
    stream: str = ""
    """Name of the client's stream that comes to that server from now on: who hears it here hears nothing more."""


class HandOverRefused(Struct, frozen=True, tag="hand_over_refused"):
    """It does not: somebody is heard in it now, or it is over. For the server that asked."""

    conversation: ConversationId


class StatusChanged(Struct, frozen=True, tag="status_changed"):
    """How the service does: `ready`, `storage_full`, `recognizer_unavailable` and the like."""

    status: str
    text: str


class PhotoProcessing(Struct, frozen=True, tag="photo_processing"):
    """A picture that a client sent in pieces has arrived whole, and is being looked at."""

    temporary: str
    """What the client called it."""
    photo: str
    """What it is called from now on."""


class PhotoDescribed(Struct, frozen=True, tag="photo_described"):
    """A picture was looked at."""

    photo: str
    description: str
    """Empty where nobody could tell what it shows."""
    discarded: bool = False
    """It is not kept: it shows what one before it shows, or it cannot be read."""


class OnboardingQuestion(Struct, frozen=True, kw_only=True, tag="onboarding_question"):
    """A new user is asked something."""

    question: str
    index: int
    """Counts from 0."""
    total: int
    """Of questions."""


class QuestionAnswered(Struct, frozen=True, kw_only=True, tag="question_answered"):
    """What was said is the answer, or the question was skipped."""

    index: int
    is_answered: bool


class OnboardingCompleted(Struct, frozen=True, kw_only=True, tag="onboarding_completed"):
    """All questions were asked."""

    conversation: ConversationId
    """In which the last answer was given."""
    facts: int = 0
    """How many are known from the answers."""
    error: str | None = None
    """Why there are none; the answers are kept, and it can be tried again."""


class ProactiveMessage(Struct, frozen=True, tag="proactive_message"):
    """A plugin says something to a user who looks at the app; it stands in the chat, too."""

    plugin: PluginId
    title: str
    message: str
    conversation: ConversationId
    """The one that goes on."""


class FileSynced(Struct, frozen=True, tag="file_synced"):
    """A file of a device that came late is in a memory."""

    name: str
    """As the app called it."""


SessionEvent = (
    TranscriptGrew
    | SegmentsTranslated
    | SegmentsRemoved
    | SpeakerRecognized
    | SpeakerNamed
    | InterimHeard
    | ConversationStarted
    | MemoryCreating
    | MemoryCreated
    | MemoryFailed
    | EndRequested
    | HandOverRequested
    | HandOverRefused
    | StatusChanged
    | PhotoProcessing
    | PhotoDescribed
    | OnboardingQuestion
    | QuestionAnswered
    | OnboardingCompleted
    | ProactiveMessage
    | FileSynced
)
