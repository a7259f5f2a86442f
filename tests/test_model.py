"""The model: text in, results out; its files; and every refusal, with the way out it names."""

import ast
import hashlib
import json
import pickle
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

import tonelens
from tonelens.errors import InputError, ModelError
from tonelens.features import BUCKETS, SCHEMA, STYLE
from tonelens.labels import CELLS, LABELS
from tonelens.model import _BATCH, DEFAULT, ToneModel, load
from tonelens.network import Layer, Network
from tonelens.storage import FORMAT

SOURCE = Path(tonelens.__file__).parent

REPORT = [
    "The harbour at Velmore reopened on Monday after a week of storms.",
    "Two trawlers had sunk at their moorings, and a third may never sail again.",
    "“We heard the mast go,” said Ines Coutinho, who keeps the light.",
    "“Then the wall went.",
    "Nobody slept,” she added.",
    "It was a shameful failure by a council that had ten years to act.",
    "The sea will probably take the rest within a generation.",
    "Repairs begin on 3 May.",
]
NOT_LISTS = [None, b"It rained.", 7, 2.5]
NOT_STRINGS = [None, b"It rained.", 7, 2.5, ["It rained."]]
ODD = {
    "one character": "a",
    "a lone surrogate": "\ud800",
    "surrogates among words": "It \udfff rained \ud83d today.",
    "NUL among words": "It rained\x00 today.",
    "an emoji": "😀",
    "joined emoji": "👩‍👩‍👧 rejoiced 🎉🎉.",
    "right to left": "ירד גשם היום.",
    "right to left with marks": "\u202eIt rained\u202c.",
    "Arabic": "أمطرت اليوم.",
    "Chinese": "今天下雨了。",
    "German": "Gestern hat es in Bremen geregnet.",
    "combining marks": "Z̴a̷l̵g̶o̸ rained.",
    "white space around": " \t It rained. \n ",
    "control characters": "\x01\x02 It \x7f rained.",
}
TOKENLESS = [".", "\x00", "\u200b", "\ufeff", "\u2060\u200d"]


def weights(rng, *shape):
    return rng.integers(-127, 128, shape).astype(np.int8)


def scale(rng, size):
    return rng.uniform(0.005, 0.02, size).astype(np.float32)


def layer(rng, inputs, outputs):
    bias = rng.normal(0, 0.3, outputs).astype(np.float32)
    return Layer(weights(rng, inputs, outputs), scale(rng, outputs), bias)


def tiny(*, mixed=True, seed=5):
    """A model of random weights, which listens to neighbours where it is mixed."""
    rng = np.random.default_rng(seed)
    mix = (layer(rng, 32, 4), layer(rng, 16, 4)) if mixed else ()
    out = layer(rng, 16, 6) if mixed else None
    embedding = rng.integers(0, 255, (BUCKETS, 8), dtype=np.uint8)
    style = layer(rng, len(STYLE), 8)
    network = Network(("word",), embedding, scale(rng, 8), style, mix, out, 1.5)
    return ToneModel(network, {"made": "for a test"})


@pytest.fixture(scope="module")
def model():
    return tiny()


@pytest.fixture
def folder(tmp_path):
    """A saved model, to be spoilt."""
    tiny().save(tmp_path / "model")
    return tmp_path / "model"


def change_card(folder, **values):
    path = folder / "card.json"
    card = json.loads(path.read_text(encoding="utf-8")) | values
    kept = {name: value for name, value in card.items() if value is not ...}
    path.write_text(json.dumps(kept), encoding="utf-8")


def change_weights(folder, new):
    """Replace the weights and make the checksum agree, so that only what is inside can tell."""
    (folder / "weights.safetensors").write_bytes(new)
    change_card(folder, sha256=hashlib.sha256(new).hexdigest())


def arrays_of(folder):
    return load_arrays((folder / "weights.safetensors").read_bytes())


def both(scores):
    """All numbers of some scores, to be compared bit for bit."""
    return np.column_stack((scores.probabilities, scores.source_probability))


def one(sentence):
    """All numbers of one sentence."""
    return np.array([*sentence.probabilities, sentence.source_probability], np.float32)


def alone(model, sentences):
    return np.array([one(model.score(sentence)) for sentence in sentences])


def numbered(n):
    """Sentences that differ, without quotation marks, which would tie distant ones together."""
    endings = ["may rain", "was a disgrace", "opened on time", "could still fail, she fears"]
    return [f"Item {i} of ward {i * i % 97} {endings[i % 4]}." for i in range(n)]


# Files


@pytest.mark.parametrize("mixed", [True, False], ids=["mixed", "linear"])
def test_a_saved_model_scores_bit_for_bit_as_before(tmp_path, mixed):
    before = tiny(mixed=mixed)
    before.save(tmp_path / "deep" / "folder")
    after = load(tmp_path / "deep" / "folder")
    ids = [0] * len(REPORT)
    assert np.array_equal(
        both(before.score_sentences(REPORT, documents=ids)),
        both(after.score_sentences(REPORT, documents=ids)),
    )


def test_saving_what_was_loaded_writes_the_same_bytes(folder, tmp_path):
    load(folder).save(tmp_path / "again")
    for name in ("weights.safetensors", "card.json"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_what_the_card_says_of_a_model_is_kept(folder):
    assert load(folder).card["made"] == "for a test"


def test_a_stale_card_never_overrules_what_is_saved(tmp_path):
    stale = tiny()
    stale.card |= {"format": 99, "sha256": "0" * 64, "labels": []}
    stale.save(tmp_path)
    assert load(tmp_path).card["format"] == FORMAT


def test_a_path_may_be_text(folder):
    assert load(str(folder)).card["made"] == "for a test"


def test_the_shipped_model_is_read_only_once():
    from tonelens.model import default_model

    assert default_model() is default_model()


def test_the_shipped_card_names_format_schema_labels_and_checksum():
    card = load().card
    shipped = (DEFAULT / "weights.safetensors").read_bytes()
    assert card["format"] == FORMAT
    assert card["schema"] == SCHEMA
    assert card["labels"] == list(LABELS)
    assert card["sha256"] == hashlib.sha256(shipped).hexdigest()


def test_a_missing_folder_is_refused_with_what_to_give_instead(tmp_path):
    with pytest.raises(
        ModelError, match=r"nowhere is no tonelens model.*card\.json.*No such.*Give"
    ):
        load(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(ModelError, match=r"model\.bin is no tonelens model.*Give the folder"):
        load(tmp_path / "model.bin")


@pytest.mark.parametrize("path", [7, b"model"], ids=["int", "bytes"])
def test_what_is_no_path_is_refused_by_name(path):
    with pytest.raises(InputError, match=r"load\(\).*(int|bytes)"):
        load(path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "format: 1", b"\xff\xfe{}"],
    ids=["empty", "cut off", "not JSON", "not UTF-8"],
)
def test_a_card_that_is_not_json_is_refused(folder, text):
    (folder / "card.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ModelError, match=r"card\.json is not valid JSON \("):
        load(folder)


def test_a_card_nested_too_deeply_is_refused(folder):
    (folder / "card.json").write_text("[" * 100_000)
    with pytest.raises(ModelError, match=r"card\.json"):
        load(folder)


@pytest.mark.parametrize("text", ["[]", "1", '"format"', "null"])
def test_a_card_that_is_no_json_object_is_refused(folder, text):
    (folder / "card.json").write_text(text)
    with pytest.raises(ModelError, match=r"card\.json holds no JSON object"):
        load(folder)


WRONG = [
    ("format", FORMAT + 1),
    ("format", str(FORMAT)),
    ("format", None),
    ("format", ...),
    ("schema", SCHEMA + 1),
    ("schema", SCHEMA - 1),
    ("schema", ...),
    ("labels", list(LABELS[::-1])),
    ("labels", [*LABELS, "satire"]),
    ("labels", ...),
    ("cells", list(CELLS[:3])),
    ("cells", ...),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_card_of_another_kind_is_refused_with_got_wanted_and_next_step(folder, name, value):
    change_card(folder, **{name: value})
    got = "None" if value in (..., None) else repr(value).replace("[", r"\[").replace("]", r"\]")
    with pytest.raises(ModelError, match=rf"has {name} {got}; this tonelens reads .*Train the mod"):
        load(folder)


@pytest.mark.parametrize("name", ["sha256", "temperature"])
def test_a_card_without_a_needed_entry_is_refused_by_its_name(folder, name):
    change_card(folder, **{name: ...})
    with pytest.raises(ModelError, match=rf"card\.json lacks {name}"):
        load(folder)


@pytest.mark.parametrize("value", ["warm", None, []])
def test_a_temperature_that_is_no_number_is_refused(folder, value):
    change_card(folder, temperature=value)
    with pytest.raises(ModelError, match=r"is no tonelens model: .*(float|convert)"):
        load(folder)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_a_temperature_that_is_not_positive_and_finite_is_refused(folder, value):
    change_card(folder, temperature=value)
    with pytest.raises(ModelError, match="temperature"):
        load(folder)


def test_missing_weights_are_refused_by_the_files_name(folder):
    (folder / "weights.safetensors").unlink()
    with pytest.raises(ModelError, match=r"has no readable weights\.safetensors \(No such file"):
        load(folder)


@pytest.mark.parametrize("at", [0, 9, 5_000, -1])
def test_one_changed_byte_of_the_weights_is_noticed(folder, at):
    path = folder / "weights.safetensors"
    changed = bytearray(path.read_bytes())
    changed[at] ^= 1
    path.write_bytes(changed)
    with pytest.raises(ModelError, match=r"are damaged: their SHA-256 is .*the card says .*Copy"):
        load(folder)


@pytest.mark.parametrize("keep", [0, 4, 8, 200, -1])
def test_weights_cut_off_are_refused(folder, keep):
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelError, match=r"are damaged: .* Copy the model"):
        load(folder)


@pytest.mark.parametrize("keep", [0, 4, 8, 200, -1])
def test_weights_cut_off_are_refused_even_where_the_checksum_agrees(folder, keep):
    change_weights(folder, (folder / "weights.safetensors").read_bytes()[:keep])
    with pytest.raises(ModelError, match=r"weights\.safetensors is no tonelens model: "):
        load(folder)


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize("agrees", [True, False], ids=["checksum agrees", "checksum differs"])
def test_a_pickle_in_place_of_the_weights_is_refused_and_never_run(folder, tmp_path, agrees):
    poison, trace = pickle.dumps(Trap(tmp_path / "trace")), tmp_path / "trace"
    pickle.loads(poison).close()
    assert trace.exists(), "the trap must work, or this test shows nothing"
    trace.unlink()
    if agrees:
        change_weights(folder, poison)
    else:
        (folder / "weights.safetensors").write_bytes(poison)
    with pytest.raises(ModelError, match=r"is no tonelens model|are damaged"):
        load(folder)
    assert not trace.exists()


@pytest.mark.parametrize(
    "name",
    [
        *("embedding", "scale", "style.weight", "style.scale", "style.bias"),
        *("mix0.weight", "mix0.scale", "mix1.bias", "out.weight", "out.scale", "out.bias"),
    ],
)
def test_weights_that_lack_an_array_are_refused(folder, name):
    arrays = arrays_of(folder)
    del arrays[name]
    change_weights(folder, save_arrays(arrays))
    with pytest.raises(ModelError, match=r"weights\.safetensors is no tonelens model: "):
        load(folder)


@pytest.mark.parametrize(
    ("name", "axis"),
    [
        (name, axis)
        for name, dimensions in (
            ("embedding", 2), ("scale", 1), ("style.weight", 2), ("style.scale", 1),
            ("style.bias", 1), ("mix0.weight", 2), ("mix0.scale", 1), ("mix1.bias", 1),
            ("out.weight", 2), ("out.scale", 1), ("out.bias", 1),
        )
        for axis in range(dimensions)
    ],
)  # fmt: skip
def test_an_array_of_a_wrong_shape_is_refused_when_the_model_is_read(folder, name, axis):
    arrays = arrays_of(folder)
    array = arrays[name]
    arrays[name] = np.ascontiguousarray(np.delete(array, -1, axis))
    change_weights(folder, save_arrays(arrays))
    with pytest.raises(ModelError, match=r"weights\.safetensors is no tonelens model: "):
        load(folder)


@pytest.mark.parametrize("name", ["embedding", "style.weight", "mix0.weight", "out.scale"])
def test_an_array_of_another_number_type_is_refused(folder, name):
    arrays = arrays_of(folder)
    arrays[name] = arrays[name].astype(np.float64)
    change_weights(folder, save_arrays(arrays))
    with pytest.raises(ModelError, match=r"float64|F64"):
        load(folder)


@pytest.mark.parametrize("name", ["scale", "style.bias", "mix0.scale", "out.bias"])
def test_weights_that_are_not_finite_are_refused(folder, name):
    arrays = arrays_of(folder)
    arrays[name] = np.full_like(arrays[name], np.nan)
    change_weights(folder, save_arrays(arrays))
    with pytest.raises(ModelError, match=r"finite|nan"):
        load(folder)


def test_a_model_may_be_saved_over_the_one_that_it_was_read_from(folder):
    """Its weights are mapped: to write into their file would change them."""
    model, other = load(folder), tiny(seed=6)
    before = model.score_sentences(REPORT).probabilities
    other.save(folder)
    np.testing.assert_array_equal(model.score_sentences(REPORT).probabilities, before)
    model.save(folder)
    np.testing.assert_array_equal(load(folder).score_sentences(REPORT).probabilities, before)
    assert sorted(path.name for path in folder.iterdir()) == ["card.json", "weights.safetensors"]


def test_a_model_that_could_not_be_saved_leaves_nothing_behind(folder, monkeypatch):
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(path, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        tiny(seed=6).save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept


def test_scoring_makes_a_model_no_larger_to_hand_to_another_process(model):
    model.score(REPORT[0])
    size = sum(part.nbytes for part in (model.network.embedding, model.network.style.weight))
    assert len(pickle.dumps(model)) < 1.1 * size


def spoil_json(folder):
    (folder / "card.json").write_text("{")


def spoil_object(folder):
    (folder / "card.json").write_text("[]")


def spoil_entry(folder):
    change_card(folder, sha256=...)


def spoil_file(folder):
    (folder / "weights.safetensors").unlink()


def spoil_content(folder):
    change_weights(folder, b"")


def spoil_checksum(folder):
    change_card(folder, sha256="0" * 64)


def spoil_format(folder):
    change_card(folder, format=FORMAT + 1)


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_checksum,
        spoil_format,
        *(
            pytest.param(spoil)
            for spoil in (spoil_json, spoil_object, spoil_entry, spoil_file, spoil_content)
        ),
    ],
)
def test_a_refusal_says_what_to_do_next(folder, spoil):
    spoil(folder)
    with pytest.raises(ModelError, match=r"\. (Copy|Give|Train|Install|Save|Get) .*\.$"):
        load(folder)


def unsafe(source):
    """What a module uses that could run code from a file: imports, calls and keywords by name."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").split(".")[0]
            found |= {module} | {f"{module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(f"{node.func.id}()")
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            value = getattr(node.value, "value", True)
            found |= {"allow_pickle"} if value is not False else set()
    banned = {"pickle", "cPickle", "cloudpickle", "dill", "marshal", "shelve", "joblib.load"}
    banned |= {"numpy.load", "np.load", "allow_pickle", "eval()", "exec()", "torch.load"}
    return found & banned


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from pickle import loads",
        "import joblib\njoblib.load(path)",
        "from joblib import load",
        "np.load(path)",
        "read(path, allow_pickle=True)",
        "read(path, allow_pickle=flag)",
        "def f():\n    import marshal",
        "eval(text)",
    ],
)
def test_the_scan_for_unsafe_reading_finds_it(line):
    assert unsafe(line)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.name)
def test_no_module_unpickles_or_runs_what_it_reads(path):
    assert unsafe(path.read_text(encoding="utf-8")) == set()


# Input that can't be scored


@pytest.mark.parametrize("value", NOT_STRINGS, ids=lambda value: type(value).__name__)
def test_score_refuses_what_is_no_string_by_its_type(model, value):
    with pytest.raises(InputError, match=rf"score\(\) takes a str, got {type(value).__name__}\. "):
        model.score(value)


def test_score_sends_a_list_to_score_sentences(model):
    with pytest.raises(InputError, match=r"got list\. Use score_sentences\(list\)"):
        model.score(["It rained."])


@pytest.mark.parametrize("value", ["", " ", "\n\t\u00a0", "\u3000"])
def test_score_refuses_a_sentence_without_any_visible_character(model, value):
    with pytest.raises(InputError, match="takes a sentence, got one without any visible character"):
        model.score(value)


SIDES = pytest.mark.parametrize("side", ["before", "after"])


@SIDES
def test_score_refuses_one_string_as_what_is_around_and_shows_the_list(model, side):
    message = rf"one str of 12 characters\. Use {side}=\[sentence\]"
    with pytest.raises(InputError, match=message):
        model.score("It rained.", **{side: "It was dark."})


@SIDES
@pytest.mark.parametrize("value", NOT_LISTS, ids=lambda value: type(value).__name__)
def test_score_refuses_what_is_no_list_as_what_is_around(model, side, value):
    with pytest.raises(InputError, match=rf"score\(\) takes .*list.*got .*{type(value).__name__}"):
        model.score("It rained.", **{side: value})


@SIDES
@pytest.mark.parametrize("value", NOT_LISTS, ids=lambda value: type(value).__name__)
def test_advice_about_what_is_around_names_the_side(model, side, value):
    with pytest.raises(InputError, match=f"{side}="):
        model.score("It rained.", **{side: value})


@pytest.mark.parametrize("value", NOT_STRINGS, ids=lambda value: type(value).__name__)
def test_read_refuses_what_is_no_string_by_its_type(model, value):
    with pytest.raises(InputError, match=rf"read\(\) takes a str, got {type(value).__name__}\. "):
        model.read(value)


def test_score_sentences_refuses_one_string_and_shows_both_calls(model):
    message = r"got one str of 1,010 characters\. Use score\(text\), or score_sentences\(\[text\]\)"
    with pytest.raises(InputError, match=message):
        model.score_sentences("It rained." * 101)


@pytest.mark.parametrize("value", NOT_LISTS, ids=lambda value: type(value).__name__)
def test_score_sentences_refuses_what_is_no_list_by_its_type(model, value):
    name = type(value).__name__
    with pytest.raises(
        InputError, match=rf"takes several sentences, got {name}\. Use score\(text\)"
    ):
        model.score_sentences(value)


@pytest.mark.parametrize("value", NOT_STRINGS, ids=lambda value: type(value).__name__)
def test_score_sentences_names_the_type_and_place_of_what_is_no_string(model, value):
    name = type(value).__name__
    with pytest.raises(InputError, match=rf"takes strings, got {name} at position 2\. Drop or"):
        model.score_sentences(["It rained.", "", value])


def test_a_table_of_strings_is_refused(model):
    with pytest.raises(InputError, match="got ndarray"):
        model.score_sentences(np.array([["It rained."], ["It may snow."]]))


def test_an_array_without_dimensions_is_refused(model):
    with pytest.raises(InputError, match="takes several sentences, got ndarray"):
        model.score_sentences(np.array("It rained."))


@pytest.mark.parametrize("ids", [[], [1], [1, 2, 3, 4]], ids=len)
def test_ids_of_another_length_are_refused_with_both_numbers(model, ids):
    message = rf"got {len(ids)} ids for 3 sentences\. Give as many ids as sentences, or none"
    with pytest.raises(InputError, match=message):
        model.score_sentences(REPORT[:3], documents=ids)


def test_one_id_in_place_of_a_list_of_ids_is_refused(model):
    with pytest.raises(InputError, match="documents"):
        model.score_sentences(REPORT[:3], documents=7)


def test_no_message_echoes_the_text(model):
    with pytest.raises(InputError, match="takes several sentences") as caught:
        model.score_sentences("Secret. " * 5_000)
    assert "Secret" not in str(caught.value)
    assert len(str(caught.value)) < 200


# Odd input that is scored


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_text_is_scored_alike_by_every_call(model, text):
    row = both(model.score_sentences([text]))[0]
    assert np.isfinite(row).all()
    assert abs(row[:3].sum() - 1) < 1e-6
    assert np.array_equal(one(model.score(text)), row)
    assert "".join(s.text for s in model.read(text)).split() == text.split()


@pytest.mark.parametrize("text", TOKENLESS, ids=ascii)
def test_text_without_any_token_is_scored(model, text):
    assert len(model.read(text)) == 1
    assert model.score(text).probabilities[0] == both(model.score_sentences([text]))[0, 0]


@pytest.mark.parametrize("name", ["Zelenskyy", "Trump"])
def test_a_name_by_itself_is_scored(model, name):
    assert model.score(name) == model.read(name)[0]


@pytest.mark.parametrize("rows", [[""], [" ", "\n"]], ids=["empty", "blank"])
def test_a_list_of_nothing_but_blank_strings_is_scored(model, rows):
    assert len(model.score_sentences(rows)) == len(rows)


def test_a_blank_string_among_others_is_scored_and_leaves_them_alone(model):
    with_blank = both(model.score_sentences([REPORT[0], "", " \n", REPORT[1]]))
    assert np.isfinite(with_blank).all()
    assert np.array_equal(with_blank[[0, 3]], both(model.score_sentences(REPORT[:2])))


def test_no_sentences_give_no_scores(model):
    scores = model.score_sentences([])
    assert scores.probabilities.shape == (0, 3)
    assert scores.source_probability.shape == (0,)
    assert scores.tones == []


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "\u3000\u2028"], ids=ascii)
def test_a_blank_text_has_no_sentences(model, text):
    assert len(model.read(text)) == 0


TEN_MEGABYTES = {
    "no spaces": "a" * 10_000_000,
    "long words": ("x" * 999 + " ") * 10_000,
    "quotation marks": "“" * 10_000_000,
}


@pytest.mark.parametrize("text", TEN_MEGABYTES.values(), ids=TEN_MEGABYTES)
def test_ten_megabytes_in_one_line_are_read_before_patience_ends(model, text):
    start = time.perf_counter()
    article = model.read(text)
    assert time.perf_counter() - start < 120
    assert len(article) == 1
    assert sum(article[0].probabilities) == pytest.approx(1)


def test_a_sentence_of_very_many_words_scores_alike_alone_and_beside_a_short_one(model):
    """More words than a 16-bit lane can sum take another way through the network."""
    words = " ".join(f"w{i % 7}" for i in range(70_000))
    beside = both(model.score_sentences(["It rained.", words]))
    assert np.isfinite(beside).all()
    assert np.array_equal(beside, alone(model, ["It rained.", words]))


KINDS = {
    "tuple": tuple,
    "array of str": np.array,
    "array of objects": lambda rows: np.array(rows, object),
    "generator": lambda rows: (row for row in rows),
    "dict keys": lambda rows: dict.fromkeys(rows).keys(),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_any_iterable_of_strings_scores_as_the_list_does(model, kind):
    wanted = both(model.score_sentences(REPORT))
    assert np.array_equal(both(model.score_sentences(kind(REPORT))), wanted)


def test_a_pandas_series_scores_as_the_list_does_whatever_its_index(model):
    pandas = pytest.importorskip("pandas")
    index = range(90, 90 - len(REPORT), -1)
    rows = pandas.Series(REPORT, index=index)
    ids = pandas.Series(["a"] * 3 + ["b"] * (len(REPORT) - 3), index=index)
    assert np.array_equal(
        both(model.score_sentences(rows, documents=ids)),
        both(model.score_sentences(REPORT, documents=ids.tolist())),
    )


def test_arrow_strings_are_scored_like_a_list(model):
    pa = pytest.importorskip("pyarrow")
    ids = ["a"] * 3 + ["b"] * (len(REPORT) - 3)
    wanted = both(model.score_sentences(REPORT, documents=ids))
    for kind in (pa.array, lambda values: pa.chunked_array([values[:2], values[2:]])):
        found = model.score_sentences(kind(REPORT), documents=kind(ids))
        assert np.array_equal(both(found), wanted)
    with pytest.raises(InputError, match="got NoneType at position 1"):
        model.score_sentences(pa.array(["It rained.", None]))


@pytest.mark.parametrize(
    "ids",
    [
        (0, 0, 0, 1, 1, 1, 1, 1),
        np.array([5, 5, 5, 2, 2, 2, 2, 2]),
        [None] * 3 + ["x"] * 5,
    ],
    ids=["tuple", "array", "None among them"],
)
def test_ids_may_be_anything_that_can_be_compared(model, ids):
    wanted = [both(model.score_sentences(part, documents=[0] * len(part)))
              for part in (REPORT[:3], REPORT[3:])]  # fmt: skip
    assert np.array_equal(both(model.score_sentences(REPORT, documents=ids)), np.vstack(wanted))


# What scores depend on, and what not


@pytest.fixture(params=["tiny", "shipped"])
def either(request, model):
    return model if request.param == "tiny" else load()


def test_a_list_scores_bit_for_bit_as_one_by_one(either):
    assert np.array_equal(both(either.score_sentences(REPORT)), alone(either, REPORT))


def test_without_ids_every_sentence_stands_alone(either):
    unlike = list(range(len(REPORT)))
    assert np.array_equal(
        both(either.score_sentences(REPORT, documents=None)),
        both(either.score_sentences(REPORT, documents=unlike)),
    )


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(["It was Kim", ". Left it"], id="before"),
        pytest.param(["Kim", "Kim", ". Kim"], id="same"),
        pytest.param([". Left it, says Kim", "It rained."], id="after"),
    ],
)
def test_a_name_beside_a_stop_leaves_other_sentences_alone(either, rows):
    assert np.array_equal(both(either.score_sentences(rows)), alone(either, rows))


def test_the_order_of_sentences_that_stand_alone_does_not_matter(either):
    order = np.random.default_rng(3).permutation(len(REPORT))
    shuffled = both(either.score_sentences([REPORT[i] for i in order]))
    assert np.array_equal(shuffled, both(either.score_sentences(REPORT))[order])


def test_context_does_matter_to_the_tiny_model(model):
    """Or the tests of independence would show nothing."""
    together = both(model.score_sentences(REPORT, documents=[0] * len(REPORT)))
    assert (together != both(model.score_sentences(REPORT))).any(axis=1).sum() > 4


def test_an_id_that_comes_back_later_begins_a_new_document(model):
    ids = ["a", "a", "b", "a", "a"]
    assert np.array_equal(
        both(model.score_sentences(REPORT[:5], documents=ids)),
        both(model.score_sentences(REPORT[:5], documents=[0, 0, 1, 2, 2])),
    )


@SIDES
@pytest.mark.parametrize("empty", [(), [], np.array([], str)], ids=["tuple", "list", "array"])
def test_nothing_around_changes_nothing(either, side, empty):
    assert either.score(REPORT[5], **{side: empty}) == either.score(REPORT[5])


@pytest.mark.parametrize("at", [0, 2, 4])
def test_what_is_around_counts_as_it_does_in_a_document(either, at):
    rows = REPORT[:5]
    in_document = both(either.score_sentences(rows, documents=[0] * 5))[at]
    scored = either.score(rows[at], before=rows[:at], after=rows[at + 1 :])
    assert np.array_equal(one(scored), in_document)


def test_what_is_around_matters(model):
    sentence = "Nobody slept,” she added."
    alone = model.score(sentence)
    assert model.score(sentence, before=["“The wall went."]) != alone
    assert model.score(sentence, after=["Perhaps she lied."]) != alone


def test_documents_score_together_as_they_do_separately(either):
    rng = np.random.default_rng(8)
    documents = [
        [REPORT[i] for i in rng.integers(0, len(REPORT), size)]
        for size in (1, 3, 700, 2, 400, 1, _BATCH + 500, 5, _BATCH, 1)
    ]
    rows = [row for document in documents for row in document]
    ids = [f"doc {i}" for i, document in enumerate(documents) for _ in document]
    apart = [either.score_sentences(part, documents=[0] * len(part)) for part in documents]
    together = both(either.score_sentences(rows, documents=ids))
    assert np.array_equal(together, np.vstack([both(scores) for scores in apart]))


@pytest.mark.parametrize("n", [_BATCH - 1, _BATCH, _BATCH + 1, 3000])
def test_many_sentences_score_as_a_few_do(either, n):
    rows = numbered(n)
    parts = [both(either.score_sentences(rows[i : i + 333])) for i in range(0, n, 333)]
    assert np.array_equal(both(either.score_sentences(rows)), np.vstack(parts))


def test_a_long_document_scores_as_windows_of_it_do(model):
    """Two layers each hear eight sentences to each side, and whether one precedes: no more."""
    rows = numbered(3_000)
    whole = both(model.score_sentences(rows, documents=[0] * len(rows)))
    for k in (2, 255, 256, 1023, 1024, 1025, 2047, 2048, 2049, 2998):
        low = max(0, k - 17)
        window = rows[low : k + 17]
        part = both(model.score_sentences(window, documents=[0] * len(window)))
        assert np.array_equal(part[k - low], whole[k]), k


# Reading


@pytest.fixture(scope="module")
def text():
    return "VELMORE —\n\n  " + "  ".join(REPORT[:4]) + "\n\n" + " ".join(REPORT[4:]) + "\t\n"


def test_reading_leaves_the_text_and_its_offsets_alone(model, text):
    article = model.read(text)
    assert article.text == text
    assert all(text[s.start : s.end] == s.text for s in article)
    assert [s.start for s in article] == sorted(s.start for s in article)


def test_reading_scores_sentences_as_one_document(either, text):
    article = either.read(text)
    rows = [s.text for s in article]
    wanted = both(either.score_sentences(rows, documents=[0] * len(rows)))
    assert np.array_equal(np.array([one(s) for s in article]), wanted)


def test_reading_gives_the_sentences_one_reads(model, text):
    rows = [s.text for s in model.read(text)]
    assert rows[1] == REPORT[0]
    assert rows[-1] == REPORT[-1]


def test_shares_of_what_was_read_sum_to_one(model, text):
    shares = model.read(text).shares
    assert list(shares) == list(LABELS)
    assert sum(shares.values()) == pytest.approx(1)


def test_what_was_read_can_be_written_as_json(model, text):
    article = model.read(text)
    plain = json.loads(json.dumps(article.to_dict(), allow_nan=False))
    assert [row["text"] for row in plain["sentences"]] == [s.text for s in article]
    assert [row["tone"] for row in plain["sentences"]] == article.tones


def test_the_functions_of_the_package_use_the_shipped_model(text):
    model = load()
    assert tonelens.read(text) == model.read(text)
    around = {"before": REPORT[1:2], "after": REPORT[2:3]}
    assert tonelens.score(REPORT[0], **around) == model.score(REPORT[0], **around)
    assert np.array_equal(
        both(tonelens.score_sentences(REPORT, documents=[1] * len(REPORT))),
        both(model.score_sentences(REPORT, documents=[1] * len(REPORT))),
    )
