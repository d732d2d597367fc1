"""What takes place when: talks with the events that they hold, as `day-of-month[ hour:minute] words`."""

from tests.unit.adapters.outbound.language_model.labeled_talks import Labeled

SEEN: tuple[Labeled, ...] = (
    Labeled("A: The budget meeting is on Thursday at 3 pm. / U: Okay.", ("05-07 15:00 budget meeting",)),
    Labeled("U: I have a dentist appointment tomorrow at 10:30.", ("05-05 10:30 dentist appointment",)),
    Labeled("A: Are you free for lunch on Friday? / U: Sure, sounds good.", ("05-08 lunch",)),
    Labeled("A: Are you free for lunch on Friday? / U: No, I'm sorry, I can't."),
    Labeled("U: We had dinner with Anna last Friday. / A: How was it?"),
    Labeled("A: The standup is every Monday at nine. / U: I know."),
    Labeled("U: We should have lunch some day. / A: Yes, some time."),
    Labeled("A: My flight to Lisbon leaves on May 12th at 6:40 in the morning.", ("05-12 06:40 flight to lisbon",)),
    Labeled("U: When is the interview? / A: Tomorrow at 2 pm.", ("05-05 14:00 interview",)),
    Labeled("A: The report is due on Wednesday.", ("05-06 report due",)),
    Labeled("U: Dinner with my parents tonight at seven.", ("05-04 19:00 dinner",)),
    Labeled("A: The meeting was at 3 pm and it took forever."),
    Labeled("U: I'll call mom tomorrow. / A: Say hi."),
    Labeled("A: The call has been moved to 4 pm tomorrow. / U: Fine.", ("05-05 16:00 call",)),
    Labeled("A: If the weather is nice we could have a picnic on Sunday."),
    Labeled("U: Let's meet at the station on Saturday at noon. / A: Deal.", ("05-09 12:00 meet",)),
    Labeled("A: The meeting on Tuesday is canceled. / U: Good."),
    Labeled("A: I'll finish the slides by Friday for the review."),
)

HELD_OUT: tuple[Labeled, ...] = (
    Labeled("U: Emma's birthday party is next Saturday.", ("birthday party",)),
    Labeled("A: The concert starts at 8 pm on Friday. / U: I can't wait.", ("05-08 20:00 concert",)),
    Labeled("U: I'm seeing the doctor on Tuesday at eleven.", ("05-05 11:00 doctor",)),
    Labeled("A: Did you have the call yesterday? / U: Yes, at three."),
    Labeled("A: Shall we meet on Wednesday at 5 pm? / U: Works for me.", ("05-06 17:00 meet",)),
    Labeled("U: The workshop is on June 3rd from 9 to 11 am.", ("06-03 09:00 workshop",)),
    Labeled("A: My train gets in tomorrow at 7:15 pm. / U: I'll pick you up.", ("05-05 19:15 train",)),
    Labeled("A: We play football on Sundays. / U: I usually sleep."),
    Labeled("A: I wish the exam was tomorrow and not today."),
    Labeled("A: The deadline for the application is May 20th.", ("05-20 deadline",)),
    Labeled("U: We went to a wedding in June. / A: Ours was in May."),
    Labeled("A: The kickoff with the client is tomorrow morning. / U: Okay.", ("05-05 kickoff",)),
    Labeled("A: Our next appointment is in two days at 4 pm.", ("05-06 16:00 appointment",)),
    Labeled("A: What did you do on Friday? / U: I watched a movie."),
    Labeled("A: Do you want to grab dinner on Thursday? / U: Thursday is bad, sorry."),
    Labeled("A: So the demo is Thursday at ten. / U: Right, the demo on Thursday at ten.", ("05-07 10:00 demo",)),
)
