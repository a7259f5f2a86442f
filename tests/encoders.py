"""A tiny encoder of random weights, written as the accurate model is."""

import json

import numpy as np

from tonelens.encoder import TOKENIZER, Encoder
from tonelens.model import ToneModel
from tonelens.storage import encoder_files

HEADS, LAYERS, WIDTH = 2, 2, 32
SMALL = "the a it he may rain rained will fall said we jordan nobody slept was is shameful".split()
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *SMALL, *".,\"'!?", "##s", "##ed"]


def random_state(seed=3):
    """Arrays under the names of a BERT with a head, as training keeps them."""
    rng = np.random.default_rng(seed)

    def array(*shape):
        return rng.normal(0, 0.3, shape).astype(np.float32)

    state = {
        "backbone.embeddings.word_embeddings.weight": array(len(VOCABULARY), WIDTH),
        "backbone.embeddings.position_embeddings.weight": array(512, WIDTH),
        "backbone.embeddings.token_type_embeddings.weight": array(2, WIDTH),
        "head.weight": array(6, WIDTH),
        "head.bias": array(6),
    }
    shapes = {
        "attention.self.query": (WIDTH, WIDTH),
        "attention.self.key": (WIDTH, WIDTH),
        "attention.self.value": (WIDTH, WIDTH),
        "attention.output.dense": (WIDTH, WIDTH),
        "intermediate.dense": (2 * WIDTH, WIDTH),
        "output.dense": (WIDTH, 2 * WIDTH),
    }
    norms = ["backbone.embeddings.LayerNorm"]
    for number in range(LAYERS):
        layer = f"backbone.encoder.layer.{number}."
        for name, shape in shapes.items():
            state[f"{layer}{name}.weight"] = array(*shape)
            state[f"{layer}{name}.bias"] = array(shape[0])
        norms += [f"{layer}attention.output.LayerNorm", f"{layer}output.LayerNorm"]
    for norm in norms:
        state |= {f"{norm}.weight": 1 + array(WIDTH), f"{norm}.bias": array(WIDTH) / 9}
    return state


def as_mpnet(state, near):
    """The same arrays under the names of an MPNet, which has no kinds of token.

    `near` (32, heads) is its table of what a head adds for a distance.
    """
    names = {
        ".attention.output.dense.": ".attention.attn.o.",
        ".attention.self.query.": ".attention.attn.q.",
        ".attention.self.key.": ".attention.attn.k.",
        ".attention.self.value.": ".attention.attn.v.",
        ".attention.output.LayerNorm.": ".attention.LayerNorm.",
    }
    out = {"backbone.encoder.relative_attention_bias.weight": near}
    for name, array in state.items():
        old = next((part for part in names if part in name), None)
        out[name.replace(old, names[old]) if old else name] = array
    kind = out.pop("backbone.embeddings.token_type_embeddings.weight")[0]
    place = "backbone.embeddings.position_embeddings.weight"
    out[place] = np.concatenate((np.full((2, WIDTH), 9, np.float32), out[place] + kind))
    return out


def write_tokenizer(folder):
    """A word-piece tokenizer with a few words."""
    from tokenizers import Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import WordPiece

    words = {word: number for number, word in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(WordPiece(words, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.add_special_tokens(["[MASK]"])
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    (folder / TOKENIZER).write_text(json.dumps(json.loads(tokenizer.to_str())), encoding="utf-8")


def tiny_encoder(folder, *, threads=None):
    """An encoder in a folder of its own."""
    from training.graph import Shape, write_graph  # which needs onnx

    shape = Shape(LAYERS, HEADS, epsilon=1e-12, near=False)
    folder.mkdir(parents=True, exist_ok=True)
    write_graph(random_state(), folder, shape)
    write_tokenizer(folder)
    bias = [0, 0.5, 0.5, 0, 0, 0]
    return Encoder(folder, files=encoder_files(folder), temperature=1.5, bias=bias, threads=threads)


def saved_encoder(folder):
    """The folder of a saved model that reads with a tiny encoder."""
    ToneModel(tiny_encoder(folder / "parts"), {"made": "for a test"}).save(folder / "saved")
    return folder / "saved"
