"""What is imported, when, and in which direction: derived from the sources and from fresh runs."""

import ast
import json
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import tonelens

SOURCE = Path(tonelens.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
    if path != SOURCE / "__init__.py"
)
HEAVY = (
    *("joblib", "nltk", "pandas", "pyarrow", "pyspark", "scipy", "sklearn", "torch", "tqdm"),
    "matplotlib",
)

# From the bottom to the top: a module imports only what stands on a line above its own.
ORDER = [
    {"arrays", "errors", "files", "labels", "lanes", "speakers", "tokens"},
    {"inputs", "names", "sentences", "streams"},
    {"marks", "cues", "rows"},
    {"pairs"},
    {"voice"},
    {"features", "quotes"},
    {"network", "windows"},
    {"encoder"},
    {"storage"},
    {"results"},
    {"explanation"},
    {"contributions", "report"},
    {"occlusion"},
    {"model"},
    {"explain_command", "vectorizer"},
    {"classifier"},
    {"corpus.output", "corpus.scorer", "corpus.scores", "corpus.sources"},
    {"corpus.articles", "corpus.lines", "corpus.manifest"},
    {"corpus.batches", "corpus.chunks"},
    {"corpus.parts"},
    {"corpus.progress"},
    {"corpus.run"},
    {"corpus", "corpus.command", "corpus.frames", "spark"},
    {"evaluation.agreement", "evaluation.cells", "evaluation.intervals", "evaluation.markup"},
    {"evaluation.confidence", "evaluation.labelled", "evaluation.metrics", "evaluation.sampling"},
    {"evaluation.answers", "evaluation.plots"},
    {"evaluation.comparison", "evaluation.figures"},
    {"evaluation.gaps"},
    {"evaluation.slices"},
    {"evaluation.evaluation"},
    {"evaluation.table"},
    {"evaluation.page"},
    {"evaluation", "evaluation.command"},
    {"cli"},
    {"__main__"},
]
RANK = {module: rank for rank, modules in enumerate(ORDER) for module in modules}


def imported(tree):
    """Full names of all that a module imports, wherever in it, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            yield from ((f"{node.module}.{name.name}", node.lineno) for name in node.names)


def parsed(module):
    path = SOURCE.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def siblings(tree):
    """Names of the package's modules that a module imports."""
    names = [name for name, _ in imported(tree) if name.startswith("tonelens.")]
    names = [name.removeprefix("tonelens.") for name in names]
    return {module for name in names if (module := home(name))}


def home(name):
    """The module of the package that a dotted name is of, without the package's own name."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def run(code):
    """What a fresh interpreter prints, as JSON."""
    path = os.pathsep.join(filter(None, [str(SOURCE.parent), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def loaded_after(code, names):
    """Which of some packages are loaded once the code has run."""
    return run(
        f"import json, sys\n{code}\nprint(json.dumps([n for n in {names} if n in sys.modules]))"
    )


# Fresh runs


def test_importing_the_package_costs_numpy_alone():
    assert loaded_after("import tonelens", [*HEAVY, "safetensors"]) == []


def test_importing_the_package_reads_no_model():
    code = "import tonelens, tonelens.model"
    assert loaded_after(code, ["safetensors", *HEAVY]) == []


@pytest.mark.parametrize(
    "call",
    [
        "tonelens.score('It may rain.', before=['It is dark.'])",
        "tonelens.score_sentences(['It may rain.', 'It rained.'], documents=[1, 1])",
        "tonelens.read('It may rain. It rained.').to_dict()",
    ],
    ids=lambda call: call.split("(")[0],
)
def test_scoring_imports_no_heavy_package(call):
    assert loaded_after(f"import tonelens\n{call}", HEAVY) == []


def test_the_estimators_are_imported_when_they_are_asked_for():
    code = "import tonelens\nassert 'sklearn' not in sys.modules\ntonelens.ToneClassifier"
    assert loaded_after(code, ["sklearn", "nltk"]) == ["sklearn"]


def test_a_star_import_gives_every_public_name():
    names = run("import json\nfrom tonelens import *\nprint(json.dumps(sorted(globals())))")
    assert set(tonelens.__all__) <= set(names)


# The graph


def test_every_module_has_its_place_in_the_order():
    assert set(RANK) >= set(MODULES), "give new modules a place in ORDER"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_stands_below_it(module):
    upward = {name for name in siblings(parsed(module)) if RANK[name] >= RANK[module]}
    assert not upward, f"{module} imports {', '.join(sorted(upward))}"


def test_the_module_graph_has_no_circle():
    graph = {module: siblings(parsed(module)) for module in MODULES}
    order = list(TopologicalSorter(graph).static_order())
    assert set(order) == set(MODULES)
    assert order.index("tokens") < order.index("features") < order.index("model")


@pytest.mark.parametrize("module", [name for name in MODULES if name not in ("cli", "__main__")])
def test_only_the_command_line_imports_the_package_as_a_whole(module):
    whole = [
        line
        for name, line in imported(parsed(module))
        if name == "tonelens"
        or (
            name != "tonelens.__version__"
            and name.startswith("tonelens.")
            and name.split(".")[1] not in MODULES
        )
    ]
    assert not whole, f"lines {whole}"


def test_the_package_itself_imports_only_the_bottom_at_once():
    tree = parsed("__init__")
    at_once = ast.Module(
        [node for node in tree.body if not isinstance(node, ast.If | ast.FunctionDef)], []
    )
    assert siblings(at_once) == {"errors", "labels"}


@pytest.mark.parametrize("module", ["__init__", *MODULES])
def test_no_module_imports_training_benchmarks_or_tests(module):
    roots = {name.split(".")[0] for name, _ in imported(parsed(module))}
    assert not roots & {"training", "benchmarks", "tests", "conftest", "examples"}


@pytest.mark.parametrize("module", ["__init__", *MODULES])
def test_every_package_imported_is_declared(module):
    declared = {"joblib", "nltk", "numpy", "safetensors", "sklearn", "tonelens"}
    declared |= {"tqdm", "scipy", "pandas", "polars", "pyarrow", "pyspark"}  # needed or extras
    declared |= {"onnxruntime", "tokenizers", "tonelens_accurate"}  # of the extra "accurate"
    roots = {name.split(".")[0] for name, _ in imported(parsed(module))}
    assert roots - set(sys.stdlib_module_names) <= declared


# Public names


@pytest.mark.parametrize("name", tonelens.__all__)
def test_a_public_name_resolves_and_is_described(name):
    value = getattr(tonelens, name)
    assert name in dir(tonelens)
    if name == "LABELS":
        assert value == ("reporting", "opinion", "speculation")
    else:
        assert value.__doc__
        assert value.__module__.split(".")[0] == "tonelens"


@pytest.mark.parametrize("module", ["__init__", *MODULES])
def test_every_public_function_class_and_method_is_described(module):
    kinds = (ast.FunctionDef, ast.ClassDef)
    tree = parsed(module)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    nodes = [n for body in (tree.body, *(c.body for c in classes)) for n in body]
    bare = [
        node.name
        for node in nodes
        if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert ast.get_docstring(tree)
    assert bare == []


def test_public_names_are_listed_once_and_in_order_but_for_case():
    assert len(set(tonelens.__all__)) == len(tonelens.__all__)
    constants = [name for name in tonelens.__all__ if name.isupper()]
    classes = [name for name in tonelens.__all__ if name[0].isupper() and not name.isupper()]
    functions = [name for name in tonelens.__all__ if name.islower()]
    assert tonelens.__all__ == [*sorted(constants), *sorted(classes), *sorted(functions)]


@pytest.mark.parametrize("name", sorted(tonelens._HOMES))
def test_a_name_imported_on_first_use_is_the_one_of_its_module(name):
    assert name in tonelens.__all__
    home = import_module(f"tonelens.{tonelens._HOMES[name]}")
    assert getattr(tonelens, name) is getattr(home, name)


def test_type_checkers_see_the_names_that_are_imported_on_first_use():
    guarded = [node for node in parsed("__init__").body if isinstance(node, ast.If)]
    seen = {name.removeprefix("tonelens.") for node in guarded for name, _ in imported(node)}
    assert seen == {f"{home}.{name}" for name, home in tonelens._HOMES.items()}


def test_an_unknown_name_is_refused_as_any_module_does():
    with pytest.raises(AttributeError, match="module 'tonelens' has no attribute 'scores'"):
        tonelens.scores  # noqa: B018  # the look-up is what is tested
