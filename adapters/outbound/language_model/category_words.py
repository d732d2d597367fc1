"""Words that give away what kind of talk it is. A word may stand in several categories."""

from domain.memory import Category

SURE: dict[Category, str] = {
    Category.PERSONAL: """
        chore groceries laundry housework garden diary hobby
    """,
    Category.EDUCATION: """
        homework semester professor tuition syllabus curriculum classroom university college essay exam lecture
    """,
    Category.HEALTH: """
        doctor hospital medication prescription symptom diagnosis therapist surgery nurse clinic dentist allergy
        cholesterol antibiotic physician vaccine migraine blood-pressure
    """,
    Category.FINANCE: """
        mortgage invoice loan dividend tax taxes savings portfolio pension refinance 401k payroll retirement
    """,
    Category.LEGAL: """
        lawyer attorney lawsuit court judge plaintiff defendant clause liability subpoena deposition custody
        statute
    """,
    Category.PHILOSOPHY: """
        philosophy philosopher ethics consciousness existential metaphysics stoic stoicism morality kant
        nietzsche utilitarian determinism epistemology
    """,
    Category.SPIRITUAL: """
        prayer pray church meditation god jesus bible quran buddha temple mosque gospel sermon worship scripture
        priest rabbi karma
    """,
    Category.SCIENCE: """
        physics chemistry biology molecule quantum hypothesis neuron astronomy telescope genome dna enzyme
        photon experiment scientist microscope galaxy evolution
    """,
    Category.ENTREPRENEURSHIP: """
        startup founder entrepreneur pitch investor seed-round bootstrap cofounder co-founder accelerator
        venture fundraising valuation runway
    """,
    Category.PARENTING: """
        toddler diaper daycare babysitter kindergarten parenting bedtime pediatrician potty newborn stroller nap
        tantrum playdate
    """,
    Category.ROMANTIC: """
        girlfriend boyfriend fiance romantic valentine anniversary honeymoon proposal crush kiss engaged breakup
    """,
    Category.TRAVEL: """
        flight airport hotel passport itinerary vacation luggage suitcase airbnb tourist visa hostel sightseeing
        airline boarding
    """,
    Category.INSPIRATION: """
        inspire inspired inspiring inspiration motivation motivational dream courage perseverance gratitude
    """,
    Category.TECHNOLOGY: """
        software app computer server database algorithm code laptop smartphone api programming developer bug
        python javascript battery bluetooth firmware deploy deployment cloud robot gpu chip remote-control
        chatbot
    """,
    Category.BUSINESS: """
        revenue profit quarterly merger acquisition supplier wholesale retail stakeholder margin forecast
        shareholder marketing
    """,
    Category.SOCIAL: """
        party barbecue potluck gossip hangout reunion housewarming karaoke
    """,
    Category.WORK: """
        deadline colleague coworker boss manager meeting agenda memo standup spreadsheet promotion office
        employee hr onboarding resume interview sprint roadmap
    """,
    Category.SPORTS: """
        football basketball soccer baseball tennis hockey playoffs quarterback touchdown marathon referee league
        championship tournament golf goalkeeper cricket nba nfl olympics
    """,
    Category.POLITICS: """
        constitution constitutional amendment
        election senate congress parliament president vote voter campaign politician republican democrat
        government legislation minister governor ballot mayor referendum policy
    """,
    Category.LITERATURE: """
        novel poem poetry author fiction chapter literature protagonist novelist shakespeare memoir storyteller
        tolstoy narrator
    """,
    Category.HISTORY: """
        history historian empire medieval ancient dynasty revolution archaeology roman century civilization
        napoleon colonial historical
    """,
    Category.ARCHITECTURE: """
        architect architecture blueprint facade skyscraper renovation gothic scaffolding zoning floor-plan
        masonry
    """,
}
"""Words that name their category alone."""

HINTS: dict[Category, str] = {
    Category.PERSONAL: """
        family home house apartment kitchen dinner cook clean mom dad mother father brother sister dog cat pet
        sleep moved neighbor feeling birthday shopping recipe bathroom furniture couch car
    """,
    Category.EDUCATION: """
        school class teacher student study course learn grade test degree campus assignment graduate math tutor
        lesson
    """,
    Category.HEALTH: """
        pain sick fever cough headache health healthy diet exercise gym vitamin weight sleep dose pill medicine
        treatment stress anxiety blood pressure appointment injury knee back throat flu
    """,
    Category.FINANCE: """
        money bank budget invest investment stock interest rate rent payment debt credit account cost price fund
        bill salary insurance save deduction expense percent dollar
    """,
    Category.LEGAL: """
        contract legal law agreement rights case settlement witness sign evidence trial license patent divorce
    """,
    Category.PHILOSOPHY: """
        meaning existence moral truth reality soul mind freedom virtue argument knowledge free-will purpose
        socrates plato
    """,
    Category.SPIRITUAL: """
        spiritual faith soul blessing holy spirit grace heaven meditate religion mindfulness lord sin sacred
        ritual
    """,
    Category.SCIENCE: """
        science research laboratory lab theory data cell energy particle species climate gene brain protein atom
        planet measurement study
    """,
    Category.ENTREPRENEURSHIP: """
        idea product market customer launch company equity business growth traction mvp funding revenue
    """,
    Category.PARENTING: """
        baby kid child children son daughter school parent mom dad teacher teething toy screen-time
    """,
    Category.ROMANTIC: """
        love date dating relationship wedding marry married marriage heart ring couple husband wife beautiful
        flowers partner together
    """,
    Category.TRAVEL: """
        trip travel train ticket beach island map museum road drive booked booking abroad tour city country
        plane station camping taxi reservation guide
    """,
    Category.INSPIRATION: """
        goal believe hope passion mindset success overcome strength challenge grateful journey potential failure
    """,
    Category.TECHNOLOGY: """
        technology device phone data internet screen website network model ai machine system user interface
        update button sensor feature remote online digital password electronic kubernetes backend frontend
        design infrared lcd
    """,
    Category.BUSINESS: """
        business company market customer client sale sales contract strategy brand product competitor price deal
        growth industry partner store franchise target
    """,
    Category.SOCIAL: """
        friend birthday dinner invite invited drinks guest dance celebrate concert wedding weekend fun music
        game beer wine cake neighbor club movie bar gift
    """,
    Category.WORK: """
        project team report task work job client email presentation schedule department shift career document
        review milestone conference slides staff company
    """,
    Category.SPORTS: """
        game team coach player score match season goal win race training ball stadium fans swim gym run running
        defense half-time penalty
    """,
    Category.POLITICS: """
        law party political debate tax rights country state war border reform committee citizen protest council
        public
    """,
    Category.LITERATURE: """
        book read reading writer character plot story library writing page publish publisher poet verse prose
    """,
    Category.HISTORY: """
        war king queen battle emperor army museum soldier treaty ruins world-war past kingdom monument slavery
    """,
    Category.ARCHITECTURE: """
        building construction design brick roof concrete floor foundation window tower column arch structure
        beam steel wall ceiling cathedral contractor staircase
    """,
}
"""Words that need company."""
