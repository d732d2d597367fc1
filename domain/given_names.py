"""Given names that are common where English is spoken or learned, and are hardly ever words of their own."""

_GIVEN_NAMES_WORDS = """
aaron abdul abigail adam adrian ahmed alan albert alejandro alex alexander alexandra alexis alfred ali alice
alicia alison allison amanda amelia amir amy ana andrea andreas andrew andy angela anita anja ann anna anne
annie anthony antonio arjun arthur ashley audrey barbara beatrice ben benjamin bernard beth bob bradley brandon
brenda brian bruno caleb cameron carla carlos carmen carol caroline catherine cathy charles charlie charlotte
chen chloe chris christian christina christine christopher cindy claire clara claudia colin connor craig cynthia
dan daniel daniela danny dave david deborah debra dennis derek diana diego dmitri dominic donald donna doris
dorothy douglas dylan eddie edith edward elena eli elias elijah elizabeth ella ellen elliot emily emma eric
erica erik erin ethan eugene eva evan evelyn fatima felix fernando fiona francesca francis frank fred frederick
gabriel gareth gary gavin george gerald giulia glenn gloria gordon greg gregory hannah hans harold harry hassan
heather heidi helen helena henry howard hugh hugo ian ibrahim ines ingrid irene isaac isabel isabella ivan jack
jackie jacob jake james jamie jan jane janet jason javier jean jeff jeffrey jenna jennifer jenny jeremy jerry
jesse jessica jill jim jimmy joan joanna joe joel johannes john johnny jonas jonathan jordan jose joseph josh
joshua joyce juan judith judy julia julian julie justin karen karl kate katherine kathleen kathy katie keith
kelly ken kenneth kevin kim klaus kumar kyle lara larry laura lauren laurie lea leah lee lena leo leon leonard
leslie liam lily linda lisa liz lola lorenzo louis louise lucas lucia lucy luis luke lukas lydia lynn madison
maggie malcolm marc marco marcus margaret maria marie marilyn mario marta martha martin martina mary mateo matt
matthew maureen max maya megan mei melanie melissa mia michael michelle miguel mike mohammed monica morgan naomi
natalie natasha nathan neil nicholas nick nicola nicole nikhil nina noah nora olga oliver olivia omar oscar owen
pablo pam pamela patricia patrick paul paula pedro peggy peter phil philip pierre priya rachel rafael rahul raj
ralph ravi rebecca richard rick rita rob robert roberto robin rodrigo roger roland ron ronald rosa roy russell
ruth ryan sally sam samantha samir samuel sandra sanjay sara sarah scott sean sebastian sergei sharon sheila
shirley simon sofia sonia sophia sophie stacy stan stefan stella stephanie stephen steve steven stuart sue susan
susanne sylvia tamara tanya tara ted teresa terry theo theresa thomas tim timothy tina tobias todd tom tommy
tony tracy tyler valentina valerie vanessa vera veronica vicky victor victoria vikram vincent virginia vivian
walter wanda wayne wendy william wolfgang xavier yasmin yuki yusuf yvonne zach zoe
"""
GIVEN_NAMES = frozenset(_GIVEN_NAMES_WORDS.split())
