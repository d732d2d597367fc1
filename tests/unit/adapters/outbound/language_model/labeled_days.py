"""Longer talks, as people have them, with all that is to be found in each. Written before any rule had seen them."""

from msgspec import Struct

from tests.unit.adapters.outbound.language_model.labeled_talks import Labeled


class Day(Struct, frozen=True):
    """A talk with its labels."""

    talk: str
    items: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    def labeled(self, *wanted: str) -> Labeled:
        """The talk with labels of one kind."""
        return Labeled(self.talk, wanted)


DAYS: tuple[Day, ...] = (
    Day(
        "A: Hey, how was the weekend? / U: Good, um, we went to the lake with the kids. It was freezing though. / "
        "A: Ha, I bet. So, about the offer for Miller. Did they answer? / U: Not yet. I'll give Sandra a ring this "
        "afternoon and ask her. / A: Okay. And the numbers in the appendix are still the old ones. / U: Oh "
        "right. Yeah, "
        "I'll update those before I send it out again. / A: Cool. Then let's look at it together on Wednesday "
        "at ten. / "
        "U: Wednesday at ten works.",
        items=("sandra", "update"),
    ),
    Day(
        "A: So the results look fine, your blood pressure is a little high. Do you smoke? / U: No, I quit five years "
        "ago. / A: Good. Any allergies? / U: I'm allergic to penicillin. / A: Okay, noted. I'd like you to "
        "measure your "
        "blood pressure every morning for two weeks and write it down. / U: Sure, I can do that. / A: Then "
        "I'll see you "
        "again on the nineteenth, at nine thirty. My assistant will give you the form. / U: Great, thank you.",
        items=("measure blood pressure",),
        facts=("allergic to penicillin",),
    ),
    Day(
        "U: Mom, I'm in the car, can I call you back? / A: Yes, just quickly, are you coming on Sunday for dinner? / "
        "U: Yeah, we'll be there at six. / A: Lovely. Could you bring the big salad bowl? / U: Sure, will do. / A: And "
        "tell Jonas he left his jacket here. / U: I'll tell him. Love you, bye.",
        items=("bring salad bowl", "jonas"),
        events=("dinner",),
    ),
    Day(
        "A: Okay everybody, quick standup. I finished the import script yesterday, today I'm going to write "
        "the tests. / "
        "B: I'm still stuck on the login bug, I think it's the cookie. / U: I can pair with you after lunch. / B: That "
        "would be awesome. / U: I reviewed the design doc, it's good. I'll merge the dark mode branch once "
        "the build is "
        "green. / A: Nice. Don't forget we have the demo for the sales team on Thursday at 2 pm. / B: I'll prepare the "
        "demo account.",
        items=("write tests", "pair", "merge dark mode", "prepare demo account"),
        events=("05-07 14:00 demo",),
    ),
    Day(
        "A: I don't know, I feel like I should quit. / U: You say that every year. / A: I know, I know. But if they "
        "offer me the money I'll stay, obviously. / U: I would too. / A: My sister thinks I'm crazy. / U: She always "
        "thinks that. I love your sister. / A: Everybody does.",
    ),
    Day(
        "U: I was thinking, for your birthday, what do you want? / A: Nothing! Well, I really like that bakery on Main "
        "Street. / U: I love their croissants. I don't eat bread much these days. / A: We could do brunch there. The "
        "Saturday after next maybe. / U: I'd have to check, I work on Saturdays sometimes.",
    ),
    Day(
        "A: Support, this is Kevin, how can I help you? / U: Hi, my order arrived broken, the number is four four one "
        "seven. / A: I'm sorry to hear that. Let me check. Okay, I see it here. I'll send you a replacement today, it "
        "should be there by Friday. / U: Great. Do I need to send the old one back? / A: No, you can keep it. "
        "I'll also "
        "email you a confirmation. / U: Thanks a lot.",
        items=("send replacement", "email confirmation"),
    ),
    Day(
        "U: So I'm originally from Portugal, but I've lived here for ten years. I work as a translator. / A: Oh, cool. "
        "I'm a teacher. I have two boys. / U: Nice. I have a daughter, she's four. / A: Does she go to the "
        "school here? "
        "/ U: Kindergarten, yeah. I play the violin in an orchestra, so evenings are a bit complicated. / A: "
        "My husband "
        "plays the tuba, I know what you mean.",
        facts=("portugal", "works as a translator", "has a daughter", "plays the violin"),
    ),
    Day(
        "A: The plumber is coming tomorrow between eight and ten. Can you be home? / U: I have a call at "
        "nine, but from "
        "home, so yes. / A: Perfect. I'll leave the key under the mat just in case. / U: And we have to pay the rent, "
        "it's the fourth already. / A: Already done. / U: Oh, nice.",
        events=("plumber", "05-05 09:00 call"),
    ),
    Day(
        "A: In the story, the king says I will give my crown to whoever finds the ring. / U: And then? / A: Then the "
        "boy says, I'll find it! And he leaves at midnight. / U: I love stories like that. / A: I'm going to read you "
        "the end tomorrow. / U: Please read it now.",
    ),
    Day(
        "A: Welcome back to the show. Tomorrow at eight we will talk to the mayor. If you want to win tickets for the "
        "concert on Friday, call us now. / B: I can't wait. I live for this music. / A: We'll be right back.",
        events=("05-08 concert",),
    ),
    Day(
        "U: Note to self, I need to renew the car insurance by the end of the month. Also buy batteries. And the "
        "dentist is on Tuesday at 8:15. And remind me to ask Priya for the recipe.",
        items=("renew car insurance", "buy batteries", "priya recipe"),
        events=("dentist",),
    ),
    Day(
        "A: Professor, will this be on the exam? / B: Everything will be on the exam. The exam is on June 12th at 9 am "
        "in room four. You need to bring a calculator. / A: Okay. / B: And please hand in the homework by Thursday. / "
        "C: I'll never finish that.",
        items=("bring calculator", "hand in homework"),
        events=("06-12 09:00 exam",),
    ),
    Day(
        "U: I'm thinking about getting a dog. / A: You have no time. / U: I run every evening anyway. I like big dogs. "
        "/ A: You live in an apartment! / U: True. I'll probably just get a cat. / A: Or a fish.",
        facts=("runs every evening", "likes big dogs"),
    ),
    Day(
        "A: Let's wrap up. Tom, can you take care of the venue? / B: Sure. / A: Lisa sends the invitations, "
        "right, Lisa? "
        "/ C: Yep, I'll send them on Monday. / A: And I'm going to talk to the caterer. The party is on the twentieth "
        "of May at seven. / U: I'll bring the speakers.",
        items=("venue", "send", "caterer", "bring speakers"),
        events=("05-20 19:00 party",),
    ),
    Day(
        "A: Did you see the news? / U: No, what happened? / A: They will raise the taxes next year. / U: Great. I need "
        "a coffee. / A: Me too. I'll get us two. / U: Thanks. Let me just finish this mail.",
    ),
)
