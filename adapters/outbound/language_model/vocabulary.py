"""English words that are said whatever the talk is about. The words that are left are the topics."""

FUNCTION = """
a about above across after again against ago all almost along already also although always am an and another any
anybody anyone anything anyway anywhere are aren't around as at away back be because been before behind being
below beside between beyond both but by can can't cannot could couldn't despite did didn't do does doesn't doing
don't done down during each either else enough even ever every everybody everyone everything everywhere except
few for from further had hadn't has hasn't have haven't having he her here hers herself him himself his how
however i if in indeed inside instead into is isn't it its itself just less let many may me might mine more most
much must my myself near neither never no nobody none nor not nothing now nowhere of off often on once only onto
or other others ought our ours ourselves out outside over own per perhaps quite rather same several shall she
should shouldn't since so some somebody someone something sometimes somewhere soon still such than that the
their theirs them themselves then there therefore these they this those though through throughout thus to
together too toward towards under unless until up upon us very was wasn't we were weren't what whatever when
whenever where whether which while who whoever whole whom whose why will with within without won't would
wouldn't yes yet you your yours yourself yourselves
"""
"""Words that hold sentences together."""

SPOKEN = """
absolutely actually alright amazing amen anyways apparently awesome basically bet bit bye certainly cool course
dear definitely dude eh exactly excellent fantastic fine folks glad gonna goodbye goodness gosh gotta great
guess guy guys ha haha hello hey hi honestly hopefully huh interesting kay kind kinda like likely literally lot
lots lovely maybe mean nah nice nope noted obviously ok okay oops perfect please pretty probably really right
seriously sir sorry sort sorta stuff sure surely thank thanks thing totally true ugh wanna welcome well whoa
wonderful wow ya yeah yep yup
"""
"""What people say while they think, agree, greet and praise."""

VERBS = """
ask asked asking asks become began begin believe bring bringing brings brought came come comes coming explain
feel feeling feels felt find finding finds found gave get gets getting give given gives giving go goes going
gone got gotten happen happened happening happens hear heard hearing hope hoping keep keeping keeps kept knew
know knowing known knows leave leaving left lets liked look looked looking looks love loved loves made make
makes making meant need needed needing needs put puts putting realize realized remember said saw say saying says
see seeing seem seemed seems seen set show showed shown start started starting starts stop stopped suppose
supposed take taken takes taking talk talked talking tell telling tells think thinking thinks thought told took
tried tries try trying turn turned understand use used uses using wait waiting want wanted wanting wants went
wish wonder wondering worried worry
"""
"""Verbs that go with every topic."""

NUMBERS = """
billion couple dozen eight eighteen eighty eleven fifteen fifth fifty first five forty four fourteen fourth half
hundred last million nd next nine nineteen ninety one rd second seven seventeen seventy six sixteen sixty ten th
third thirteen thirty thousand three twelve twenty two zero
"""
"""Numbers."""

COMMON = """
able add added afternoon almost answer answered april area arrive arrived ate august bad began beginning best
better big bigger biggest bit book bought boy break breakfast brother build built buy buying call called calling
calls care careful carry case catch chance change changed cheap cheaper check checked child choose clear clearly
close cold copy correct could crazy cut dad daily dark date daughter day deal december decide decided difference
different difficult door dr drive drop dropped earlier early easier easily easy eat eating eats end ended entire
especially evening eventually exact excited exciting expect expensive extra eye face fact fair fall family far
fast favorite february fell few figure finish finished fix fixed fixing follow forget forgot form forward free
friday friend front full fun funny general girl god good group grow guest hand happy hard head hear heard help
helped helping helps high hold home honest horrible hot hour house huge idea imagine immediately important
insane interested issue it'd item january job join july june kid large late lately later learn learned leaves
light line list listen little live lived living long longer longest low luck lucky lunch main man march matter
meet meeting men mention mentioned middle midnight mind minute miss missed mom moment monday month morning
mother move moved moving mr mrs ms name near nearby necessary new news night nobody normal normally note notice
november number october offer old older open order ordered ordering own paid part particular pass past pay
people person pick picked piece place plan planned planning play played playing plus point possible possibly
problem pull push question quick quickly quiet quit read ready real reason recently regular remind rest room run
running sad safe saturday save second send sense sent september serious share short shorter sick side sign
simple simply sit situation sleep slow small somebody son sound sounds special spend spent st stand stay stayed
step stick story strange street strong stronger stuck stuff sunday super surprised sweet team term terms
terrible thousand thursday time tiny tired today tomorrow tonight top total touch town trouble tuesday twentieth
twice type usual usually visit walk wall wash watch watched watching way weak wednesday week weekend weird
whether wife win woman women wonderful word work worked working works world worse worst worth wrap write wrong
wrote year years yesterday young
"""
"""Words that are said in every second talk: they tell little, but they complete phrases."""

FILLERS = """
ah aha er erm hm hmm mhm mm mmm oh ooh uh uhh uhm um umm
"""
"""Sounds."""
