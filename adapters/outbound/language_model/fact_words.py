"""Trades, illnesses, languages and the like, as alternatives within patterns."""

HABITUAL = (
    "get up|wake up|go|run|walk|swim|drink|eat|cook|cycle|bike|meditate|read|commute|drive|smoke|exercise|work out|"
    "work from home|sleep|play|train|jog|stretch|journal|pray|garden|take the (?:bus|train|tram|subway|bike)"
)
TRADE = (
    r"(?:(?:software|civil|mechanical|electrical|sound|data|primary school|high school|freelance|retired|graphic|"
    r"taxi|bus|truck|math|music|english|history|science|yoga|social|construction|research|product|project|web|game|"
    r"video|tax|family|real estate|veterinary|physical|flight|police|fashion|interior|landscape|registered|"
    r"pediatric|senior|junior|self-employed|professional) )*(?:engineer|teacher|nurse|doctor|lawyer|developer|"
    r"programmer|designer|carpenter|chef|cook|baker|driver|pilot|plumber|electrician|accountant|architect|"
    r"journalist|writer|author|musician|photographer|scientist|researcher|professor|student|manager|consultant|"
    r"therapist|dentist|farmer|mechanic|librarian|translator|waiter|waitress|barista|firefighter|paramedic|"
    r"physicist|chemist|biologist|economist|psychologist|veterinarian|vet|analyst|banker|artist|painter|actor|"
    r"actress|dancer|singer|potter|gardener|tailor|hairdresser|pharmacist|surgeon|attendant|agent|worker|officer|"
    r"instructor|coach|administrator|entrepreneur|founder|midwife)"
)
ILLNESS = (
    r"(?:type (?:one|two|1|2) )?diabetes|asthma|migraines?|epilepsy|arthritis|high blood pressure|low blood pressure|"
    r"hay fever|celiac disease|eczema|adhd|dyslexia|insomnia|tinnitus|a nut allergy|a peanut allergy|a pacemaker|"
    r"a bad knee|a bad back|sleep apnea|anemia|psoriasis|scoliosis|crohn's disease"
)
STATE = (
    r"(?:a )?(?:vegetarian|vegan|pescatarian|diabetic|teetotaler)|left-handed|colou?r ?blind|lactose intolerant|"
    r"gluten intolerant|nearsighted|shortsighted|dyslexic|divorced|widowed|retired|self-employed|a night owl|"
    r"an early bird|an introvert|an extrovert|an only child|a morning person|afraid of (?:heights|flying|spiders|dogs)"
)
LANGUAGE = (
    "english|german|french|spanish|italian|portuguese|dutch|swedish|norwegian|danish|finnish|polish|russian|"
    "ukrainian|czech|greek|turkish|arabic|hebrew|persian|farsi|hindi|urdu|bengali|tamil|mandarin|cantonese|chinese|"
    "japanese|korean|vietnamese|thai|swahili|hungarian|romanian|croatian|serbian|latin|catalan|sign language"
)
PLAYED = (
    "piano|guitar|violin|cello|drums|bass|flute|trumpet|saxophone|clarinet|harp|ukulele|organ|banjo|accordion|viola|"
    "football|soccer|tennis|basketball|volleyball|golf|chess|badminton|squash|hockey|rugby|cricket|baseball|softball|"
    "table tennis|ping pong|bridge|poker|padel|handball"
)
KIN = (
    "wife|husband|partner|girlfriend|boyfriend|fiancee?|son|daughter|brother|sister|mother|father|mom|mum|dad|"
    "grandmother|grandfather|grandma|grandpa|aunt|uncle|cousin|niece|nephew|dog|cat|boss|roommate|best friend|baby"
)
HAD = (
    r"kids?|child(?:ren)?|daughters?|sons?|brothers?|sisters?|siblings|dogs?|cats?|grandchildren|grandkids|twins|"
    r"horses?|chickens|rabbits|parrots?|nieces|nephews|godchildren|goats|bees"
)
