"""Rows of files: the three formats, how rows are numbered, and what can't be read."""

import importlib.util
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tonelens.errors import InputError, MissingExtraError
from tonelens.rows import filled, read_rows

needs_pyarrow = pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="pyarrow isn't installed"
)


def rows(path):
    return list(read_rows(path))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_of_any_delimiter_and_with_a_mark_is_read(tmp_path, delimiter):
    path = tmp_path / "a.csv"
    path.write_text(f'\ufeffText {delimiter} TONE\r\n"a{delimiter}b"{delimiter}opinion\r\n')
    assert rows(path) == [(2, {"text": f"a{delimiter}b", "tone": "opinion"})]


def test_rows_of_a_csv_have_the_numbers_that_a_spreadsheet_shows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('text,tone\n"one\nand a half",\n,\nthree,\n')
    assert rows(path) == [(2, {"text": "one\nand a half"}), (3, {}), (4, {"text": "three"})]


def test_line_separators_inside_a_cell_end_no_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text\nIt\u2028rained.\n", encoding="utf-8")
    assert rows(path) == [(2, {"text": "It\u2028rained."})]


def test_a_row_with_more_cells_than_columns_is_handed_on_as_an_error(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,tone\nSo, it rained,reporting\nfine,opinion\n")
    (number, error), (_, row) = rows(path)
    assert number == 2
    assert isinstance(error, InputError)
    assert "3 cells for 2 columns" in str(error)
    assert row == {"text": "fine", "tone": "opinion"}


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nIt rained.\n\nIt snowed.", '""\n'])
def test_a_row_that_the_end_of_a_csv_cuts_within_quotation_marks_is_an_error(tmp_path, end):
    path = tmp_path / "a.csv"
    path.write_text(f'text\n"one\nand a half"\n"It may rain.{end}', newline="")
    first, (number, error) = rows(path)
    assert first == (2, {"text": "one\nand a half"})
    assert number == 3
    assert "a quotation mark is never closed, so that all from line 4 to the end" in str(error)


def test_a_header_that_the_end_of_a_csv_cuts_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('"text,tone\nIt rained.,reporting\n')
    with pytest.raises(InputError, match="in its header, a quotation mark is never closed"):
        rows(path)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('"It" rained.', "It rained."),
        ('a 5" pipe', 'a 5" pipe'),
        ('"It ""rained"""', 'It "rained"'),
    ],
)
def test_odd_quotation_marks_that_are_closed_are_read(tmp_path, cell, text):
    path = tmp_path / "a.csv"
    for end in ("\n", ""):
        path.write_text(f"text\nfine\n{cell}{end}")
        assert rows(path) == [(2, {"text": "fine"}), (3, {"text": text})]


def test_a_column_that_is_there_twice_is_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,tone,Tone\na,b,c\n")
    with pytest.raises(InputError, match=r"a\.csv has two columns 'tone'"):
        rows(path)


def test_json_lines_are_numbered_as_in_an_editor_and_bad_ones_handed_on(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"Text": "a", "tone": null}\n\n{"text": \n[1]\n{"text": "\xff"}\n')
    found = rows(path)
    assert [number for number, _ in found] == [1, 3, 4, 5]
    assert found[0][1] == {"text": "a"}
    for (_, error), words in zip(found[1:], ("not JSON", "JSON list", "not UTF-8"), strict=True):
        assert isinstance(error, InputError)
        assert words in str(error)


def test_a_row_of_a_csv_that_is_not_utf_8_says_how_to_convert_it_and_the_others_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("text\ncafé\nfine\n".encode("latin-1"))
    (number, error), last = rows(path)
    assert number == 2
    assert "not UTF-8: byte 0xe9 at offset 3" in str(error)
    assert "iconv" in str(error)
    assert last == (3, {"text": "fine"})


def test_a_csv_whose_header_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("text\nfine\n".encode("utf-16"))
    with pytest.raises(InputError, match=r"a\.csv can't be read: in its header, .* -f UTF-16"):
        rows(path)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}: no such file"):
        rows(tmp_path / name)


@pytest.mark.parametrize("name", ["a.xlsx", "a"])
def test_a_file_of_another_kind_is_refused_with_those_that_are_read(tmp_path, name):
    with pytest.raises(InputError, match=r"Save it as \.csv, \.tsv, \.jsonl, \.parquet"):
        rows(tmp_path / name)


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(InputError, match=r"a\.csv can't be read"):
        rows(tmp_path / "a.csv")


@needs_pyarrow
def test_parquet_rows_are_counted_from_1_and_nulls_are_empty(tmp_path):
    import pyarrow as pa
    from pyarrow.parquet import write_table

    path = tmp_path / "a.parquet"
    write_table(pa.table({"text": ["a", None], "votes": [["opinion"], None]}), path)
    assert rows(path) == [(1, {"text": "a", "votes": ["opinion"]}), (2, {})]


@needs_pyarrow
def test_a_file_that_is_no_parquet_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"text,tone\n")
    with pytest.raises(InputError, match=r"a\.parquet is no Parquet file"):
        rows(path)


def test_parquet_without_pyarrow_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"")
    with pytest.raises(MissingExtraError, match=r"pip install 'tonelens\[corpus\]'"):
        rows(tmp_path / "a.parquet")


def test_blank_cells_are_empty_and_zero_is_not():
    assert filled({"a": " ", "b": None, "c": float("nan"), "d": 0, 5: "x"}) == {"d": 0, "5": "x"}


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r")))
@example("'=1+1")
@example("- It rained.")
def test_a_cell_comes_back_from_a_csv_as_it_was(tmp_path_factory, cell):
    import csv

    path = tmp_path_factory.mktemp("rows") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text", "b"], [cell, "x"]])
    assert rows(path) == [(2, filled({"text": cell, "b": "x"}))]


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.integers() | st.text()))
def test_an_object_comes_back_from_json_lines_as_it_was(tmp_path_factory, row):
    path = tmp_path_factory.mktemp("rows") / "a.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert rows(path) == [(1, filled(row))]
