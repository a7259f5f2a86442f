"""The network's arithmetic on tiny networks made by hand: exact sums, the same in every batch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tonelens.features import SHAPE, STYLE, Features
from tonelens.labels import CELLS
from tonelens.network import Layer, Network, in_context, levels, most, quantize, softmax

relaxed = settings(deadline=None)  # the machine may be busy

ROWS, WIDTH, STYLES, MIXED = 40, 8, 3, 4
STEP, LEVELS = 1 / 32, 255
EXACT = 2**24  # up to here float32 holds every whole number


def random_layer(seed: int, inputs: int, outputs: int) -> Layer:
    """A layer of any weights, small scales and biases of either sign."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(-127, 128, (inputs, outputs), dtype=np.int8)
    scale = rng.uniform(0.001, 0.02, outputs).astype(np.float32)
    return Layer(weight, scale, rng.normal(0, 0.5, outputs).astype(np.float32))


def tiny(*, mixes: bool = True, temperature: float = 1.0) -> Network:
    """A network of eight columns and two kinds of n-grams, with mixing layers or without."""
    rng = np.random.default_rng(1)
    embedding = rng.integers(0, 127, (2 * ROWS, WIDTH), dtype=np.uint8)
    return Network(
        kinds=("word", "pair"),
        embedding=embedding,
        scale=rng.uniform(0.001, 0.02, WIDTH).astype(np.float32),
        style=random_layer(2, STYLES, WIDTH),
        mix=(random_layer(3, 4 * WIDTH, MIXED), random_layer(5, 4 * MIXED, MIXED)) if mixes else (),
        out=random_layer(4, WIDTH + 2 * MIXED, len(CELLS)) if mixes else None,
        temperature=temperature,
    )


def features(documents: list[list[list[int]]]) -> Features:
    """Features of documents, each a list of sentences, each a list of buckets of the first kind.

    A place's bucket of the second kind is that of the first plus one, round and round.
    """
    rows = [row for document in documents for row in document]
    sizes = [len(d) for d in documents]
    edge = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    style = [[sum(row) * k % 101 / 100 for k in range(1, STYLES + 1)] for row in rows]
    word = np.array([b for row in rows for b in row], np.int64)
    return Features(
        bucket=np.stack((word, (word + 1) % ROWS)),
        offset=np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64))),
        style=np.array(style, np.float32).reshape(-1, STYLES),
        begin=np.repeat(edge[:-1], sizes),
        end=np.repeat(edge[1:], sizes),
    )


def plain_sums(network: Network, rows: list[list[int]]) -> list[list[int]]:
    """The sums of the embedding's rows, in plain Python."""
    words, pairs = np.split(network.embedding.astype(int) - 63, 2)
    table = (words + np.roll(pairs, -1, axis=0)).tolist()
    return [[sum(column) for column in zip(*(table[b] for b in row), strict=True)] for row in rows]


def real(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """A layer's weights and bias as real numbers."""
    return layer.weight.astype(np.float64) * layer.scale, layer.bias.astype(np.float64)


def stage_one(network: Network, given_: Features, style: np.ndarray) -> np.ndarray:
    """The columns in 64-bit numbers, sentence by sentence, from plain sums."""
    rows = [r.tolist() for r in np.split(given_.bucket[0], given_.offset[1:-1])]
    weight, bias = real(network.style)
    scale = network.scale.astype(np.float64)
    sums = plain_sums(network, rows)
    return np.array(
        [
            np.array(total) * scale / np.sqrt(2 * len(row)) + s @ weight + bias
            for total, row, s in zip(sums, rows, style.astype(np.float64), strict=True)
        ]
    )


def shown(style: np.ndarray) -> np.ndarray:
    """Style features as the network sees them."""
    return np.rint(style * np.float32(LEVELS)).astype(np.float64) / LEVELS


def stepped(values: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values in whole steps, and how far off another rounding of nearly the same may be."""
    steps = values / STEP
    near = np.abs(steps - np.floor(steps) - 0.5) < 1e-3
    return np.clip(np.rint(steps), 0, LEVELS) * STEP, np.where(near | (error > 0), error + STEP, 0)


def reference(network: Network, given_: Features) -> tuple[np.ndarray, np.ndarray]:
    """Logits in 64-bit numbers, and by how much each may differ: next to nothing, mostly."""
    first = stage_one(network, given_, shown(given_.style))
    if network.out is None:
        wanted = first[:, : len(CELLS)] / network.temperature
        return wanted, np.full_like(wanted, 1e-5)
    found = [stepped(first, np.zeros_like(first))]
    for layer in network.mix:
        weight, bias = real(layer)
        own, slack = found[-1]
        near = np.abs(weight)
        values = beside(own, given_, np.rint) @ weight + bias
        found.append(stepped(values, beside(slack, given_, np.ceil) @ near))
    weight, bias = real(network.out)
    wanted = np.hstack([own for own, _ in found]) @ weight + bias
    error = np.hstack([slack for _, slack in found]) @ np.abs(weight) + 1e-4
    return wanted / network.temperature, error / network.temperature


def beside(own: np.ndarray, given_: Features, whole) -> np.ndarray:
    """Each sentence's columns, those beside it and the mean around it, sentence by sentence."""
    none = np.zeros(own.shape[1])
    rows = []
    for i, (begin, end) in enumerate(zip(given_.begin, given_.end, strict=True)):
        around = own[max(begin, i - 8) : min(end, i + 9)] / STEP
        mean = whole(np.round(around.mean(0), 6)) * STEP
        before = own[i - 1] if i > begin else none
        after = own[i + 1] if i + 1 < end else none
        rows.append(np.concatenate((own[i], before, after, mean)))
    return np.array(rows)


sentences = st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=12)
documents_ = st.lists(st.lists(sentences, min_size=1, max_size=5), min_size=1, max_size=6)


@pytest.mark.parametrize(
    "counts",
    [
        [1], [4, 1, 7], [255, 256], [257], [1, 256, 257, 3], [512, 513, 1], [1, 70_001, 4, 300],
        [258], [3] * 600, [3] * 511 + [300, 2, 1000],
    ],
    ids=str,
)  # fmt: skip
def test_sums_are_those_of_plain_python_however_many_n_grams(counts):
    """Also beyond 257 n-grams, where a 16-bit lane overflows, and 65,536, where a count would."""
    rng = np.random.default_rng(5)
    network = tiny()
    rows = [rng.integers(0, ROWS, count).tolist() for count in counts]
    found = network._sums(features([rows]))
    assert found.dtype == np.int32
    assert found.tolist() == plain_sums(network, rows)


@pytest.mark.parametrize("value", [-63, 63])
@pytest.mark.parametrize("count", [1, 256, 257, 258, 515, 70_000])
def test_the_largest_and_smallest_sums_do_not_overflow(value, count):
    """Every lane full, beside a neighbour of one n-gram."""
    network = replace(tiny(), embedding=np.full((2 * ROWS, WIDTH), 63 + value, np.uint8))
    found = network._sums(features([[[0] * count, [1]]]))
    assert found.tolist() == [[2 * value * count] * WIDTH, [2 * value] * WIDTH]


def test_weights_that_might_overflow_a_byte_are_refused():
    assert [most(k) for k in (1, 2, 3, 4)] == [127, 63, 42, 31]
    with pytest.raises(ValueError, match="weights too large"):
        replace(tiny(), embedding=np.full((2 * ROWS, WIDTH), 127, np.uint8))
    with pytest.raises(ValueError, match="n-grams of the kinds"):
        replace(tiny(), kinds=("word", "sentence"))


@given(documents_)
@settings(relaxed, max_examples=50)
def test_stage_one_agrees_with_real_numbers(documents):
    """As closely as rounding the style features to 255 levels allows."""
    network, given_ = tiny(mixes=False), features(documents)
    rounding = np.abs(real(network.style)[0]).sum(0) / (2 * LEVELS) + 1e-5
    found = network.additive(given_)
    assert (np.abs(found - stage_one(network, given_, given_.style)) <= rounding).all()


@pytest.mark.parametrize("mixes", [True, False], ids=["two stages", "linear"])
@pytest.mark.parametrize("temperature", [1.0, 2.5])
@given(documents=documents_)
@example(documents=[[[0], [1, 2], [3]], [[4]]])
@settings(relaxed, max_examples=50)
def test_logits_agree_with_the_same_steps_in_64_bits(mixes, temperature, documents):
    """All but those that stand on the edge between two levels."""
    network, given_ = tiny(mixes=mixes, temperature=temperature), features(documents)
    wanted, error = reference(network, given_)
    found = network.logits(given_)
    assert found.shape == wanted.shape
    assert found.dtype == np.float32
    assert (np.abs(found - wanted) <= error).all()


def test_hardly_any_logit_stands_on_an_edge():
    """What keeps the test above a strict one."""
    rng = np.random.default_rng(9)
    rows = [[rng.integers(0, ROWS, 9).tolist() for _ in range(4)] for _ in range(50)]
    _, error = reference(tiny(), features(rows))
    assert (error < 1e-3).mean() > 0.8


def test_logits_are_worked_out_as_by_hand():
    """One sentence with whole numbers throughout, so that nothing is rounded."""
    eye = np.eye(WIDTH, dtype=np.int8)
    one = np.ones(WIDTH, np.float32)
    network = Network(
        kinds=("word",),
        embedding=(127 + np.concatenate([2 * eye, eye])).astype(np.uint8),
        scale=one,
        style=Layer(np.zeros((STYLES, WIDTH), np.int8), one, np.zeros(WIDTH, np.float32)),
        mix=(Layer(np.tile(eye, (4, 1)), one, -one),),
        out=Layer(
            np.eye(2 * WIDTH, 6, -WIDTH, np.int8), np.ones(6, np.float32), np.zeros(6, np.float32)
        ),
        temperature=2.0,
    )
    given_ = features([[[0, 0, 9, 9], [1, 1, 1, 1]]])
    given_ = replace(given_, bucket=given_.bucket[:1])
    # own: (2 + 2) / 2 in column 0 and (1 + 1) / 2 in column 1; beside it 4 * 2 / 2 in column 1
    assert network.additive(given_)[:, :2].tolist() == [[2, 1], [0, 4]]
    # mixed: both sentences' columns and their mean, less one, but never below 0; out halves them
    assert network.logits(given_).tolist() == [[1, 3.25, 0, 0, 0, 0], [1, 3.25, 0, 0, 0, 0]]


def test_a_neighbour_counts_and_a_sentence_of_another_document_does_not():
    network = tiny()
    alone = network.logits(features([[[1, 2]]]))[0]
    beside = network.logits(features([[[1, 2], [5, 6, 7]]]))[0]
    apart = network.logits(features([[[1, 2]], [[5, 6, 7]]]))[0]
    assert alone.tobytes() == apart.tobytes()
    assert alone.tobytes() != beside.tobytes()


def test_before_and_after_are_told_apart():
    network = tiny()
    first = network.logits(features([[[1, 2], [5, 6]]]))[0]
    last = network.logits(features([[[5, 6], [1, 2]]]))[1]
    assert first.tobytes() != last.tobytes()


def test_a_sentences_context_is_before_after_and_the_mean_around():
    given_ = features([[[0], [0], [0]], [[0]]])
    own = np.array([[1], [2], [6], [4]], np.float32)
    wanted = [[1, 0, 2, 3], [2, 1, 6, 3], [6, 2, 0, 3], [4, 0, 0, 4]]
    assert in_context(own, given_).tolist() == wanted


def test_the_mean_reaches_eight_sentences_to_either_side():
    given_ = features([[[0]] * 30])
    own = np.zeros((30, 1), np.float32)
    own[15] = 170
    mean = in_context(own, given_)[:, 3]
    assert np.flatnonzero(mean).tolist() == list(range(7, 24))
    assert set(mean[8:22]) == {10}


@pytest.mark.parametrize("mixes", [True, False], ids=["two stages", "linear"])
@given(documents=documents_, data=st.data())
@settings(relaxed, max_examples=60)
def test_results_are_the_same_to_the_last_bit_in_every_batch(mixes, documents, data):
    """Each document alone, and all of them in any order, in any number of batches."""
    network = tiny(mixes=mixes)
    alone = [network.probabilities(features([d])).tobytes() for d in documents]
    order = data.draw(st.permutations(range(len(documents))))
    cut = data.draw(st.integers(0, len(documents)))
    for part in (order[:cut], order[cut:]):
        if not part:
            continue
        batch = network.probabilities(features([documents[i] for i in part]))
        edges = np.cumsum([len(documents[i]) for i in part])[:-1]
        assert [p.tobytes() for p in np.split(batch, edges)] == [alone[i] for i in part]


def test_results_are_the_same_beyond_one_block_and_beside_a_very_long_sentence():
    rng = np.random.default_rng(6)
    rows = [rng.integers(0, ROWS, rng.integers(1, 40)).tolist() for _ in range(1_100)]
    rows[300] = rng.integers(0, ROWS, 5_000).tolist()
    network = tiny()
    together = network.logits(features([[row] for row in rows]))
    alone = [network.logits(features([[row]]))[0] for row in rows]
    assert together.tobytes() == np.array(alone).tobytes()


def test_no_sentences_have_no_logits():
    nothing = Features(
        np.zeros((2, 0), np.int64), np.zeros(1, np.int64), np.zeros((0, STYLES), np.float32),
        np.zeros(0, np.int64), np.zeros(0, np.int64),
    )  # fmt: skip
    for mixes in (True, False):
        assert tiny(mixes=mixes).logits(nothing).shape == (0, len(CELLS))
        assert tiny(mixes=mixes).probabilities(nothing).shape == (0, len(CELLS))


def test_levels_are_whole_steps_from_0_to_255():
    values = np.array([-5, -0.01, 0, STEP / 2.1, STEP, 1, 255 * STEP, 100], np.float32)
    assert levels(values).tolist() == [0, 0, 0, 0, 1, 32, 255, 255]


floats = st.floats(-1e4, 1e4, width=32).filter(lambda x: x == 0 or abs(x) > 1e-6)


@given(
    st.integers(1, 4).flatmap(
        lambda w: st.lists(st.lists(floats, min_size=w, max_size=w), min_size=1, max_size=6)
    )
)
@example([[0.0, 1.0], [0.0, -2.0]])
@relaxed
def test_quantized_weights_are_within_half_a_step_of_the_real_ones(rows):
    """Each column's largest weight is kept, as 127 or -127; a column of zeros has a scale, too."""
    weight = np.array(rows, np.float32)
    bytes_, scale = quantize(weight)
    assert bytes_.dtype == np.int8
    assert scale.dtype == np.float32
    assert (scale > 0).all()
    error = np.abs(bytes_ * scale.astype(np.float64) - weight)
    assert (error <= scale * (0.5 + 1e-4)).all()
    top = np.abs(bytes_.astype(int)).max(0)
    assert top.tolist() == np.where(np.abs(weight).max(0) > 0, 127, 0).tolist()


@given(st.lists(st.lists(st.integers(-127, 127), min_size=3, max_size=3), min_size=1, max_size=6))
@relaxed
def test_weights_that_are_quantized_already_stay_as_they_are(rows):
    weight = np.array([*rows, [127, -127, 127]], np.float32)
    bytes_, scale = quantize(weight * np.float32(0.25))
    assert bytes_.tolist() == weight.tolist()
    assert scale.tolist() == [0.25] * 3


def test_a_quantized_layer_gives_what_the_real_one_does_within_rounding():
    rng = np.random.default_rng(7)
    weight, bias = rng.normal(size=(20, 5)), rng.normal(size=5)
    inputs = rng.integers(0, 256, (9, 20)).astype(np.float32)
    layer = Layer.quantized(weight.astype(np.float32), bias.astype(np.float32))
    rounding = inputs.sum(1, keepdims=True) * STEP * layer.scale / 2
    found = layer.apply(inputs, STEP)
    assert (np.abs(found - (inputs.astype(float) * STEP @ weight + bias)) <= rounding + 1e-4).all()


# How many inputs a layer may have for its sums to stay exact, whatever its weights.
WIDEST = (EXACT - 1) // (LEVELS * 128)


@pytest.mark.parametrize("inputs", [len(SHAPE), len(STYLE), 4 * 64, WIDEST])
@pytest.mark.parametrize("value", [127, -127, -128, None], ids=["top", "bottom", "least", "random"])
def test_a_layers_sums_are_exact_in_any_order(inputs, value):
    """At the largest inputs, against Python's whole numbers; the widths used are well within."""
    rng = np.random.default_rng(8)
    weight = rng.integers(-128, 128, (inputs, 5)) if value is None else np.full((inputs, 5), value)
    unit = Layer(weight.astype(np.int8), np.ones(5, np.float32), np.zeros(5, np.float32))
    given_ = np.full((3, inputs), LEVELS) if value else rng.integers(0, LEVELS + 1, (3, inputs))
    wanted = [
        [sum(a * b for a, b in zip(g, w, strict=True)) for w in weight.T.tolist()]
        for g in given_.tolist()
    ]
    assert np.abs(wanted).max() < EXACT
    assert unit.apply(given_.astype(np.float32), 1.0).tolist() == wanted
    order = rng.permutation(inputs)
    shuffled = Layer(unit.weight[order], unit.scale, unit.bias)
    assert shuffled.apply(given_[:, order].astype(np.float32), 1.0).tolist() == wanted


@given(
    st.lists(
        st.lists(st.floats(-1e4, 1e4, width=32), min_size=6, max_size=6), min_size=1, max_size=5
    )
)
@relaxed
def test_softmax_gives_probabilities_in_the_order_of_the_logits(rows):
    """Rows add up to 1, nothing overflows, and a larger logit never has the smaller share."""
    logits = np.array(rows, np.float32)
    found = softmax(logits)
    assert np.isfinite(found).all()
    assert np.abs(found.sum(1) - 1).max() < 1e-6
    order = np.argsort(logits, 1, kind="stable")
    assert (np.diff(np.take_along_axis(found, order, 1), axis=1) >= 0).all()


def test_temperature_divides_the_logits():
    given_ = features([[[1, 2], [3]]])
    cool, warm = tiny(temperature=1.0).logits(given_), tiny(temperature=4.0).logits(given_)
    assert (warm * 4 == cool).all()


def test_probabilities_are_the_softmax_of_the_logits():
    given_ = features([[[1, 2], [3]], [[4, 4, 4]]])
    wanted = np.exp(tiny().logits(given_).astype(np.float64))
    wanted /= wanted.sum(1, keepdims=True)
    assert np.abs(tiny().probabilities(given_) - wanted).max() < 1e-6
