"""Talks as they are transcribed, for the model that quotes."""

from domain.ids import SegmentId
from domain.transcript import TranscriptSegment

DOCTOR = """
A: Hi, come on in, have a seat. So what brings you in today?
B: Um, yeah, so I've had this pain in my lower back for about three weeks now. It gets worse when I sit at my desk.
A: Okay. Does the pain go down into your leg at all?
B: Sometimes, yeah, the left leg. It kind of tingles.
A: Alright. Have you taken anything for it?
B: Just ibuprofen, twice a day. It helps a little bit, but I don't like taking it all the time.
A: That's fair. I'd like to order an MRI of the lumbar spine and send you to physical therapy twice a week.
B: Do I need surgery?
A: I don't think so. Most people with a herniated disc get better with physical therapy within six weeks.
B: Okay, good. Thank you, doctor.
"""

REMOTE = """
A: Okay, so this is the kickoff meeting for our new remote control. The goal is a remote control that is
original, trendy
and user-friendly.
B: Right. What's the target price?
A: We want to sell it for twenty five euros, and production should cost no more than twelve fifty.
C: I think the battery is the thing. People hate changing the battery. Could we do solar or a charging station?
B: Charging station sounds good. And people always lose the remote control, so maybe it beeps when you call it.
A: I like that. Speech recognition might be too expensive though.
C: Let me look at the cost of speech recognition chips before the next meeting.
A: Good. And the buttons: users only use ten percent of the buttons, so keep the interface simple.
B: I'll sketch the case with big rubber buttons.
A: Great, next meeting in thirty minutes.
"""

TRIP = """
A: Did you book the flights yet?
B: Not yet. The flights to Lisbon are cheaper if we leave on Thursday, like two hundred dollars each.
A: Then let's go Thursday. I found a hotel in Alfama near the castle.
B: Nice. I really want to take the train to Sintra one day and see the palace.
A: Yeah, and the beach in Cascais if the weather is good. I think we need four nights in Lisbon at least.
B: Okay. I'll book the flights tonight, you book the hotel.
"""

GAME = """
A: Did you watch the game last night?
B: Oh my god, yes. I can't believe they came back from twenty one points down in the fourth quarter.
A: That last touchdown was insane. The quarterback just threw it up and prayed.
B: The defense was terrible though. If they play defense like that in the playoffs they're done.
A: Totally. The coach has to change something before Sunday.
"""

DAYCARE = """
A: How was pickup? Was Emma okay at daycare today?
B: She cried a little when I left, but the teacher said she had a good nap after lunch.
A: She's been so cranky. I think she's teething again.
B: Yeah, the pediatrician said the molars come in around now. We should try an earlier bedtime.
A: Bedtime at seven then. And we're almost out of diapers, can you order some?
B: Sure, I'll order diapers tonight.
"""

LEASE = """
A: So I looked at the contract you sent over, and I have two concerns.
B: Okay, go ahead.
A: First, the liability clause has no cap. If there's a lawsuit, you could owe more than the contract is worth.
B: That's not good. Can we change it?
A: I'd propose to cap the liability at the fees of twelve months. Second, the termination clause only works for them.
B: I want to be able to terminate too.
A: Then I'll redline both clauses and send it to their attorney by Friday.
"""

PITCH = """
A: So walk me through it. What does your startup do?
B: We help small restaurants cut food waste. Our software predicts what they'll need every day.
A: How many restaurants are paying?
B: Forty restaurants, twelve thousand dollars of monthly revenue, growing twenty percent a month.
A: And what are you raising?
B: Two million in seed funding. That gives us eighteen months of runway.
A: Other investors are going to ask about churn.
B: We lost two restaurants in a year, because they closed.
"""

SCIENCE = """
A: The telescope picked up water vapor in the atmosphere of the planet, but the signal is weak.
B: How weak? Could it be an artifact of the instrument?
A: Two point eight sigma. We need another transit to be sure, the next transit is in March.
B: Then the paper has to wait. A hypothesis about an ocean on that planet needs more than one measurement.
A: Agreed. I'll apply for telescope time in March.
"""

UNMARKED = """
A: so yeah i was thinking about the garden this year we should do tomatoes again because the tomatoes were
really good and
maybe get rid of the zucchini nobody eats the zucchini and the fence needs fixing before the deer come back because last
year the deer ate all the lettuce and i was so mad and i want to build two more raised beds behind the garage
and fill them
with compost from the pile
"""

GERMAN = """
A: Hast du die Wohnung in der Schillerstraße schon angeschaut?
B: Ja, die Wohnung ist schön, aber die Miete ist zu hoch. Sie wollen zwölfhundert Euro kalt.
A: Das ist wirklich viel. Was sagt der Vermieter zur Küche?
B: Der Vermieter will für die Küche noch einmal dreitausend Euro Ablöse haben, und die Kaution kommt dazu.
A: Dann suchen wir lieber weiter. Die Miete können wir uns nicht leisten.
"""

CHATTER = """
A: Yeah.
B: Okay, right.
A: I know.
"""

MEETING_HOUR_TOPICS = (
    "The hiring plan has four open positions and the recruiter found two candidates for the backend position.",
    "We should interview both candidates next week and send them the coding exercise before.",
    "The migration of the billing database failed on Tuesday because the backup disk was full.",
    "I moved the billing database back to the old server and the invoices went out a day late.",
    "Support says customers complain about the login page, it takes eleven seconds on a phone.",
    "The login page loads the whole analytics script, we can defer the analytics script and save eight seconds.",
    "For the office move we need somebody who talks to the landlord about the parking garage.",
)


def transcript(text: str) -> tuple[TranscriptSegment, ...]:
    """Lines of `A: words` as segments."""
    segments: list[TranscriptSegment] = []
    for line in text.strip().replace("\n", " ").replace(" A: ", "\nA: ").splitlines():
        for turn in line.replace(" B: ", "\nB: ").replace(" C: ", "\nC: ").splitlines():
            speaker, _, words = turn.partition(": ")
            at = len(segments) * 80_000
            number = ord(speaker) - ord("A")
            identity = SegmentId(f"segment-{len(segments)}")
            segments.append(TranscriptSegment(id=identity, text=words, start=at, end=at + 70_000, speaker=number))
    return tuple(segments)


def long_meeting(words: int) -> tuple[TranscriptSegment, ...]:
    """A meeting with topics that come back, and much chatter in between."""
    chatter = (
        "Yeah, I think so too.",
        "Okay, sure, let me see.",
        "Right, so what do you want to do about that?",
        "Mhm.",
    )
    turns: list[str] = []
    count = 0
    while count < words:
        n = len(turns)
        turns.append(MEETING_HOUR_TOPICS[n // 4 % len(MEETING_HOUR_TOPICS)] if n % 4 == 0 else chatter[n % 4])
        count += len(turns[-1].split())
    return transcript("\n".join(f"{'ABC'[n % 3]}: {turn}" for n, turn in enumerate(turns)))
