"""Reports of results made by hand: what each format holds, and that it can always be written."""

import csv
import io
import json
import re
import time
import unicodedata

import pytest

from tonelens import report
from tonelens.results import Article, Probabilities, SentenceTone

SAID = ("The mayor said it was over.", (0.9, 0.06, 0.04), 0.8)
SHAME = ("What a shame!", (0.2, 0.7, 0.1), 0.1)
RAIN = ("It may rain.", (0.1, 0.2, 0.7), 0.2)
ROSE = ("Prices rose.", (0.875, 0.0625, 0.0625), 0.0)
HOSTILE = 'a\x1b[31m\x9b2J\x07\x00 "b",\r\n\tc\u2028\u202ed\udc80é\U0001f600'
CODES = re.compile(r"\x1b\[[0-9;]*m")


def article(*scored):
    """An article of (text, probabilities, source probability), one a line."""
    sentences, at = [], 0
    for text, p, source in scored:
        sentences.append(SentenceTone(text, Probabilities(p), source, at, at + len(text)))
        at += len(text) + 1
    return Article("\n".join(text for text, _, _ in scored), tuple(sentences))


def plain(*scored, width=100, name=""):
    return report.table(article(*scored), name=name, colour=False, width=width)


def coloured(*scored, width=100):
    return report.table(article(*scored), colour=True, width=width)


# tables


def test_table_is_what_a_reader_expects():
    """Number, tone, probability, voice and sentence, under a title, with a summary below."""
    assert plain(SAID, SHAME, RAIN, ROSE, name="news.txt") == (
        "news.txt\n"
        "\n"
        "#  tone         prob  voice   sentence\n"
        "1  reporting     90%  source  The mayor said it was over.\n"
        "2  opinion       70%          What a shame!\n"
        "3  speculation   70%          It may rain.\n"
        "4  reporting     88%          Prices rose.\n"
        "\n"
        "4 sentences: 50% reporting, 25% opinion, 25% speculation; 25% in a source's voice.\n"
    )


def test_table_has_no_title_without_a_name():
    assert plain(SHAME).startswith("#  tone")


def test_table_of_nothing_says_so():
    assert plain(name="empty.txt") == "empty.txt\n\nNo sentences.\n"


def test_summary_counts_one_sentence_in_the_singular():
    assert plain(SHAME).splitlines()[-1].startswith("1 sentence: ")


@pytest.mark.parametrize(
    ("probability", "shown"), [(1.0, "100%"), (0.9999, ">99%"), (0.994, "99%"), (0.5, "50%")]
)
def test_no_sentence_is_shown_as_certain_unless_it_is(probability, shown):
    row = plain(("Yes.", (probability, 1 - probability, 0.0), 0.0)).splitlines()[1]
    assert row.split()[2] == shown


def test_sentences_wrap_to_the_width_with_a_hanging_indent():
    lines = plain(("word " * 50, (1.0, 0.0, 0.0), 0.0), width=80).splitlines()[1:-2]
    assert len(lines) > 3
    assert all(len(line) <= 80 for line in lines)
    assert {line.index("word") for line in lines} == {30}


def test_ten_sentences_keep_their_columns_in_line():
    lines = plain(*[SHAME] * 10).splitlines()[1:11]
    assert {line.index("What") for line in lines} == {31}
    assert lines[0].startswith(" 1  ")


@pytest.mark.parametrize("width", [0, 1, 20, 40])
def test_a_narrow_table_puts_the_sentence_below(width):
    lines = plain(SAID, width=width).splitlines()
    assert lines[1] == "1  reporting     90%  source"
    assert lines[2].startswith("    The mayor")


def test_a_word_longer_than_a_line_is_cut_and_none_of_it_lost():
    lines = plain(("x" * 500, (1.0, 0.0, 0.0), 0.0), width=80).splitlines()[1:-2]
    assert all(len(line) <= 80 for line in lines)
    assert sum(line.count("x") for line in lines) == 500


def test_wide_characters_count_as_two_columns_and_marks_as_none():
    def columns(line):
        marks = sum(unicodedata.combining(char) > 0 for char in line)
        return len(line) - marks + sum(char in "港の" for char in line)

    for text in ("港の" * 100, "港 の " * 100, "e\u0301" * 30):
        lines = plain((text, (1.0, 0.0, 0.0), 0.0), width=80).splitlines()[1:-2]
        assert all(columns(line) <= 80 for line in lines)
    assert len(lines) == 1


def test_a_no_break_space_is_not_broken_at():
    text = "word " * 9 + "12\xa0km"
    assert "12\xa0km" in plain((text, (1.0, 0.0, 0.0), 0.0), width=78)


def test_line_ends_in_a_sentence_become_spaces():
    assert "  The mayor said.\n" in plain(("The\r\nmayor \t said.", (1.0, 0.0, 0.0), 0.0))


def test_no_control_character_of_a_text_or_name_reaches_the_terminal():
    """Nothing but the table's own line feeds and colours; what was escaped can be seen."""
    scored = article((HOSTILE, (0.1, 0.8, 0.1), 0.0))
    for colour in (False, True):
        shown = report.table(scored, name=HOSTILE, colour=colour, width=100)
        bare = CODES.sub("", shown) if colour else shown
        rest = bare.replace("\n", "")
        assert not [c for c in rest if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
        assert not set(rest) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        assert r"a\x1b[31m\x9b2J\x07\x00" in bare
        assert len(bare.splitlines()) == 6


def test_every_control_character_is_escaped():
    controls = [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) in ("Cc", "Cs")]
    assert report.visible("".join(controls)).isascii()
    assert report.visible("".join(controls)).isprintable()


def test_visible_leaves_ordinary_text_alone():
    text = "“Café”—naïve, 港 \U0001f600 \xa0 back\\slash"
    assert report.visible(text) == text


def test_plain_tables_hold_no_codes():
    assert "\x1b" not in plain(SAID, SHAME, RAIN, ROSE, name="news.txt")


def test_colours_tell_opinion_speculation_and_sources_and_leave_plain_reporting():
    _, said, shame, rain, rose, *_ = coloured(SAID, SHAME, RAIN, ROSE).splitlines()
    assert said.startswith(f"\x1b[{report.STYLES['source']}m")
    assert shame.startswith(f"\x1b[{report.STYLES['opinion']}m")
    assert rain.startswith(f"\x1b[{report.STYLES['speculation']}m")
    assert "\x1b" not in rose


def test_each_coloured_line_is_closed():
    """So a pager that shows a part of it is not left in colour."""
    for line in coloured(*[("word " * 50, (0.0, 1.0, 0.0), 0.0)] * 3).splitlines():
        assert line.count("\x1b[0m") == line.count("\x1b") / 2
        assert line.endswith("\x1b[0m") or "\x1b" not in line


def test_colour_changes_nothing_but_the_codes():
    assert CODES.sub("", coloured(SAID, SHAME, RAIN, ROSE)) == plain(SAID, SHAME, RAIN, ROSE)


def test_colours_are_readable_on_black_and_white():
    """Contrast by WCAG 2.2, 4.4 at least on both; no colour reaches more than 4.58 on both."""
    for style in report.STYLES.values():
        luminance = _luminance(int(style.removeprefix("38;5;")))
        assert min(1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05) > 4.4


def _luminance(code):
    steps = (0, 95, 135, 175, 215, 255)  # xterm's colour cube, then its greys
    cube = (code - 16) // 36 % 6, (code - 16) // 6 % 6, (code - 16) % 6
    rgb = (8 + 10 * (code - 232),) * 3 if code >= 232 else [steps[i] for i in cube]
    red, green, blue = (
        c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("unit", ["x", "word ", "港", "\x1b"])
def test_a_table_takes_time_in_line_with_its_text(unit):
    """Eight times the sentence takes less than 24 times as long."""

    def seconds(n):
        scored = article((unit * n, (1.0, 0.0, 0.0), 0.0))
        return min(_seconds(scored) for _ in range(5))

    def _seconds(scored):
        start = time.process_time()
        report.table(scored, colour=False, width=100)
        return time.process_time() - start

    assert seconds(160_000) < 24 * seconds(20_000)


# JSON lines


def test_json_lines_have_an_object_a_sentence_with_every_key_in_order():
    lines = report.jsonl(article(SAID, SHAME), name="news.txt").splitlines()
    first, second = (json.loads(line) for line in lines)
    assert tuple(first) == report.COLUMNS
    assert first == {
        "file": "news.txt", "number": 1, "start": 0, "end": 27, "text": SAID[0],
        "tone": "reporting", "reporting": 0.9, "opinion": 0.06, "speculation": 0.04,
        "voice": "source", "source_probability": 0.8,
    }  # fmt: skip
    assert (second["number"], second["start"], second["voice"]) == (2, 28, "author")


def test_json_lines_keep_letters_readable():
    assert "Café “港”" in report.jsonl(article(("Café “港”", *RAIN[1:])), name="é.txt")


def test_json_lines_of_a_hostile_text_encode_parse_back_and_are_one_line():
    """Lone surrogates, control characters and Unicode's line ends survive, as JSON escapes."""
    text = report.jsonl(article((HOSTILE + "\x85", *RAIN[1:])), name=HOSTILE)
    assert len(text.splitlines()) == 1
    row = json.loads(text.encode("utf-8"))
    assert (row["text"], row["file"]) == (HOSTILE + "\x85", HOSTILE)
    assert not [char for char in text[:-1] if unicodedata.category(char) == "Cc"]


def test_json_lines_of_nothing_are_nothing():
    assert report.jsonl(article(), name="empty.txt") == ""


# CSV


def _records(text):
    return list(csv.DictReader(io.StringIO(report.CSV_HEADER + text, newline=""), strict=True))


def test_csv_rows_of_several_articles_stand_under_one_header():
    rows = report.csv(article(SAID, SHAME), name="a.txt") + report.csv(article(RAIN), name="b.txt")
    records = _records(rows)
    assert [(r["file"], r["number"]) for r in records] == [
        ("a.txt", "1"), ("a.txt", "2"), ("b.txt", "1"),
    ]  # fmt: skip
    assert tuple(records[0]) == report.COLUMNS
    assert records[2]["tone"] == "speculation"
    assert float(records[2]["source_probability"]) == 0.2


def test_csv_is_quoted_as_in_rfc_4180():
    """Quotes doubled within quotes, line ends and commas kept, records ended by CR LF."""
    text = 'He said, "No,"\r\nthen\nleft\r.'
    rows = report.csv(article((text, *RAIN[1:])), name="a,b.txt")
    assert rows.startswith('"a,b.txt",1,0,27,"He said, ""No,""\r\nthen\nleft\r.",speculation,')
    assert rows.endswith("\r\n")
    assert _records(rows)[0]["text"] == text


def test_csv_of_a_hostile_text_encodes_and_parses_back():
    """Lone surrogates, which UTF-8 can't hold, are spelt out; all else is kept."""
    rows = report.csv(article((HOSTILE, *RAIN[1:])), name=HOSTILE)
    record = _records(rows.encode("utf-8").decode("utf-8"))[0]
    assert record["text"] == record["file"] == HOSTILE.replace("\udc80", r"\udc80")


def test_csv_and_json_lines_hold_the_same():
    scored = article(SAID, SHAME, RAIN)
    lines = map(json.loads, report.jsonl(scored, name="a.txt").splitlines())
    records = _records(report.csv(scored, name="a.txt"))
    assert [{k: str(v) for k, v in line.items()} for line in lines] == records


def test_csv_of_nothing_is_nothing():
    assert report.csv(article(), name="empty.txt") == ""
