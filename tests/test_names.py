"""Names made invisible: whoever is written about, the features and the scores are the same."""

import re

import numpy as np
import pytest
from growth import is_linear
from hypothesis import example, given, settings
from hypothesis import strategies as st

import tonelens
from tonelens.features import STYLE, extract
from tonelens.names import NAME, NUMBER, PLACEHOLDER, find_names, hide_names, mask_names
from tonelens.tokens import key_of, tokenize

relaxed = settings(deadline=None)  # the machine may be busy

PEOPLE = """
Ana Lima | Bernie Sanders | Marine Le Pen | Angela Merkel | Olaf Scholz | Ngozi Okonjo-Iweala
Jean-Luc Mélenchon | Conor O'Brien | Siobhán O’Neill | Mitch McConnell | Keir Starmer
Giorgia Meloni | J. K. Rowling | J.K. Rowling | George W. Bush | L. Rafael Reif | Ms. Ana Lima
Mr. Costa | Mrs. Thatcher | Dr. Anthony Fauci | Dr. Mbeki | Sen. Elizabeth Warren
Gov. Gavin Newsom | Rep. Ilhan Omar | President Zelenskyy | President Macron
Prime Minister Narendra Modi | Professor Adeyemi | Lord Mandelson | Sir Keir Starmer
Charles de Gaulle | Osama bin Laden | Ludwig van Beethoven | Ursula von Trapp
Martin Luther King Jr. | Mohammed bin Salman | Hillary Clinton | Donald Trump | Trump | Biden
Zelenskyy | Putin | Modi | Lula da Silva | Xi Jinping | Benjamin Netanyahu | Jacinda Ardern
McCarthy | O'Rourke | Søren Kierkegaard | Recep Tayyip Erdoğan | Beyoncé
Alexandria Ocasio-Cortez | Chief Justice John Roberts | Pope Francis | Theresa May | Nancy Pelosi
Mr. Young | J. K. Rose | Ms. Hope Black | Ursula von der Leyen | Miguel de la Torre
"""
PARTIES = """
the Democratic Party | the Republican Party | the Labour Party | the Conservative Party | the Greens
the Liberal Democrats | Fidesz | Likud | the African National Congress | the Bharatiya Janata Party
the Workers' Party | the Scottish National Party | Sinn Féin | Plaid Cymru | the SPD | the CDU
Syriza | Podemos | the National Rally | the Five Star Movement | Hamas
the Party of European Socialists | the AfD | the Democratic Unionist Party
"""
COUNTRIES = """
the United States | the United Kingdom | the U.S. | the UK | Bosnia and Herzegovina | Côte d'Ivoire
Trinidad and Tobago | Antigua and Barbuda | the Democratic Republic of Congo | the Netherlands
the Central African Republic | Papua New Guinea | New Zealand | South Africa | North Korea | France
Germany | China | India | Russia | Ukraine | Iran | Israel | Egypt | Mexico | Brazil | Turkey | Chad
Jordan | Guinea-Bissau | Timor-Leste | São Tomé and Príncipe | Saudi Arabia | Sri Lanka | Japan
the Isle of Man | the Republic of the Congo | Georgia
"""
OUTLETS = """
the Guardian | The Guardian | The New York Times | the New York Times | the BBC | Fox News | CNN
the Associated Press | Reuters | the Daily Mail | the Washington Post | Breitbart | Le Monde
Der Spiegel | El País | the Wall Street Journal | MSNBC | the Times of India | Al Jazeera
Politico | the Sunday Times | the Financial Times | HuffPost | USA Today
"""
CITIES = """
London | Paris | New York | Los Angeles | Washington | Kyiv | Beijing | São Paulo | Buenos Aires
Rio de Janeiro | St. Louis | The Hague | Mumbai | Jerusalem | Tel Aviv
Sarajevo | Nairobi
"""
NATIONALITIES = """
American | British | French | German | Russian | Ukrainian | Chinese | Israeli | Palestinian
Iranian | Indian | Pakistani | Mexican | Canadian | Turkish | Polish | Swiss | South Korean
Saudi Arabian | New Zealand | U.S. | UK | EU | Anglo-Irish | Democratic | Republican | Nigerian
"""

# Names that the tests of headlines leave out, because words of theirs are ordinary words, which
# the lexicon holds: where every word has a capital, nothing tells the two apart.
ORDINARY = """
Marine Le Pen | Professor Adeyemi | Chief Justice John Roberts | Theresa May
the Democratic Party | the Republican Party | the Labour Party | the Conservative Party | the Greens
the Liberal Democrats | the Bharatiya Janata Party | the Workers' Party
the Scottish National Party | the National Rally | the Five Star Movement
the Party of European Socialists | the Democratic Unionist Party
the Central African Republic | Papua New Guinea | New Zealand | São Tomé and Príncipe
the Isle of Man | The New York Times | the New York Times | Fox News | the Associated Press
the Daily Mail | the Washington Post | Der Spiegel | the Wall Street Journal | the Times of India
Al Jazeera | the Financial Times | USA Today | New York | Ms. Hope Black
the Sunday Times
"""

# {x} is a name, {X} one that begins a sentence, {p} and {P} are its possessives
SENTENCES = """
{X} said the vote would be held in spring.
{X} may yet raise the tax again.
{X}, once the darling of the press, is finished.
{X} has no shame!
{X} is wrong, and so is everyone who follows.
{P} plan is a disgrace.
{P} allies fear that the worst is still to come.
{X}: a portrait
{X} and the rest of them could lose it all.
Perhaps {x} will give way after all.
But {x} said the talks had failed.
Yesterday {x} refused to comment.
If {x} wins, prices will rise by 3.5% within 12 months.
On Monday {x} announced a new tax on bread.
In a letter, {x}, who had long kept quiet, denied the claim.
Why would {x} lie?
Nobody believes {x} any more.
The vote was a gift to {x}.
It was {x}.
Who will stop {x}?
Critics of {x} fear the worst, he said.
Sources close to {x} expect a deal by July.
The plan was {p} worst idea yet.
We may never know what {p} friends were told.
A court in the north ruled against {x} on Friday, officials said.
Voters in the south, where {x} is loathed, stayed at home.
“{X} will not give way,” the aide said.
“{X} is a menace!”
"{X} could still win," she said.
'{X} could still win,' she said.
“{P} budget is a fraud,” he wrote.
“We told {x} so,” they said.
“Nothing that {x} does surprises me,” she added.
He said: “{X} has to go.”
The verdict: {X} was wrong.
The report: {x} was wrong.
Fact check: {P} claim is false.
It is clear: nobody trusts {x}.
They were right... {X} was not.
It was over! {X} had lost.
(As {x} reportedly said.)
The bill – {p} only success – could fail.
So - unless {x} objects - the bill is dead.
• {X} denied it.
""".strip().splitlines()
TWO_NAMES = """
{X} told {y} that the talks had failed.
{X} and {y} may agree sooner or later.
{P} row with {y} is absurd, voters say.
“{X} lied to {y},” he said.
Neither {x} nor {y} would comment.
Unlike {x}, {y} keeps its word.
""".strip().splitlines()
HEADLINES = """
{X} Says Tax Could Rise After Vote
{X} Warns of Worse Cuts Ahead as Prices Soar
Voters Fear Cuts After Visit to {X}
Why {X} Should Stop Blaming Voters
Opinion: {X} Is Wrong About Taxes and Cuts
{P} Plan to Raise Taxes Could Backfire Badly
Voters Turn Against {P} Plan to Raise Taxes
“{X} Could Lose Everything,” Voters Say After Cuts
VOTERS FEAR {x} COULD LOSE AFTER CUTS
{x} COULD LOSE EVERYTHING AFTER CUTS, VOTERS SAY
VOTERS TURN AGAINST {p} PLAN AFTER CUTS
""".strip().splitlines()
# {x} is a nationality
ADJECTIVES = """
{x} officials said no.
{x} voters are furious.
“{x} voters may turn on them,” she said.
The question: {x} troops or none?
The {x} plan is a disgrace.
A {x} official said the talks could fail.
Two {x} journalists were held on Friday.
Voters fear the {x} army.
In the past, {x} leaders were wiser.
Nothing about the {x} economy is sound.
The {x} president's remarks were absurd.
Voters Fear {x} Troops Could Stay After Vote
""".strip().splitlines()


def listed(text: str) -> list[str]:
    """The names of a list."""
    return [name.strip() for line in text.strip().splitlines() for name in line.split("|")]


NAMES = [n for t in (PEOPLE, PARTIES, COUNTRIES, OUTLETS, CITIES) for n in listed(t)]
IN_HEADLINES = [n for n in NAMES if n not in listed(ORDINARY)]


def capital(name: str) -> str:
    """The name as it begins a sentence."""
    return name[0].upper() + name[1:]


def possessive(name: str) -> str:
    """The name's possessive, with the apostrophe alone after an s."""
    return name + ("’" if name.endswith("s") else "’s")


def fill(template: str, x: str, y: str = "") -> str:
    """The template about x (and y), with one full stop where a name that has one ends it."""
    if re.sub(r"{\w}", "", template).isupper():
        x = x.upper()
    p = possessive(x)
    text = template.format(x=x, X=capital(x), p=p, P=capital(p), y=y)
    return text.removesuffix("..") + "." if text.endswith("..") else text


def masked(sentences: list[str]) -> list[list[int]]:
    """The keys of each sentence once names are hidden."""
    tokens = mask_names(tokenize(sentences))
    edges = np.searchsorted(tokens.row, np.arange(1, len(sentences)))
    return [part.tolist() for part in np.split(tokens.key, edges)]


def fitting(template: str, names: list[str]) -> list[str]:
    """Without names that end in a full stop before a capital: see the known failures."""
    return [n for n in names if template not in HEADLINES or not n.endswith(".")]


def name_spans(sentence: str) -> list[str]:
    """What is hidden as a name, as it stands in the sentence."""
    tokens = mask_names(tokenize([sentence]))
    spans = zip(tokens.start, tokens.end, tokens.key == NAME, strict=True)
    return [sentence[a:b] for a, b, is_name in spans if is_name]


def differing(template: str, fillers: list[str], reference: str) -> list[str]:
    """The fillers that leave other keys than the reference does."""
    wanted, *found = masked([fill(template, f) for f in [reference, *fillers]])
    assert int(NAME) in wanted, "the reference itself is not hidden"
    return [f for f, keys in zip(fillers, found, strict=True) if keys != wanted]


def test_the_swap_lists_are_long_and_without_repeats():
    """The claim is only as strong as its lists: a list cut short must be noticed."""
    lists = (PEOPLE, PARTIES, COUNTRIES, OUTLETS, NATIONALITIES)
    assert all(len(listed(t)) >= size for t, size in zip(lists, (40, 20, 30, 20, 20), strict=True))
    assert len(NAMES) == len(set(NAMES))
    assert set(listed(ORDINARY)) < set(NAMES)
    assert len(SENTENCES) + len(HEADLINES) + len(ADJECTIVES) >= 40


@pytest.mark.parametrize("template", SENTENCES)
def test_any_name_leaves_the_same_keys(template):
    """People, parties, countries, outlets and cities, wherever the name stands."""
    assert differing(template, fitting(template, NAMES), "Ana Lima") == []


@pytest.mark.parametrize("template", TWO_NAMES)
def test_any_two_names_leave_the_same_keys(template):
    """Every name in the first slot beside many in the second."""
    names = fitting(template, NAMES)
    pairs = [(a, b) for i, a in enumerate(names) for b in NAMES[i % 7 :: 7]]
    wanted, *found = masked([fill(template, *p) for p in [("Ana Lima", "Costa"), *pairs]])
    assert [p for p, keys in zip(pairs, found, strict=True) if keys != wanted] == []


@pytest.mark.parametrize("template", HEADLINES)
def test_any_name_of_no_ordinary_words_leaves_the_same_keys_in_a_headline(template):
    assert differing(template, fitting(template, IN_HEADLINES), "Merkel") == []


@pytest.mark.xfail(strict=True, reason="an ordinary word in a headline can't be told from a name")
@pytest.mark.parametrize("name", listed(ORDINARY))
def test_any_name_of_ordinary_words_leaves_the_same_keys_in_a_headline(name):
    assert [t for t in HEADLINES if differing(t, [name], "Merkel")] == []


@pytest.mark.parametrize("template", ADJECTIVES)
def test_any_nationality_leaves_the_same_keys(template):
    names = [n for n in listed(NATIONALITIES) if n != "New Zealand" or "Fear" not in template]
    assert differing(template, names, "French") == []


def test_scores_are_the_same_to_the_last_bit_whoever_is_named():
    """The shipped model, on every sentence, headline and nationality with every name."""
    cases = (
        (SENTENCES, NAMES, "Ana Lima"),
        (HEADLINES, IN_HEADLINES, "Merkel"),
        (ADJECTIVES, [n for n in listed(NATIONALITIES) if n != "New Zealand"], "French"),
    )
    for templates, names, reference in cases:
        groups = [[fill(t, n) for n in [reference, *fitting(t, names)]] for t in templates]
        scores = tonelens.score_sentences([text for group in groups for text in group])
        edges = np.cumsum([len(group) for group in groups])[:-1]
        for array in (scores.probabilities, scores.source_probability):
            assert all((part == part[0]).all() for part in np.split(array, edges))
        assert len(np.unique(scores.probabilities, axis=0)) > len(templates) / 2


SEXES = """
He said he agreed. | She said she agreed.
His wife left him for his brother. | Her husband left her for her sister.
The blame is his, and he'll pay himself. | The blame is hers, and she'll pay herself.
He’s sure he’d win. | She’s sure she’d win.
A spokesman said the chairman was wrong. | A spokeswoman said the chairwoman was wrong.
A spokesman said the chairman was wrong. | A spokesperson said the chairperson was wrong.
Spokesmen may be wrong. | Spokespeople may be wrong.
Chairman Lima may resign. | Chairwoman Lima may resign.
Congressman Lima may resign. | Congresswoman Lima may resign.
Mr. Lima may resign. | Ms. Lima may resign.
Mr. Lima may resign. | Mrs Lima may resign.
Mr. Lima may resign. | Lima may resign.
“Mr. White's plan is absurd,” he said. | “Ms. White's plan is absurd,” she said.
Critics of Mr. White fear the worst. | Critics of Ms. White fear the worst.
King Charles spoke. | Queen Camilla spoke.
An actor hit a waiter. | An actress hit a waitress.
Men fear boys, and a father his sons. | Women fear girls, and a mother her daughters.
The widower's uncle is a hero. | The widow's aunt is a heroine.
A policeman sued two businessmen. | A policewoman sued two businesswomen.
Dad was right, and so was that guy. | Mom was right, and so was that gal.
The prince and his nephew, gentlemen both | The princess and her niece, ladies both
The male candidate, a statesman | The female candidate, a stateswoman
""".strip().splitlines()


@pytest.mark.parametrize("pair", SEXES)
def test_a_persons_sex_leaves_the_same_keys_and_scores(pair):
    one, other = (s.strip() for s in pair.split("|"))
    assert one != other
    assert masked([one]) == masked([other])
    scores = tonelens.score_sentences([one, other]).probabilities
    assert scores[0].tobytes() == scores[1].tobytes()


@pytest.mark.parametrize(
    "pair",
    [
        "grandson granddaughter", "boyfriend girlfriend", "stepfather stepmother", "uncles aunts",
        "policemen policewomen", "councilmen councilwomen", "assemblymen assemblywomen",
        "statesmen stateswomen", "salesmen saleswomen", "anchorman anchorwoman", "dads moms",
        "alderman alderwoman", "heroes heroines", "kings queens", "guys gals", "fiancé fiancée",
        "grandfathers grandmothers", "landlord landlady",
    ],
)  # fmt: skip
def test_rarer_words_for_a_persons_sex_leave_the_same_keys(pair):
    one, other = pair.split()
    assert masked([f"the {one} said"]) == masked([f"the {other} said"])


KNOWN_FAILURES = {
    "a first name, alone at a sentence's start, that is an ordinary word as well": [
        ("Grace said no.", "Ana said no."),
        ("Rose said no.", "Ana said no."),
        ("May said no.", "Lima said no."),
        ("Uddin said no.", "Lima said no."),
    ],
    '"will" is written small so often that it is never taken for the first of two names': [
        ("Will Smith said no.", "Ana Lima said no."),
        ("Mr. Will said no.", "Mr. Costa said no."),
    ],
    "outlets and parties of one ordinary word": [
        ("Reason said no.", "Reuters said no."),
        ("Time said no.", "Reuters said no."),
        ("Conservatives said no.", "Fidesz said no."),
    ],
    "small letters after a hyphen, unless they are very short: French-led is no name": [
        ("Ma Mei-ling said no.", "Ana Lima said no."),
    ],
    "a month that is a person's name, too": [
        ("In May prices fell.", "In June prices fell."),
    ],
}


@pytest.mark.parametrize(
    ("sentence", "like"),
    [
        pytest.param(*pair, marks=pytest.mark.xfail(strict=True, reason=reason))
        for reason, pairs in KNOWN_FAILURES.items()
        for pair in pairs
    ],
)
def test_names_that_are_not_seen_as_they_should_be(sentence, like):
    assert masked([sentence]) == masked([like])


@pytest.mark.parametrize(
    ("sentence", "like"),
    [
        ("Kim Jong-un said no.", "Ana Lima said no."),
        ("The al-Qaeda plan failed.", "The Hamas plan failed."),
        ("Stratford-upon-Avon said no.", "Ana Lima said no."),
        ("THE U.S. SAYS TAX COULD RISE AGAIN", "THE UK SAYS TAX COULD RISE AGAIN"),
        ("The National Rally and The Guardian met.", "Fidesz and Reuters met."),
    ],
)
def test_names_of_unusual_shape_are_names(sentence, like):
    assert masked([sentence]) == masked([like])


def test_what_a_hyphen_ties_to_a_name_is_mostly_no_part_of_it():
    assert masked(["A Lima-backed plan"]) != masked(["A Lima plan"])


@pytest.mark.parametrize(
    "shown",
    [
        "“Lima”", '"Lima"', "(Lima)", "[Lima]", "Lima,", "—Lima—",
        "'Lima'", "‘Lima’",
    ],
)  # fmt: skip
def test_marks_beside_a_name_are_no_part_of_it(shown):
    assert name_spans(f"They call it {shown} here.") == ["Lima"]


def test_a_quotation_in_single_marks_may_end_with_a_name():
    """What is quoted doesn't depend on whether a name or another word comes last."""
    shares = [
        extract([f"‘We will not give way to {x}’ is no plan."]).style[
            0, STYLE.index("share quoted")
        ]
        for x in ("Lima", "them")
    ]
    assert shares[0] == shares[1] > 0


@pytest.mark.parametrize(
    "word",
    """
    Perhaps Yesterday But When The A An It If Why What Nobody Everyone Although However Meanwhile
    Apparently Sadly Critics Voters Officials Police Analysts Experts Prices Nothing There This Not
    Last Two Under Yes Even Still Let Shame Enough Imagine Maybe Today In Fears Hopes Could
    """.split(),
)
def test_an_ordinary_word_that_begins_a_sentence_or_a_quotation_is_no_name(word):
    for sentence in (
        f"{word} so.",
        f"“{word} so.”",
        f"He said: {word} so.",
        f"It ended. {word} so.",
    ):
        assert name_spans(sentence) == []


DAYS = """
Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February April June July September
October November December I I'm I’ve I'd I'll
""".split()


@pytest.mark.parametrize("word", DAYS)
def test_weekdays_months_and_i_are_no_names(word):
    assert name_spans(f"So on {word} they left.") == []
    assert name_spans(f"{word} they left.") == []


@pytest.mark.parametrize(
    ("sentence", "spans"),
    [
        ("Perhaps the Bank of England's plan failed.", ["the Bank of England's"]),
        ("Voters trust J. K. Rowling, not Mr. White.", ["J. K. Rowling", "Mr. White"]),
        ("They told Martin Luther King Jr. so.", ["Martin Luther King Jr"]),
        ("The U.S. and Iran met in the U.S.", ["The U.S. and Iran", "the U.S"]),
        ("“The New York Times’ story,” he said.", ["The New York Times’"]),
        ("Critics of Côte d’Ivoire’s vote", ["Côte d’Ivoire’s"]),
        ("The Republic of the Congo voted.", ["The Republic of the Congo"]),
        ("A Boeing 737 fell near the 9th.", ["Boeing 737"]),
        ("The Anglo-Irish talks", ["The Anglo-Irish"]),
        ("They asked Lima, Costa and Silva.", ["Lima", "Costa and Silva"]),
        ("Lima may and Costa will.", ["Lima", "Costa"]),
        ("It was @lima on example.org, not an iPhone.", ["lima", "example.org", "iPhone"]),
        ("Nothing of the kind.", []),
    ],
)
def test_a_joined_name_spans_all_its_words(sentence, spans):
    """Article, links, possessive, numbers and the full stops inside, never one at its end."""
    assert name_spans(sentence) == spans


def test_find_names_marks_the_words_of_a_name_alone():
    """Not the article before them, the links between them or the possessive after them."""
    sentence = "So the Bank of England's plan for Mr. White failed."
    tokens = tokenize([sentence])
    at = np.flatnonzero(find_names(tokens))
    found = [sentence[tokens.start[i] : tokens.end[i]] for i in at]
    assert found == ["Bank", "England", "Mr", "White"]


def test_other_marks_than_single_full_stops_stay():
    tokens = mask_names(tokenize(["It ended. He left... Why?"]))
    assert tokens.key.tolist()[2:] == [key_of(w) for w in ("he", "left", "...", "why", "?")]


def test_numbers_share_one_key_whatever_their_digits():
    assert masked(["up 3.5% to 1,000 in 1999"]) == masked(["up 20% to 4 in 2024"])
    assert masked(["up 3.5"])[0][1] == int(NUMBER)
    assert masked(["up 3.5"]) != masked(["up three"])


def test_words_that_carry_tone_keep_keys_of_their_own():
    """Hiding names must not hide what is scored."""
    sentence = "nobody should trust such a reckless liar , perhaps ?"
    assert masked([sentence])[0] == [key_of(w) for w in sentence.split()]


@pytest.mark.parametrize(
    ("sentence", "hidden"),
    [
        ("Ana Lima said it.", "Jordan said it."),
        ("Why would Mr. O’Brien’s party lie?", "Why would Jordan party lie?"),
        ("She and her sister left.", "he and his brother left."),
        ("The spokeswoman denied it.", "The spokesman denied it."),
        ("“The Guardian knew,” she said.", '"Jordan knew," he said.'),
        ("They fear the U.S. may leave.", "They fear Jordan may leave."),
        ("It was the U.S.", "It was Jordan."),
        ("Nothing to hide: 3.5% — perhaps…", "Nothing to hide: 3.5% — perhaps…"),
        ("‘It’s so,’ they said.", "'It's so,' they said."),
        ("It cost 5m in France.", "It cost 5m in Jordan."),
    ],
)
def test_hide_names_gives_the_sentence_without_names_or_sex(sentence, hidden):
    assert hide_names([sentence, "So it is."]) == [hidden, "So it is."]


@pytest.mark.parametrize(
    "template", ["Nobody trusts {x}.", "{X} may lose.", "“{X} lied,” he said."]
)
def test_hide_names_gives_one_text_for_all_names(template):
    texts = set(hide_names([fill(template, n) for n in NAMES]))
    assert len(texts) == 1
    assert PLACEHOLDER in texts.pop()


@pytest.mark.parametrize("sentences", [[], [""], ["", " "], ["."], ["Lima"]])
def test_batches_of_one_token_or_none_are_fine(sentences):
    tokens = mask_names(tokenize(sentences))
    assert tokens.n == len(sentences)
    assert len(hide_names(sentences)) == len(sentences)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("So did Lima", ". Rose hats sell."),
        ("So did Lima", "Rose hats sell."),
        ("He said: Rose", "Lima left."),
        ("So did Lima", "20 left."),
        ("So did Lima", "'s all."),
        ("So did Lima", "of all."),
        ("So did the", "Lima left."),
        ("So did Lima and", "the Greens left."),
        ("So did Lima", "Costa left."),
        ("SENATE FEARS TAXES COULD RISE", "Rose hats sell."),
        ("It was @", "lima left."),
    ],
)
def test_a_sentence_has_the_names_it_has_without_its_neighbour(first, second):
    assert masked([first, second]) == [*masked([first]), *masked([second])]


PIECES = """
Lima O'Brien Mr. Ms. U.S. J. K. Young Rose Mark Will The the of and de 's ’s he She said may
perhaps Perhaps 3.5 . .. ... , : ? “ ” ' ‘ ’ ( — @ # example.org May Monday I SENATE VOTES COULD
😀 \u200b \ud800
""".split()
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=30),
)


@given(st.lists(texts, max_size=6))
@example([""])
@example(["So did Lima", ". Rose hats sell."])
@relaxed
def test_a_batch_gives_each_sentence_the_keys_it_has_alone(sentences):
    batch = mask_names(tokenize(sentences))
    for number, sentence in enumerate(sentences):
        alone, at = mask_names(tokenize([sentence])), batch.row == number
        assert batch.key[at].tolist() == alone.key.tolist()
        assert batch.start[at].tolist() == alone.start.tolist()
        assert batch.end[at].tolist() == alone.end.tolist()


@given(texts)
@relaxed
def test_what_is_left_stands_in_order_and_covers_what_was_there(sentence):
    """Joined spans lie apart and hold every token."""
    raw = tokenize([f"It is so, {sentence}"])
    tokens = mask_names(raw)
    assert (tokens.start < tokens.end).all()
    assert (tokens.end[:-1] <= tokens.start[1:]).all()
    at = np.searchsorted(tokens.start, raw.start, "right") - 1
    assert (raw.end <= tokens.end[at]).all()
    assert (np.unique(at) == np.arange(len(tokens.key))).all()


@pytest.mark.parametrize("shape", ["Lima of ", "the ", "Lima. ", "White. ", "“Mr. White's ", "a@"])
def test_time_grows_in_line_with_length(shape):
    assert is_linear(lambda text: mask_names(tokenize([f"It is so, {text}"])), shape, 200_000)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Ms. Ana Lima's plan failed.", "The BBC's plan failed."),
        ("“We met Smith,” said Lee.", "“We met O'Brien,” said Björk."),
        ("He met Lee. Then she left.", "She met Ana Lima. Then he left."),
        pytest.param(
            "60 Minutes said no.", "Reuters said no.",
            marks=pytest.mark.xfail(reason="a number before a name stays in the text"),
        ),
    ],
)  # fmt: skip
def test_names_hidden_in_the_text_leave_the_same_text(a, b):
    assert hide_names([a]) == hide_names([b])
