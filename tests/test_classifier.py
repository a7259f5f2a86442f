"""The estimator: what it learns, how it is saved, and that scikit-learn's tools can hold it."""

import json
from pathlib import Path

import numpy as np
import pytest
from estimators import CHECKS
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

import tonelens
from tonelens import ToneClassifier
from tonelens.errors import InputError, ModelError
from tonelens.labels import LABELS

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "tones.jsonl").read_text("utf-8").splitlines()
]
X = [case["text"] for case in CASES]
Y = [case["tone"] for case in CASES]
CELLS = [f"{case['tone']}/{case['voice']}" for case in CASES]

# Two tones of a few sentences: quickly learned, where what is learned is not the point.
FEW = [i for i, y in enumerate(Y) if y != "reporting"][::3]
FEW_X, FEW_Y = [X[i] for i in FEW], [Y[i] for i in FEW]
UNSEEN = [
    "The ferry may not sail before Easter.",
    "What a pitiful excuse for a timetable!",
    "The ferry sailed at noon.",
    "“We are sailing at noon,” said the captain, Ola Brandt.",
    "",
    "😀",
]


@pytest.fixture(scope="module")
def fitted():
    return ToneClassifier().fit(X, Y)


@pytest.fixture(scope="module")
def small():
    return ToneClassifier().fit(FEW_X, FEW_Y)


@pytest.fixture(scope="module")
def voiced():
    return ToneClassifier().fit(X, CELLS)


# Learning


def test_fit_gives_the_classifier_itself_and_leaves_its_parameters_alone():
    classifier = ToneClassifier(C=0.5, class_weight="balanced", max_iter=250)
    assert classifier.fit(FEW_X, FEW_Y) is classifier
    assert classifier.get_params() == {"C": 0.5, "class_weight": "balanced", "max_iter": 250}


def test_it_learns_what_it_is_shown(fitted):
    assert fitted.score(X, Y) > 0.95


def test_it_tells_tones_it_has_not_seen(fitted):
    assert fitted.predict(UNSEEN[:3]).tolist() == ["speculation", "opinion", "reporting"]


def test_fitting_twice_gives_the_same_bits(small):
    again = ToneClassifier().fit(FEW_X, FEW_Y)
    assert np.array_equal(again.predict_proba(UNSEEN), small.predict_proba(UNSEEN))


def test_classes_are_the_labels_in_their_order(fitted):
    assert fitted.classes_.tolist() == list(LABELS)


def test_probabilities_have_a_row_a_sentence_in_the_order_of_labels(fitted):
    p = fitted.predict_proba(UNSEEN)
    assert p.shape == (len(UNSEEN), len(LABELS))
    assert p.dtype == np.float32
    assert np.abs(p.sum(1) - 1).max() < 1e-6
    assert p.min() >= 0
    for i, tone in enumerate(["speculation", "opinion", "reporting"]):
        assert p[i].argmax() == LABELS.index(tone)


def test_predictions_are_the_most_probable_labels(fitted):
    assert fitted.predict(X).tolist() == [LABELS[i] for i in fitted.predict_proba(X).argmax(1)]


def test_a_sentence_is_predicted_alike_alone_and_among_others(fitted):
    alone = np.vstack([fitted.predict_proba([sentence, "It rained."])[:1] for sentence in UNSEEN])
    assert np.array_equal(fitted.predict_proba(UNSEEN), alone)


def test_no_sentences_give_no_predictions(fitted):
    assert fitted.predict([]).shape == (0,)
    assert fitted.predict_proba([]).shape == (0, 3)


def test_a_tone_that_never_occurred_is_never_predicted(small):
    p = small.predict_proba(X)
    assert p.shape == (len(X), 3)
    assert (p[:, LABELS.index("reporting")] == 0).all()
    assert small.classes_.tolist() == list(LABELS)
    assert small.score(FEW_X, FEW_Y) == 1


@pytest.mark.parametrize("kind", [tuple, np.array, iter], ids=["tuple", "array", "iterator"])
def test_any_iterable_teaches_what_the_list_does(small, kind):
    other = ToneClassifier().fit(kind(FEW_X), kind(FEW_Y))
    assert np.array_equal(other.predict_proba(UNSEEN), small.predict_proba(UNSEEN))


def test_a_pandas_series_teaches_what_the_list_does(small):
    pandas = pytest.importorskip("pandas")
    x, y = (pandas.Series(rows, index=range(len(rows), 0, -1)) for rows in (FEW_X, FEW_Y))
    unseen = pandas.Series(UNSEEN, index=range(5, 5 + len(UNSEEN)))
    other = ToneClassifier().fit(x, y)
    assert np.array_equal(other.predict_proba(unseen), small.predict_proba(UNSEEN))


def test_a_weight_of_nothing_leaves_a_sentence_out(small):
    wrong = ["speculation" if y == "opinion" else "opinion" for y in FEW_Y]
    rows, tones = FEW_X + FEW_X, FEW_Y + wrong
    n = len(FEW_X)
    heard = ToneClassifier().fit(rows, tones, sample_weight=[1] * n + [0] * n)
    assert np.allclose(heard.predict_proba(UNSEEN), small.predict_proba(UNSEEN), atol=0.02)
    other = ToneClassifier().fit(rows, tones, sample_weight=[0] * n + [1] * n)
    assert other.predict(FEW_X).tolist() == wrong


def test_a_sentence_that_counts_more_is_heeded_more():
    rows, tones = [FEW_X[0], *FEW_X], ["speculation", "opinion", *FEW_Y[1:]]
    low, high = (
        ToneClassifier()
        .fit(rows, tones, sample_weight=[weight, *[1] * len(FEW_X)])
        .predict_proba(FEW_X[:1])[0, LABELS.index("speculation")]
        for weight in (0.2, 5)
    )
    assert high > low + 0.3


def test_balanced_classes_help_the_rare_one():
    rare = FEW_Y.index("speculation")
    rows = [i for i, y in enumerate(FEW_Y) if y == "opinion"] + [rare]
    x, y = [FEW_X[i] for i in rows], [FEW_Y[i] for i in rows]
    plain, balanced = (
        ToneClassifier(C=0.5, class_weight=weight).fit(x, y).predict_proba(UNSEEN)[:, 2].mean()
        for weight in (None, "balanced")
    )
    assert balanced > plain + 0.05


def test_class_weights_may_be_given_by_tone(small):
    weighted = ToneClassifier(class_weight={"opinion": 9.0, "speculation": 1.0}).fit(FEW_X, FEW_Y)
    at = LABELS.index("opinion")
    more, fewer = (each.predict_proba(UNSEEN)[:, at] for each in (weighted, small))
    assert (more >= fewer).all()
    assert more.mean() > fewer.mean() + 0.05


def test_a_smaller_c_makes_milder_predictions(small):
    mild = ToneClassifier(C=0.01).fit(FEW_X, FEW_Y)
    assert mild.predict_proba(X).max(1).mean() < small.predict_proba(X).max(1).mean()


def test_too_few_iterations_are_warned_of():
    with pytest.warns(ConvergenceWarning, match="failed to converge"):
        ToneClassifier(max_iter=1).fit(FEW_X, FEW_Y)


# Voices


def test_labels_with_voices_teach_voices(voiced):
    scores = voiced.model_.score_sentences(X)
    right = [got == case["voice"] for got, case in zip(scores.voices, CASES, strict=True)]
    assert np.mean(right) > 0.95


def test_what_a_source_says_is_predicted_as_reporting():
    cells = ["speculation/source" if y == "speculation" else f"{y}/author" for y in FEW_Y]
    classifier = ToneClassifier().fit(FEW_X, cells)
    wanted = ["reporting" if y == "speculation" else y for y in FEW_Y]
    assert classifier.predict(FEW_X).tolist() == wanted
    assert classifier.classes_.tolist() == list(LABELS)


def test_labels_without_voices_are_the_author_s(fitted):
    assert (fitted.model_.score_sentences(UNSEEN).source_probability == 0).all()


def test_labels_with_and_without_voices_may_be_mixed(small):
    mixed = [f"{y}/author" if i % 2 else y for i, y in enumerate(FEW_Y)]
    other = ToneClassifier().fit(FEW_X, mixed)
    assert np.array_equal(other.predict_proba(UNSEEN), small.predict_proba(UNSEEN))


# What is refused


@pytest.mark.parametrize(
    "label", ["fact", "", "Opinion", "opinion/", "opinion/reader", "author/opinion", 0, None]
)
def test_an_unknown_label_is_refused_with_those_that_are_known(label):
    message = rf"got the label '{label}'\. Labels are reporting, opinion, speculation, or with a v"
    with pytest.raises(InputError, match=message):
        ToneClassifier().fit(X[:2], ["reporting", label])


def test_a_single_label_is_refused():
    with pytest.raises(InputError, match=r"at least two different labels, got only .*opinion"):
        ToneClassifier().fit(X[:3], ["opinion"] * 3)


def test_a_tone_with_and_without_its_voice_is_a_single_label():
    with pytest.raises(InputError, match="at least two different labels"):
        ToneClassifier().fit(X[:2], ["opinion", "opinion/author"])


def test_no_labels_are_refused():
    with pytest.raises(InputError, match="at least two different labels"):
        ToneClassifier().fit([], [])


@pytest.mark.parametrize("n", [3, 5])
def test_another_number_of_labels_is_refused_with_both_numbers(n):
    with pytest.raises(InputError, match=f"one label for each sentence, got {n} labels for 4 sent"):
        ToneClassifier().fit(X[:4], (Y[:1] + Y[-4:])[:n])


def test_another_number_of_weights_is_refused():
    with pytest.raises(ValueError, match=r"sample_weight.shape == \(3,\), expected \(60,\)"):
        ToneClassifier().fit(X, Y, sample_weight=[1, 1, 1])


def test_missing_labels_are_refused():
    with pytest.raises(ValueError, match=r"fit.*label|requires y"):
        ToneClassifier().fit(X, None)


def test_one_string_in_place_of_labels_is_refused():
    with pytest.raises(InputError, match=r"list of labels, got .*str"):
        ToneClassifier().fit(X, "opinion")


def test_one_string_in_place_of_sentences_is_refused(fitted):
    with pytest.raises(InputError, match="takes a list of sentences, got one str"):
        ToneClassifier().fit("It rained.", Y)
    with pytest.raises(InputError, match="takes a list of sentences, got one str"):
        fitted.predict("It rained.")
    with pytest.raises(InputError, match="takes a list of sentences, got one str"):
        fitted.predict_proba("It rained.")


@pytest.mark.parametrize("value", [None, 1.5, b"It rained."])
def test_what_is_no_string_among_sentences_is_refused_by_its_place(fitted, value):
    with pytest.raises(InputError, match=rf"got {type(value).__name__} at position 1"):
        ToneClassifier().fit(["It rained.", value], ["reporting", "opinion"])
    with pytest.raises(InputError, match=rf"got {type(value).__name__} at position 1"):
        fitted.predict(["It rained.", value])


def test_a_table_is_refused(fitted):
    with pytest.raises(InputError, match="got ndarray"):
        fitted.predict(np.array([["It rained."]]))


@pytest.mark.parametrize(
    "method",
    [
        pytest.param("predict"),
        "predict_proba",
        "save",
    ],
)
def test_before_fit_every_method_says_so(method, tmp_path):
    argument = tmp_path / "model" if method == "save" else UNSEEN
    with pytest.raises(NotFittedError, match="ToneClassifier instance is not fitted yet"):
        getattr(ToneClassifier(), method)(argument)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("value", [0, -1.0, "high"])
def test_a_c_that_is_not_positive_is_refused_when_fitting(value):
    with pytest.raises(ValueError, match="The 'C' parameter of LogisticRegression must be a float"):
        ToneClassifier(C=value).fit(X[::4], Y[::4])


# Files


@pytest.fixture(scope="module")
def saved(voiced, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model"
    voiced.save(path)
    return path


def test_a_loaded_classifier_predicts_bit_for_bit_as_the_fitted_one(voiced, saved):
    loaded = ToneClassifier.load(saved)
    assert np.array_equal(loaded.predict_proba(X + UNSEEN), voiced.predict_proba(X + UNSEEN))
    assert np.array_equal(loaded.predict(X), voiced.predict(X))
    assert loaded.classes_.tolist() == list(LABELS)


def test_the_package_loads_a_saved_classifier_as_a_model(voiced, saved):
    model = tonelens.load(saved)
    wanted, got = (m.score_sentences(X) for m in (voiced.model_, model))
    assert np.array_equal(got.probabilities, voiced.predict_proba(X))
    assert np.array_equal(got.source_probability, wanted.source_probability)
    assert len(model.read("It rained. It may snow.")) == 2


def test_the_card_of_a_saved_classifier_says_what_it_was_trained_on(saved):
    assert tonelens.load(saved).card["trained_on"]["sentences"] == len(X)


def test_a_saved_classifier_is_two_files_of_a_few_megabytes(saved):
    assert sorted(p.name for p in saved.iterdir()) == ["card.json", "weights.safetensors"]
    assert sum(p.stat().st_size for p in saved.iterdir()) < 3_000_000


def test_a_classifier_can_hold_the_shipped_model():
    shipped = ToneClassifier.load(tonelens.load.__globals__["DEFAULT"])
    assert shipped.predict(X).tolist() == tonelens.score_sentences(X).tones


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="is no tonelens model"):
        ToneClassifier.load(tmp_path)


# scikit-learn's tools


@pytest.mark.parametrize("check", CHECKS)
def test_scikit_learn_s_own_check_passes(check):
    getattr(estimator_checks, check)("ToneClassifier", ToneClassifier())


def test_tags_say_that_it_classifies_strings():
    from sklearn.base import is_classifier
    from sklearn.utils import get_tags

    tags = get_tags(ToneClassifier())
    assert is_classifier(ToneClassifier())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.target_tags.required
    assert tags.requires_fit


def test_a_clone_has_the_parameters_and_nothing_learned(fitted):
    copy = clone(fitted.__class__(C=3, class_weight="balanced", max_iter=50))
    assert copy.get_params() == {"C": 3, "class_weight": "balanced", "max_iter": 50}
    assert not hasattr(clone(fitted), "model_")


def test_parameters_can_be_set_and_unknown_ones_are_refused():
    assert ToneClassifier().set_params(C=2.0).get_params()["C"] == 2.0
    with pytest.raises(ValueError, match="Invalid parameter 'depth' for estimator ToneClassifier"):
        ToneClassifier().set_params(depth=3)


def test_its_repr_shows_what_was_changed():
    assert repr(ToneClassifier()) == "ToneClassifier()"
    assert repr(ToneClassifier(C=2.0)) == "ToneClassifier(C=2.0)"


def test_options_are_given_by_name_only():
    with pytest.raises(TypeError, match="positional argument"):
        ToneClassifier(1.0)


def strip(sentences):
    return [sentence.strip(" *") for sentence in sentences]


def test_it_stands_at_the_end_of_a_pipeline(small):
    pipeline = make_pipeline(FunctionTransformer(strip), ToneClassifier())
    pipeline.fit([f"** {x} **" for x in FEW_X], FEW_Y)
    assert isinstance(clone(pipeline), Pipeline)
    assert np.array_equal(pipeline.predict_proba(UNSEEN), small.predict_proba(UNSEEN))


def test_a_grid_search_finds_the_better_parameter():
    search = GridSearchCV(ToneClassifier(), {"C": [1e-6, 0.3]}, cv=2).fit(X, Y)
    assert search.best_params_ == {"C": 0.3}
    assert search.best_score_ > Y.count("reporting") / len(Y)
    assert np.array_equal(search.predict(X), search.best_estimator_.predict(X))
