"""The accurate model's arithmetic and files, on a tiny encoder; windows; and what it refuses."""

import builtins
import copy
import hashlib
import json
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tonelens
from tonelens.contributions import tone_log_odds
from tonelens.errors import MissingExtraError, ModelError
from tonelens.labels import LABELS
from tonelens.windows import MOST_PIECES, WINDOW_PIECES, covering_windows, pieces

for package in ("onnx", "onnxruntime", "tokenizers"):
    pytest.importorskip(package, reason=f"{package} is not installed: pip install '.[dev]'")

from safetensors.numpy import load as load_arrays  # noqa: E402
from safetensors.numpy import save as save_arrays  # noqa: E402
from scipy.special import erf  # noqa: E402

from tests.encoders import (  # noqa: E402
    HEADS,
    LAYERS,
    VOCABULARY,
    WIDTH,
    as_mpnet,
    random_state,
    saved_encoder,
    tiny_encoder,
)
from training.graph import (  # noqa: E402
    Shape,
    distance_bucket,
    is_rounded,
    quantized,
    write_graph,
)

REPORT = [
    "The harbour at Velmore reopened on Monday after a week of storms.",
    "It may rain.",
    "“We heard the mast go,” said Ines Coutinho, who keeps the light.",
    "Nobody slept.",
    "It was shameful!",
    "The sea will fall.",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return saved_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def model(folder):
    return tonelens.load(folder)


@pytest.fixture
def copied(folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def change_card(folder, **entries):
    path = folder / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**card, **entries}), encoding="utf-8")


# Scores


def test_probabilities_are_of_the_labels_and_sum_to_one(model):
    scores = model.score_sentences(REPORT, documents=[0] * len(REPORT))
    assert scores.probabilities.shape == (len(REPORT), len(LABELS))
    assert np.allclose(scores.probabilities.sum(1), 1)
    assert np.ptp(scores.probabilities, axis=0).min() > 0.001


def test_a_list_scores_bit_for_bit_as_one_by_one(model):
    together = model.score_sentences(REPORT).probabilities
    alone = [model.score(sentence).probabilities for sentence in REPORT]
    assert together.tolist() == [list(p) for p in alone]


def test_the_number_of_threads_changes_nothing(tmp_path):
    document = np.repeat(np.arange(4), 6)
    one, three = (tiny_encoder(tmp_path / str(n), threads=n) for n in (1, 3))
    a, b = (e.cell_probabilities(REPORT * 4, document) for e in (one, three))
    assert np.array_equal(a, b)


def test_documents_score_together_as_they_do_separately(model):
    both = model.score_sentences(REPORT * 2, documents=[0] * 6 + [1] * 6).probabilities
    single = model.score_sentences(REPORT, documents=[0] * 6).probabilities
    assert np.array_equal(both, np.concatenate((single, single)))


def test_neighbours_matter(model):
    assert model.score(REPORT[3]) != model.score(REPORT[3], before=[REPORT[2]])


def test_a_name_for_another_changes_no_bit(model):
    a = model.read("Ana Lima of the Workers' Party said it may rain. She slept in Oslo.")
    b = model.read("Joe Brown said it may rain. He slept in Berlin.")
    assert [s.probabilities for s in a] == [s.probabilities for s in b]


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "\ud800",
        "It \udfff rained.",
        "It rained\x00.",
        "😀",
        "今天下雨了。",
        "\x01",
        "no " * 400,
    ],
)
def test_odd_text_is_scored(model, text):
    scores = model.score_sentences([text, "It may rain."], documents=[0, 0])
    assert np.allclose(scores.probabilities.sum(1), 1)


def test_a_window_alone_gives_what_the_whole_document_gives(model):
    document = np.zeros(30, np.int64)
    whole = model.network.cell_probabilities(REPORT * 5, document)
    for at in (0, 13, 29):
        assert np.array_equal(model.network.sentence_probabilities(REPORT * 5, at)[0], whole[at])


def test_steps_between_weights_are_a_share_of_their_spread():
    weight = np.array([[0, 2.0, -5], [0, 1.1, 5]], np.float32)
    found, scale = quantized(weight)
    assert found.tolist() == [[0, 4, -3], [0, 2, 3]]
    assert scale.tolist() == pytest.approx([1, 0.32 * np.sqrt((4 + 1.21) / 2), 1.6])


def test_no_weight_passes_seven_bits():
    weight = np.ones((5_000, 1), np.float32)
    weight[0] = -100
    found, scale = quantized(weight)
    assert found.tolist() == [[-63], *[[1]] * 4_999]
    assert scale.tolist() == pytest.approx([100 / 63])


def test_only_the_first_pieces_of_a_very_long_sentence_are_read(model):
    long = "rain " * MOST_PIECES
    assert model.score(long).probabilities == model.score(long + "it was shameful").probabilities


def coarse(state):
    """The state with its matrices as they ship."""
    made = dict(state)
    for name in filter(is_rounded, state):
        integers, scale = quantized(state[name], 1)
        made[name] = integers * scale[:, None]
    return made


def test_the_graph_computes_what_the_weights_say(model):
    """Against the same encoder in plain numpy, to what 8 bits of what is read allow."""
    rng = np.random.default_rng(0)
    words = rng.normal(0, 0.3, (20, WIDTH)).astype(np.float32)
    (logits,) = model.network._session.run(None, {"words": words[None]})
    wanted = forward(coarse(random_state()), words)
    assert np.corrcoef(logits.ravel(), wanted.ravel())[0, 1] > 0.995


def test_the_graph_of_an_mpnet_heeds_distance(tmp_path):
    from onnxruntime import InferenceSession

    rng = np.random.default_rng(0)
    words = rng.normal(0, 0.3, (200, WIDTH)).astype(np.float32)
    near = rng.normal(0, 1, (32, HEADS)).astype(np.float32)
    state = random_state()
    write_graph(as_mpnet(state, near), tmp_path, Shape(LAYERS, HEADS, epsilon=1e-12, near=True))
    session = InferenceSession(tmp_path / "graph.onnx", providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"words": words[None]})
    place = np.arange(len(words))
    added = near[distance_bucket(place - place[:, None])].transpose(2, 0, 1)
    correlation = [
        np.corrcoef(logits.ravel(), forward(coarse(state), words, each).ravel())[0, 1]
        for each in (added, added.transpose(0, 2, 1), 0)
    ]
    assert correlation[0] > 0.99
    assert max(correlation[1:]) < 0.98


def test_distances_are_told_apart_one_by_one_and_then_by_logarithm():
    bucket = distance_bucket(np.arange(-511, 512))
    behind, ahead = bucket[:511][::-1], bucket[512:]
    assert bucket[511] == 0
    assert (behind[:7] == np.arange(1, 8)).all()
    assert (np.diff(behind) >= 0).all()
    assert set(behind[7:]) == set(range(8, 16))
    assert (behind[127:] == 15).all()
    assert (ahead == behind + 16).all()


def forward(state, words, near=0):
    def linear(name, rows):
        return rows @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    def norm(name, rows):
        rows = (rows - rows.mean(1, keepdims=True)) / rows.std(1, keepdims=True)
        return rows * state[f"{name}.weight"] + state[f"{name}.bias"]

    place = state["backbone.embeddings.position_embeddings.weight"][: len(words)]
    kind = state["backbone.embeddings.token_type_embeddings.weight"][0]
    hidden = norm("backbone.embeddings.LayerNorm", words + place + kind)
    for number in range(LAYERS):
        at = f"backbone.encoder.layer.{number}."
        query, key, value = (
            linear(f"{at}attention.self.{part}", hidden).reshape(len(words), HEADS, -1)
            for part in ("query", "key", "value")
        )
        power = np.exp(np.einsum("ihd,jhd->hij", query, key) / np.sqrt(WIDTH / HEADS) + near)
        mean = np.einsum("hij,jhd->ihd", power / power.sum(2, keepdims=True), value)
        joined = linear(f"{at}attention.output.dense", mean.reshape(len(words), -1))
        hidden = norm(f"{at}attention.output.LayerNorm", hidden + joined)
        wide = linear(f"{at}intermediate.dense", hidden)
        narrow = linear(f"{at}output.dense", wide * (1 + erf(wide / np.sqrt(2))) / 2)
        hidden = norm(f"{at}output.LayerNorm", hidden + narrow)
    return linear("head", hidden)


# Explanations


@pytest.mark.parametrize("before", [[], REPORT[:1], REPORT])
def test_an_explanation_replays_to_the_score(model, before):
    explanation = model.explain("“He said it may rain,” Ana Lima said.", before=before)
    scored = model.score("“He said it may rain,” Ana Lima said.", before=before)
    assert explanation.sentence == scored
    assert explanation.replay() == pytest.approx(explanation.log_odds, abs=1e-9)


def test_an_explanation_names_every_word_with_its_place_and_type(model):
    sentence = "“He said it may rain,” Ana Lima said."
    words = [part for part in model.explain(sentence).contributions if part.start is not None]
    assert all(sentence[part.start : part.end] == part.text for part in words)
    assert {p.text: p.type for p in words} | {"may": "hedge", "Ana Lima": "name"} == {
        p.text: p.type for p in words
    }
    assert all(part.log_odds != 0 for part in words)


def test_a_words_share_is_what_hiding_it_takes_away(model):
    """The mask stands in the vocabulary of the tokenizer, so the text can hold it too."""
    sentence, masked = "It may rain.", "It [MASK] rain."
    part = model.explain(sentence, tone="speculation").contributions[1]
    assert part.text == "may"
    ids = [found.ids for found in model.network.encode([sentence])]
    hidden = [[model.network.mask if k == 1 else i for k, i in enumerate(ids[0])]]
    assert (
        model.network._tokenizer.encode(masked.lower().replace("[mask]", "[MASK]")).ids == hidden[0]
    )
    window = next(iter(covering_windows([len(ids[0])], range(1))))
    full, without = (
        tone_log_odds(logits / model.network.temperature + model.network.bias, 2)[0]
        for logits in model.network.judge([(ids, window), (hidden, window)])
    )
    assert part.log_odds == pytest.approx(full - without, abs=1e-6)


def test_sentences_around_have_a_share_of_their_own(model):
    explanation = model.explain(REPORT[3], before=REPORT[:3])
    assert explanation.by_type["context"] != 0
    assert "context" not in model.explain(REPORT[3]).by_type


# Files


def test_a_saved_encoder_scores_bit_for_bit_as_before(model, tmp_path):
    model.save(tmp_path / "again")
    again = tonelens.load(tmp_path / "again")
    assert np.array_equal(
        again.score_sentences(REPORT).probabilities, model.score_sentences(REPORT).probabilities
    )
    assert again.card["made"] == "for a test"


def test_an_encoder_can_be_saved_over_itself(copied):
    model = tonelens.load(copied)
    before = model.score_sentences(REPORT).probabilities
    model.save(copied)
    assert tonelens.load(copied).card == model.card
    assert np.array_equal(model.score_sentences(REPORT).probabilities, before)


@pytest.mark.parametrize("copy_of", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_for_another_process_scores_alike(model, copy_of):
    again = copy_of(model)
    assert again.score(REPORT[1]) == model.score(REPORT[1])


def test_several_threads_may_ask_one_model(model):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(model.score, REPORT * 5))
    assert found == [model.score(sentence) for sentence in REPORT] * 5


def test_what_lies_beside_an_encoder_is_no_part_of_it(copied):
    (copied / "words-00.safetensors").write_bytes((copied / "words-0.safetensors").read_bytes())
    (copied / "weights.safetensors").write_bytes(b"of another model")
    model = tonelens.load(copied)
    assert not {"words-00.safetensors", "weights.safetensors"} & set(model.network.files)
    assert np.allclose(model.score_sentences(REPORT).probabilities.sum(1), 1)


def test_files_that_changed_since_they_were_read_are_not_saved_as_good(copied, tmp_path):
    model = tonelens.load(copied)
    with (copied / "words-0.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match=r"words-0\.safetensors in .* is damaged"):
        model.save(tmp_path / "again")


def test_a_model_read_by_a_relative_path_is_saved_from_anywhere(copied, tmp_path, monkeypatch):
    monkeypatch.chdir(copied.parent)
    model = tonelens.load(copied.name)
    monkeypatch.chdir(tmp_path)
    model.save("again")
    assert tonelens.load("again").card == model.card


def test_the_graph_itself_holds_no_weights(folder):
    assert (folder / "graph.onnx").stat().st_size < 20_000


@pytest.mark.parametrize(
    "name", ["graph.onnx", "tokenizer.json", "layers-0.safetensors", "words-1.safetensors"]
)
def test_a_changed_file_is_refused_by_its_name(copied, name):
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(bytes(data))
    with pytest.raises(ModelError, match=f"The {name} in .* is damaged"):
        tonelens.load(copied)


def test_a_missing_file_is_refused_by_its_name(copied):
    (copied / "words-0.safetensors").unlink()
    with pytest.raises(ModelError, match=r"no readable words-0\.safetensors"):
        tonelens.load(copied)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0),
        ("temperature", float("inf")),
        ("temperature", "warm"),
        ("bias", [0.0]),
        ("bias", [0.0, 0.0]),
        ("bias", [0.0, 0.0, 0.0, 0.0, 0.0, float("nan")]),
    ],
)
def test_a_card_whose_numbers_are_none_is_refused(copied, name, value):
    change_card(copied, **{name: value})
    with pytest.raises(ModelError, match="holds no readable encoder"):
        tonelens.load(copied)


@pytest.mark.parametrize("name", ["graph.onnx", "tokenizer.json", "words-0.safetensors"])
def test_a_card_that_leaves_out_a_needed_file_is_refused(copied, name):
    card = json.loads((copied / "card.json").read_text(encoding="utf-8"))
    change_card(copied, sha256={k: v for k, v in card["sha256"].items() if k != name})
    with pytest.raises(ModelError, match=f"names no {name}"):
        tonelens.load(copied)


@pytest.mark.parametrize(("told", "threads"), [("3", 3), (" 3,2", 3), ("²", None), ("", None)])
def test_as_many_windows_at_once_as_other_libraries_are_told(folder, monkeypatch, told, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert tonelens.load(folder).network.threads == (threads or joblib.cpu_count())


@pytest.mark.parametrize("files", ["abc", {"../graph.onnx": "abc"}])
def test_a_card_that_names_other_places_is_refused(copied, files):
    change_card(copied, sha256=files)
    with pytest.raises(ModelError, match="names no files of an encoder"):
        tonelens.load(copied)


def test_a_graph_that_cannot_be_read_is_refused_even_where_the_checksum_agrees(copied):
    (copied / "graph.onnx").write_bytes(b"no graph")
    card = json.loads((copied / "card.json").read_text(encoding="utf-8"))
    files = card["sha256"] | {"graph.onnx": hashlib.sha256(b"no graph").hexdigest()}
    change_card(copied, sha256=files)
    with pytest.raises(ModelError, match="holds no readable encoder"):
        tonelens.load(copied)


def only_words(arrays):
    return {"words": arrays["words"]}


def narrower(arrays):
    return {**arrays, "words": np.ascontiguousarray(arrays["words"][:, 1:])}


def fewer_scales(arrays):
    return {**arrays, "scale": arrays["scale"][1:]}


@pytest.mark.parametrize("spoilt", [only_words, narrower, fewer_scales])
def test_word_pieces_that_do_not_fit_are_refused_when_the_model_is_read(copied, spoilt):
    name = "words-1.safetensors"
    data = save_arrays(spoilt(load_arrays((copied / name).read_bytes())))
    (copied / name).write_bytes(data)
    card = json.loads((copied / "card.json").read_text(encoding="utf-8"))
    change_card(copied, sha256=card["sha256"] | {name: hashlib.sha256(data).hexdigest()})
    with pytest.raises(ModelError, match="holds no readable encoder"):
        tonelens.load(copied)


def test_word_pieces_are_those_of_their_number_in_whichever_file(model):
    words = model.network._words
    every = [words.rows([number])[0] for number in range(len(VOCABULARY))]
    state = coarse(random_state())["backbone.embeddings.word_embeddings.weight"]
    assert np.allclose(every, state)
    mixed = [len(VOCABULARY) - 1, 0, 3, len(VOCABULARY) - 1]
    assert np.array_equal(words.rows(mixed), [every[number] for number in mixed])
    with pytest.raises(IndexError):
        words.rows([0, len(VOCABULARY)])


def test_a_model_of_an_unknown_kind_is_refused_with_those_that_are_known(copied):
    change_card(copied, kind="oracle")
    with pytest.raises(ModelError, match="kind 'oracle'; this tonelens knows network and encoder"):
        tonelens.load(copied)


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_a_missing_package_is_named_with_what_to_install(folder, monkeypatch, package):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == package:
            raise ImportError(f"No module named {name!r}", name=package)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    wanted = rf"needs {package}. Install it: pip install 'tonelens\[accurate\]'"
    with pytest.raises(MissingExtraError, match=wanted):
        tonelens.load(folder)


def test_the_accurate_model_is_known_by_its_name(folder, monkeypatch):
    weights = ModuleType("tonelens_accurate")
    weights.FOLDER = str(folder)
    monkeypatch.setitem(sys.modules, "tonelens_accurate", weights)
    assert tonelens.load("accurate").card["made"] == "for a test"


def test_without_its_weights_the_accurate_model_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tonelens_accurate", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tonelens\[accurate\]'"):
        tonelens.load("accurate")


# Windows


@given(st.lists(st.integers(0, MOST_PIECES), max_size=60))
def test_windows_judge_every_sentence_once_with_its_neighbours_in_view(size):
    document = range(len(size))
    windows = list(covering_windows(size, document))
    assert [i for window in windows for i in window.judged] == list(document)
    for read, judged in windows:
        assert read.start <= max(judged.start - 1, 0)
        assert read.stop >= min(judged.stop + 1, len(size))
        assert pieces(size, read) <= 512


def test_a_window_is_as_long_as_it_may_be():
    windows = list(covering_windows([20] * 40, range(40)))
    assert len(windows) < 7
    assert pieces([20] * 40, windows[1].read) <= WINDOW_PIECES + 21
