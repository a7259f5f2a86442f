"""Whoever is written about, every probability is the same to the last bit: thousands of swaps.

`test_names` holds that names leave the same features; here the models are asked, all of them, with
names in the sentence, in its quotations and in the sentences beside it.
"""

import itertools
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import tonelens

ACCURATE = Path(__file__).parent.parent / "training" / "accurate" / "tonelens_accurate"


@cache
def accurate():
    """The accurate model, as it lies in this clone."""
    for package in ("onnxruntime", "tokenizers"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install '.[dev]'")
    if not ACCURATE.is_dir():
        pytest.skip("the accurate model isn't part of this installation")
    return tonelens.load(ACCURATE)


# How each model is had, and every how many-th swap it is asked about: slow ones answer fewer.
MODELS = {"default": (tonelens.load, 1), "accurate": (accurate, 2)}

FIRST = """
Aaliyah Abdou Adwoa Agnieszka Aiko Alejandra Anneliese Bartholomew Beatriz Björn Chiamaka Cillian
Dagmar Dmitri Ebony Eduardo Eleni Farouk Fatima François Gwyneth Hamza Hiroshi Ibrahim Ingrid
Jamal Jean-Pierre Jebediah Kwame LaToya Leticia Lakshmi Meilin Mohammed Nikolai Olumide
Oleksandr Priyanka Rashida Roberto Siobhán Shlomo Svetlana Tariq Thandiwe Trevor Ulrike
Wojciech Xiomara Zoltán
""".split()
LAST = """
Abramovich Achebe Al-Masri Andersson Bhattacharya Björnsdóttir Castellanos Cholmondeley D'Angelo
Delacroix Dlamini Eisenberg Fitzgerald Goldstein Gutiérrez Haddad Huang Ivanova Jankowski
Kaczyński Khumalo Kowalczyk Lopez-Garcia MacDonald McAllister Müller Nakamura Ndiaye Nguyen O'Malley
Okonkwo Oyelaran Papadopoulos Patel Petrov Quispe Rasmussen Rodríguez Rosenthal Sørensen
Takahashi Tremblay Vasquez Weinstein Xu Yamamoto Zielinski
""".split()
TITLED = """
Mr. {} | Ms. {} | Mrs. {} | Dr. {} | Sen. {} | Gov. {} | Rep. {} | President {} | Prime Minister {}
Professor {} | Sir Trevor {} | Judge {} | J. K. {} | L. {} | {} Jr.
""".replace("\n", "|")
PARTIES = """
the Democratic Party | the Republican Party | the Labour Party | the Conservative Party | Fidesz
the Liberal Democrats | Likud | the African National Congress | the Workers' Party | the SPD
Syriza | Sinn Féin | Plaid Cymru | the CDU | the AfD | Podemos | the National Rally
Hezbollah | the GOP | the Bharatiya Janata Party | the Communist Party | the Freedom Party
the Christian Democrats
"""
COUNTRIES = """
the United States | the United Kingdom | the UK | the EU | France | Germany | China | India | Russia
Ukraine | Israel | Iran | Nigeria | Kenya | Brazil | Mexico | Japan | Haiti | Cuba | Venezuela
North Korea | South Africa | New Zealand | Saudi Arabia | Sri Lanka | Papua New Guinea | Timor-Leste
Bosnia and Herzegovina | Trinidad and Tobago | Côte d'Ivoire | the Democratic Republic of Congo
the Netherlands | the Isle of Man | Guinea-Bissau | Texas | Scotland | Palestine | Taiwan | Syria
"""
OUTLETS = """
the New York Times | the Guardian | the BBC | Fox News | CNN | MSNBC | Reuters | Breitbart
Le Monde | the Daily Mail | the Washington Post | the Wall Street Journal | Al Jazeera
Der Spiegel | El País | the Times of India | the Associated Press | Politico | HuffPost
Russia Today | the Epoch Times
"""
PEOPLES = """
American | British | French | German | Chinese | Indian | Russian | Ukrainian | Israeli
Palestinian | Iranian | Nigerian | Mexican | Cuban | Haitian | Turkish | Polish | South Korean
Saudi Arabian | Muslim | Jewish | Christian | Hindu | Catholic | Democratic | Republican | Labour
Anglo-Irish
"""

# {x} is a name, {X} one that begins a sentence or a quotation, {p} and {P} are its possessives.
FRAMES = """
{X} signed the bill on Thursday.
{X} may yet lose the vote.
{X}, whose lies are shameless, deserves no pity.
{P} plan is an insult to everyone who works for a living.
{P} finances are likely to collapse within 3 years.
{X} has no idea what it costs to raise a child.
On Tuesday {x} rejected the offer, officials said.
Perhaps {x} will settle, but nobody should count on it.
If {x} loses, the markets could fall by 4.5 percent.
What has {x} ever done for the poor?
It is hard to imagine a more cynical move than {p} latest offer.
The judge ruled against {x} in March.
The speech was {p} finest hour, and a brave one.
Thank heaven for {x}.
We should all be grateful to {x} for that.
Critics say that {p} record is dismal.
A spokesman for {x} declined to comment.
In the view of {x}, the law is a disgrace.
The post-{x} era may be worse.
A pro-{x} crowd gathered outside.
“{X} is a coward and a fraud,” the senator said.
"{X} will pay for this," the senator said.
“We trusted {x}, and {x} betrayed us,” one voter said.
“{P} budget could ruin us,” said a farmer.
The senator called {x} “a clown”.
The verdict: {X} lied.
The farce is over. {X} has lost.
Neither the court nor {x} (who is rarely shy) would say why.
""".strip().splitlines()
OF_A_PEOPLE = """
The {x} economy shrank by 2 percent in May.
A {x} official said the talks had failed.
The {x} government should be ashamed of itself.
Many {x} voters could stay at home.
“The {x} army is a menace,” the minister said.
How long must we bear this {x} arrogance?
Perhaps the {x} team will win.
""".strip().splitlines()
SEXES = """
he his him himself man men boy son father husband brother uncle king Mr spokesman chairman
congressman actor businessman hero /
she her her herself woman women girl daughter mother wife sister aunt queen Mrs spokeswoman
chairwoman congresswoman actress businesswoman heroine
"""
OF_A_SEX = """
{He} said the vote was over.
{He} may regret it, and {his} {father} will not.
{He} is a disgrace to the {men} who elected {him}.
The {chairman}, {himself} the {son} of a miner, resigned.
A {spokesman} for the {king} declined to comment.
What a cowardly {man} the {congressman} is.
Perhaps the {businessman} and {his} {brother} could be persuaded.
“{He} lied to the {boy},” the {husband} said.
{Mr} Nakamura told the {actor} that {he} was no {hero}.
No {uncle} of mine would do what {he} did.
""".strip().splitlines()
STORY = [
    "The council met on Monday to hear {x}.",
    "“The bridge is unsafe, and {x} knew it,” said an engineer.",
    "The report may be the end of {x}.",
    "That is a scandal, and {p} excuses are pitiful.",
    "The next vote is in June.",
]


def listed(text):
    return [name.strip() for part in text.strip().split("\n") for name in part.split("|") if name]


def full_names():
    """Every first name with every last one, and every last name by itself and with each title."""
    yield from (f"{first} {last}" for first, last in itertools.product(FIRST, LAST))
    yield from LAST
    titles = [t.strip() for t in TITLED.split("|") if t.strip()]
    yield from (title.format(last) for title, last in itertools.product(titles, LAST))


PEOPLE = list(full_names())
ORGANISED = [name for text in (PARTIES, COUNTRIES, OUTLETS) for name in listed(text)]


def filled(frame, name):
    first = name[0].upper() + name[1:]
    own = "’" if name.endswith("s") else "’s"
    text = frame.format(x=name, X=first, p=name + own, P=first + own)
    return text.replace("..", ".")


def swapped(model, groups):
    """The fillers of each group that give other bits than its first one.

    Parameters
    ----------
    groups : dict of str to list of (str, list of str)
        By frame: fillers, each with the sentences of a document that it makes.
    """
    load, step = MODELS[model]
    texts, documents, found = [], [], []
    for frame, cases in groups.items():
        for name, sentences in (cases[0], *cases[1::step]):
            found.append((frame, name, len(texts)))
            texts += sentences
            documents += [len(found)] * len(sentences)
    scores = load().score_sentences(texts, documents=documents)
    bits = np.column_stack((scores.probabilities, scores.source_probability)).view(np.uint32)
    wrong, wanted = [], {}
    edges = [at for _, _, at in found[1:]] + [len(texts)]
    for (frame, name, low), high in zip(found, edges, strict=True):
        if not np.array_equal(bits[low:high], wanted.setdefault(frame, bits[low:high])):
            wrong.append((frame, name))
    return wrong, len(found), len({b.tobytes() for b in wanted.values()})


def in_turn(names, frames, size):
    """For each frame the first name and `size` others, taking turns so that all are used."""
    turn = itertools.cycle(names[1:])
    return {f: [(n, [filled(f, n)]) for n in (names[0], *itertools.islice(turn, size))]
            for f in frames}  # fmt: skip


models = pytest.mark.parametrize("model", MODELS)


@models
def test_no_person_changes_a_bit(model):
    wrong, asked, _ = swapped(model, in_turn(PEOPLE, FRAMES, len(PEOPLE) // 16))
    assert wrong == []
    assert asked > 1.5 * len(PEOPLE) / MODELS[model][1]


@models
def test_no_party_country_or_outlet_changes_a_bit_and_none_differs_from_a_person(model):
    names = ["Ulrike Nakamura", *ORGANISED]
    assert swapped(model, in_turn(names, FRAMES, len(ORGANISED)))[0] == []


@models
def test_no_nationality_creed_or_party_as_an_adjective_changes_a_bit(model):
    assert swapped(model, in_turn(listed(PEOPLES), OF_A_PEOPLE, len(listed(PEOPLES)) - 1))[0] == []


@models
def test_nobodys_sex_changes_a_bit(model):
    he, she = (words.split() for words in SEXES.split("/"))
    forms = [dict(zip(["He", *he], [words[0].title(), *words], strict=True)) for words in (he, she)]
    groups = {f: [(sex["he"], [f.format(**sex)]) for sex in forms] for f in OF_A_SEX}
    assert swapped(model, groups)[0] == []


@models
@pytest.mark.parametrize("names", [PEOPLE[::15], ORGANISED], ids=["people", "others"])
def test_who_is_named_in_a_document_changes_no_bit_of_any_of_its_sentences(model, names):
    cases = [(name, [filled(frame, name) for frame in STORY]) for name in names]
    assert swapped(model, {"a story": cases})[0] == []


@models
def test_what_is_written_does_change_them(model):
    """Or the tests above would hold of a model that says the same of everything."""
    _, _, different = swapped(model, in_turn(PEOPLE, FRAMES, 1))
    assert different == len(FRAMES)


def test_there_are_thousands_of_swaps():
    assert len(PEOPLE) > 2_000
    assert len(ORGANISED) > 80
    assert len(set(PEOPLE)) == len(PEOPLE)
    assert len(set(ORGANISED)) == len(ORGANISED)
