"""What is shipped: version, data files, their sizes, and nothing of the machine that made them."""

import json
import re
import shutil
import subprocess
import tomllib
import zlib
from importlib import metadata
from pathlib import Path

import pytest

import tonelens

ROOT = Path(__file__).parent.parent
PACKAGE = Path(tonelens.__file__).parent
MODELS = PACKAGE / "models"
CARDS = sorted(MODELS.rglob("*.json"))
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def settings():
    path = ROOT / "pyproject.toml"
    if not path.exists():
        pytest.skip("no pyproject.toml beside the tests")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_version_is_written_once_and_read_from_the_package(settings):
    project = settings["project"]
    if "version" in project:
        assert project["version"] == tonelens.__version__
    else:
        assert "version" in project["dynamic"]
        dynamic = settings["tool"]["setuptools"]["dynamic"]
        assert dynamic["version"] == {"attr": "tonelens.__version__"}


def test_the_version_is_of_the_kind_that_installers_order():
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc|\.dev)\d+)?", tonelens.__version__)


def test_an_installed_package_has_the_version_of_its_sources():
    try:
        installed = metadata.version("tonelens")
    except metadata.PackageNotFoundError:
        pytest.skip("tonelens is not installed here")
    assert installed == tonelens.__version__


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()


@pytest.fixture(scope="module")
def accurate():
    folder = ROOT / "training" / "accurate"
    if not folder.is_dir():
        pytest.skip("no package of the accurate model beside the tests")
    return folder


def test_the_accurate_model_has_the_version_that_its_extra_asks_for(accurate, settings):
    project = tomllib.loads((accurate / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    major, minor, _ = project["version"].split(".")
    asked = settings["project"]["optional-dependencies"]["accurate"]
    assert f"{project['name']}=={major}.{minor}.*" in asked
    assert tonelens.__version__.startswith(f"{major}.{minor}.")


def test_the_accurate_model_takes_less_than_30_megabytes_in_a_wheel(accurate):
    files = [path for path in (accurate / "tonelens_accurate").iterdir() if path.is_file()]
    compressed = [zlib.compress(path.read_bytes()) for path in files]
    assert 10 * MEGABYTE < sum(map(len, compressed)) < 30 * MEGABYTE


def test_the_accurate_models_card_names_every_file_but_itself(accurate):
    folder = accurate / "tonelens_accurate"
    card = (folder / "card.json").read_text(encoding="utf-8")
    assert folders_of_machines().search(card) is None
    files = {path.name for path in folder.iterdir() if path.is_file()}
    assert files - {"card.json", "__init__.py"} == set(json.loads(card)["sha256"])


def test_every_folder_with_modules_is_a_package_that_is_shipped(settings):
    folders = {path.parent.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("*.py")}
    named = settings["tool"]["setuptools"]["packages"]
    assert {".".join(folder.parts) for folder in folders} == set(named)


def test_training_benchmarks_and_tests_are_not_shipped(settings):
    named = {name.split(".")[0] for name in settings["tool"]["setuptools"]["packages"]}
    assert named == {"tonelens"}


def test_every_data_file_is_shipped(settings):
    patterns = settings["tool"]["setuptools"]["package-data"]["tonelens"]
    shipped = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    wanted = {path for path in MODELS.rglob("*") if path.is_file()} | {PACKAGE / "py.typed"}
    assert wanted <= shipped


def test_every_pattern_for_data_files_finds_some(settings):
    for pattern in settings["tool"]["setuptools"]["package-data"]["tonelens"]:
        assert any(PACKAGE.glob(pattern)), pattern


def test_the_files_that_the_settings_name_exist(settings):
    project = settings["project"]
    for name in [project["readme"], *project["license-files"]]:
        assert (ROOT / name).is_file(), name


def test_every_command_calls_a_function_that_exists(settings):
    for target in settings["project"]["scripts"].values():
        module, function = target.split(":")
        tree = (PACKAGE.parent / Path(*module.split("."))).with_suffix(".py").read_text("utf-8")
        assert f"\ndef {function}(" in tree, target


def test_the_models_take_less_than_8_megabytes():
    sizes = {path: path.stat().st_size for path in MODELS.rglob("*") if path.is_file()}
    assert sizes
    assert sum(sizes.values()) < 8 * MEGABYTE, sizes


def test_no_file_of_the_package_takes_10_megabytes():
    large = [path for path in PACKAGE.rglob("*") if path.stat().st_size >= 10 * MEGABYTE]
    assert large == []


def test_no_file_under_version_control_takes_10_megabytes():
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run(
        [git, "-c", "core.quotepath=off", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("git can't list the files here")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert paths
    assert [p for p in paths if p.is_file() and p.stat().st_size >= 10 * MEGABYTE] == []


def folders_of_machines():
    """Where files lie on the machines of developers, spelt so that no scan finds them here."""
    names = ["work", "root", "home", "tmp", "Users", "mnt", "var"]
    return re.compile("(?<![A-Za-z0-9])/(" + "|".join(names) + r")\b|[A-Za-z]:\\\\|file:/")


@pytest.mark.parametrize("name", ["root/x", "home/me", "tmp/y", "Users/me"])
def test_the_scan_for_machines_finds_them(name):
    assert folders_of_machines().search(f'"out": "/{name}"')
    assert not folders_of_machines().search(f'"url": "https://example.org/{name}"')


@pytest.mark.parametrize("path", CARDS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_model_card_names_a_folder_of_the_machine_that_made_it(path):
    found = folders_of_machines().search(path.read_text(encoding="utf-8"))
    assert found is None, found


def test_no_weights_name_a_folder_of_the_machine_that_made_them():
    for path in MODELS.rglob("*.safetensors"):
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            header = file.read(size).decode()
        assert json.loads(header)
        assert not folders_of_machines().search(header), path.name


@pytest.mark.parametrize("path", CARDS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_card_is_a_json_object_that_names_its_format(path):
    card = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(card["format"], int)
