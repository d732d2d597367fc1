"""Who promised what: talks with the action items that they hold. Half of them were looked at while rules were made."""

from tests.unit.adapters.outbound.language_model.labeled_talks import Labeled

SEEN: tuple[Labeled, ...] = (
    Labeled("U: I'll send you the slides by Friday. / A: Great, thanks.", ("send slides",)),
    Labeled(
        "A: Can you call the landlord about the heating? / U: Sure, I'll do it this afternoon.", ("call landlord",)
    ),
    Labeled("A: Could you please book a table for six? / U: Yeah, no problem.", ("book table",)),
    Labeled("A: Can you water my plants while I'm away? / U: Sorry, I can't, I'll be in Rome that week."),
    Labeled("U: I'll be honest, the soup was terrible. / A: Let me see. Yeah, too much salt."),
    Labeled("A: I'll have the salmon. / U: And I'll take the burger, please."),
    Labeled("U: I'll never understand football. / A: I'll explain it to you one day."),
    Labeled("A: If I win the lottery I'll buy a boat. / U: I would sail around the world."),
    Labeled("U: I sent the invoice yesterday. / A: Good, I paid the last one on Monday."),
    Labeled("A: Will you come to the party? / U: I don't know yet. Should I bring something?"),
    Labeled(
        "A: And we're almost out of diapers, can you order some? / U: Sure, I'll order diapers tonight.",
        ("order diapers",),
    ),
    Labeled(
        "A: Let me look at the cost of the chips before the next meeting. / U: Good. I'll sketch the case until then.",
        ("look cost chips", "sketch case"),
    ),
    Labeled("U: Remind me to renew my passport. / A: Okay.", ("renew passport",)),
    Labeled("U: I need to pick up the dry cleaning tomorrow. / A: Which one do you use?", ("pick up dry cleaning",)),
    Labeled("U: I have to say, that was fun. / A: I need to go now. See you."),
    Labeled(
        "A: Okay, last point. Ben, please write up the notes and send them around. / B: Will do.",
        ("write notes",),
    ),
    Labeled("A: He said, I'll fix the roof next week, and then he never came. / U: Typical."),
    Labeled("A: Can you hear me? / U: Yes. / A: Can you tell me how it works? / U: Sure, it's simple."),
    Labeled(
        "A: You should take the pills twice a day and come back in two weeks. / U: Okay, I'll make an appointment.",
        ("take pills", "make appointment"),
    ),
    Labeled("A: Don't forget to lock the back door when you leave. / U: I won't.", ("lock back door",)),
    Labeled("U: I'm going to email Sarah about the contract tomorrow morning.", ("email sarah contract",)),
    Labeled("A: I'm going to be sick. / U: Let me get you some water."),
    Labeled("A: We need to fix the login page before the launch. / B: I can take that. / A: Thanks.", ("fix login",)),
    Labeled("U: I usually cook on Sundays, I'll make pasta or something. / A: Nice."),
)

HELD_OUT: tuple[Labeled, ...] = (
    Labeled("A: Would you mind sending me the address? / U: Of course, I'll text it to you.", ("send address",)),
    Labeled("U: I'll pay the electricity bill tonight. / A: And I'll call the plumber.", ("pay bill", "call plumber")),
    Labeled("A: I will review your pull request after lunch. / U: Thanks a lot.", ("review pull request",)),
    Labeled("A: You know what, I'll bet he forgot. / U: I'll say."),
    Labeled("U: Let me think. Let me know if you hear something. / A: Yeah."),
    Labeled("A: Could you do me a favor and drop this letter off? / U: Yep, on my way home.", ("drop letter",)),
    Labeled("A: Can you lend me fifty euros? / U: No, not again."),
    Labeled("U: I was going to call you but I forgot. / A: I would have picked up."),
    Labeled("A: What would you do? / U: I'd sell the house. / A: Maybe I will."),
    Labeled("U: I must finish the tax return this week. / A: Mine is done.", ("finish tax return",)),
    Labeled(
        "A: So who takes the presentation? / B: I'll prepare the presentation. / C: And I'll get numbers from sales.",
        ("prepare presentation", "get numbers sales"),
    ),
    Labeled("A: Please close the window, it's cold. / U: There you go."),
    Labeled("A: Mom says I'll be a doctor when I grow up. / U: Do you want that?"),
    Labeled("U: I've got to buy a present for Lena before Saturday.", ("buy present",)),
    Labeled("A: Could we move the call? / U: Yeah. / A: I'll send out a new invite.", ("send invite",)),
    Labeled("U: Let's see what happens. We'll see. / A: I'll keep my fingers crossed."),
    Labeled("A: Make sure you bring your insurance card on Thursday. / U: Okay, got it.", ("bring insurance card",)),
    Labeled("A: I'll get back to you with a quote by Wednesday. / U: Perfect.", ("quote",)),
    Labeled("A: She told me I should quit my job. / U: And what did you say?"),
    Labeled("A: Anna will send the contract to the client on Tuesday. / U: Good.", ("send contract client",)),
    Labeled("U: I think I'll go to bed. / A: I'll turn off the light."),
    Labeled("A: Did you book the flights? / U: I'll book them tonight, you book the hotel. / A: Deal.", ("book",)),
    Labeled("A: Can you pick Tom up from school today? / U: I will.", ("pick tom school",)),
    Labeled("A: People always say I'll start running tomorrow. / U: Ha, true. I used to say that."),
)
