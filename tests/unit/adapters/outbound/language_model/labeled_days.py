"""Longer talks, as people have them, with all that is to be found in each.

They came in three lots, each written when the rules stood, before these had seen it. What the rules made of a lot at
first sight stands in docs/memory.md; then they were mended by it, so that what they make of it now says less.
"""

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

LATER: tuple[Day, ...] = (
    Day(
        "A: yeah so i looked at the budget and we are about ten percent over / U: okay that's not great i'll talk to "
        "finance and see what we can shift / A: cool can you also send me the breakdown per team / U: yeah sure / A: "
        "and i will update the forecast",
        items=("talk finance", "send breakdown", "update forecast"),
    ),
    Day(
        "A: How did the interview go? / U: I think it went well. They want me to come back next Tuesday at ten for a "
        "second round. / A: That's amazing! / U: I have to prepare a short presentation until then. I hate "
        "presentations. / A: You'll be fine. I'll help you practice if you want.",
        items=("prepare presentation",),
        events=("05-12 10:00 second round",),
        facts=("dislikes presentations",),
    ),
    Day(
        "A: Dinner's ready! / U: Coming! / A: Can you set the table, please? / U: One second. Okay. Did you call the "
        "school? / A: No, I'll do that tomorrow. Parents' evening is on Thursday at six, by the way. / U: I can go. / "
        "A: Great, then I'll take the kids to swimming.",
        items=("call school",),
        events=("05-07 18:00 parents' evening",),
    ),
    Day(
        "A: So what brings you here? / U: My knee hurts when I run. I run three times a week. / A: For how long? / U: "
        "About a month. / A: I'd like to do an x-ray. Please make an appointment at the front desk. / U: Okay, will "
        "do. / A: Until then no running. And you need to ice it twice a day. / U: Got it.",
        items=("make appointment", "ice"),
        facts=("runs three times a week",),
    ),
    Day(
        "A: We could go to Italy in the summer. / U: Or Greece. I love Greek food. / A: Flights are expensive. / U: "
        "I'll look at flights tonight. / A: Don't book anything yet. / U: I won't, I'll just check.",
        items=("look flights",),
        facts=("loves greek food",),
    ),
    Day(
        "A: The thing about habits is that you need to start small. You have to floss one tooth. I will give you an "
        "example. When I was writing my first book I would get up at five. / B: Right, and you should never break "
        "the chain. / A: Exactly. And people say, I'll do it tomorrow. Tomorrow never comes.",
    ),
    Day(
        "U: Hey, it's me. Just calling to say I'm running late, I'll be there in twenty minutes. Can you order me a "
        "coffee? / A: Sure, cappuccino? / U: Yes, please. With oat milk, I'm lactose intolerant. / A: I know. See you.",
        facts=("lactose intolerant",),
    ),
    Day(
        "A: Team, two things. First, the office is closed on May 14th. Second, please fill out the survey by "
        "Friday. / B: What survey? / A: The one I sent yesterday. / B: Ah, okay, I'll fill it out. / U: Already "
        "done. / A: Thanks. Next all-hands is on the twelfth of May at 11 am.",
        items=("fill survey",),
        events=("05-12 11:00 all-hands",),
    ),
    Day(
        "U: We got the apartment! / A: No way, congratulations! When do you move in? / U: On June 1st. I need to "
        "cancel the old lease and find a moving company. / A: My cousin has a van, I'll ask him. / U: That would "
        "be so kind. We need to paint the bedroom first.",
        items=("cancel lease", "ask"),
        events=("06-01 move in",),
    ),
    Day(
        "A: Did you know that I'm a twin? / U: No! I have two older brothers. / A: And what do you do? / U: I'm a "
        "physicist, I work at a lab in Geneva. But I grew up in Peru. / A: My sister lives in Geneva.",
        facts=("two older brothers", "physicist", "works at a lab"),
    ),
    Day(
        "A: I swear, if he calls me one more time I'll scream. / U: Block him. / A: I should. You know what, I'm "
        "going to change my number. / U: Do that. / A: Tomorrow. I'll do it tomorrow.",
        items=("change number",),
    ),
    Day(
        "A: This is the captain. We will land in Denver at 4:20 pm local time. / U: Oh no, my connection leaves at "
        "4:50. / B: You should talk to the crew. / U: I will. Can I borrow your pen? / B: Sure.",
        items=("talk crew",),
    ),
    Day(
        "A: Okay, homework. Read chapter five and answer the questions on page ninety. The test is next Monday. / "
        "B: Will it be hard? / A: You'll be fine if you read the chapter. / U: Can I hand in my essay tomorrow? / "
        "A: Yes, but not later.",
        items=("read chapter",),
        events=("05-11 test",),
    ),
    Day(
        "U: I want to write down some ideas. The app should show a map first. I love the idea of a big button. Call "
        "Daniel about the icons. Someday I'll hire a designer. And my favorite one is the blue one.",
        items=("call daniel icons",),
    ),
)
"""Written after the rules had been mended by the others, again before any had seen them."""

LAST: tuple[Day, ...] = (
    Day(
        "U: I love this restaurant, I love the view. / A: Me too. Have you decided? / U: I'll have the risotto. I "
        "don't eat pork, otherwise I'd take the ragu. / A: Then I'm taking the ragu. By the way, my mother is coming "
        "to visit on Friday. / U: Nice! I'll bake a cake.",
        items=("bake cake",),
        facts=("not eat pork",),
    ),
    Day(
        "A: Can we go over the contract? / U: Sure. / A: Clause four says the tenant must repair small damages. You "
        "have to pay the deposit before you move in. / U: Okay. I'll transfer the deposit on Monday. / A: And I will "
        "send you the signed copy by mail. / U: Thank you.",
        items=("transfer deposit", "send signed copy"),
    ),
    Day(
        "A: My name is Fatima, I'm calling about the job. / U: Hi Fatima. Could you send us your references? / A: "
        "Yes, of course. / U: And are you available for an interview on May 13th at 2 pm? / A: That works. / U: "
        "Great, I'll put it in the calendar.",
        items=("send references",),
        events=("05-13 14:00 interview",),
    ),
    Day(
        "U: I'm so hungry I could eat a horse. I have a horse. No, I'm kidding. I have a meeting in ten minutes "
        "though. / A: I'll save you a sandwich. / U: You're an angel.",
        items=("save sandwich",),
        events=("meeting",),
    ),
    Day(
        "A: Remember when we were kids? You always said, I'm going to be an astronaut. / U: And now I sell "
        "insurance. I like my job though. / A: I'm a nurse and I love it. / U: My wife says I work too much.",
        facts=("likes their job",),
    ),
    Day(
        "A: The printer is broken again. / U: Did anybody call the technician? / A: I did, he's coming on Wednesday "
        "afternoon. / U: Good. I need to print my boarding pass, my flight is tomorrow at 11:25 am. / A: You can use "
        "mine. / U: Thanks, I owe you one.",
        items=("print boarding pass",),
        events=("05-05 11:25 flight",),
    ),
    Day(
        "A: Let me tell you a secret. I'm going to propose to her. / U: No! When? / A: At the concert, on the 23rd of "
        "May. I have to pick up the ring before that. / U: I won't tell anybody. I'm married to the biggest gossip, "
        "but I won't.",
        items=("pick up ring",),
        events=("05-23 concert",),
    ),
    Day(
        "A: In this course you will learn how to write. Every Friday you'll submit a text. I'll read them and give "
        "feedback. / U: I've never studied literature, I'm an accountant. / A: No problem. I write every day. You "
        "should too.",
        facts=("accountant",),
    ),
    Day(
        "U: Where did you put the keys? / A: I don't know. I'll look in the kitchen. / U: I need to leave in five "
        "minutes. / A: Found them. / U: You're the best. Can you also feed the cat tonight? / A: Sure thing.",
        items=("feed cat",),
    ),
    Day(
        "A: Our guest works as a diver. / B: That's right, I live on a boat. I love sharks. / A: Let's talk about "
        "sharks then. / B: You need to respect them. I'll give you an example. / A: We will be back after the break.",
    ),
)
"""Written after that, too."""

ALL = (*DAYS, *LATER, *LAST)
