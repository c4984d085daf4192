"""What the reader sees says no more than the numbers do, and can be read by all."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.ledger import USES
from sim.outcomes import OUTCOMES
from sim.report import style, words
from sim.report.figures import Picture, all_pictures, apart, by_fifth
from sim.report.page import caveats, page
from sim.study.compare import Comparison, compare
from sim.study.store import manifest_of
from sim.world.country import load_country
from sim.world.scenario import CountrySettings, Scenario
from tests.study.fake_runs import TINY, fake_comparison, structure, use_fake_runs

pytestmark = pytest.mark.coverage_subset
ALL = ["differences", "harm_over_time", "learning_curves", "resources", "equity", "map"]


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return fake_comparison("command mesh silos same")


@pytest.fixture(scope="module")
def pictures(comparison: Comparison) -> list[Picture]:
    return list(all_pictures(comparison))


@pytest.fixture(scope="module")
def html(comparison: Comparison, pictures: list[Picture]) -> str:
    return page(comparison, pictures, manifest_of(comparison, "meshgov compare <tiny>", 1.0))


def a_row(**changes: object) -> dict[str, object]:
    row = {
        "structure": "mesh", "value": 1234.5, "difference": -134.2, "low": -150.1, "high": -118.3, "verdict": "better",
        "undefined": 0, "failed": 0, "runs": 16, "pairs": 16,
    }  # fmt: skip
    return row | changes


class TestNumbers:
    @pytest.mark.parametrize(
        ("row", "value", "difference", "interval"),
        [
            (a_row(), "1,234", "-134", "[-150, -118]"),
            (a_row(value=0.4567, difference=0.0321, low=0.0301, high=0.0341), "0.457", "+0.0321", "[+0.0301, +0.0341]"),
            (a_row(value=0.0, difference=0.0, low=0.0, high=0.0), "0", "0", "[0, 0]"),
            (a_row(value=5.0, difference=-1e-4, low=-0.3, high=0.3), "5.00", "0", "[-0.30, +0.30]"),
            (a_row(value=5.0, difference=2.0, low=np.nan, high=np.nan), "5.00", "+2.00", "–"),
            (a_row(value=np.nan, difference=np.nan, low=np.nan, high=np.nan), "–", "–", "–"),
            (a_row(value=3e-9, difference=1e-9, low=1e-9, high=1e-9), "0", "0", "[0, 0]"),
            (
                a_row(unit="share", value=0.0268, difference=0.0123, low=0.01, high=0.0146),
                "2.7%",
                "+1.23 pp",
                "[+1.00, +1.46]",
            ),
            (a_row(unit="share", value=0.0, difference=-1e-9, low=-2e-9, high=-1e-9), "0%", "0", "[0, 0]"),
            (a_row(unit="share", value=np.nan, difference=np.nan, low=np.nan, high=np.nan), "–", "–", "–"),
        ],
    )
    def test_as_many_digits_as_are_known(
        self, row: dict[str, object], value: str, difference: str, interval: str
    ) -> None:
        (cell,) = words.cells([row])
        assert (cell.value, cell.difference, cell.interval) == (value, difference, interval)

    def test_a_row_that_is_exactly_zero_takes_no_digits_from_the_others(self) -> None:
        row = a_row(value=0.5, difference=-0.5, low=-2.1, high=1.1)
        shown = words.cells([row, a_row(value=0.5, difference=0.0, low=0.0, high=0.0)])
        assert [(cell.difference, cell.interval) for cell in shown] == [("-0.5", "[-2.1, +1.1]"), ("0", "[0, 0]")]

    def test_a_judged_difference_too_small_to_show_is_called_tiny(self) -> None:
        row = a_row(value=800.0, difference=-1e-6, low=-2e-6, high=-1e-7)
        (cell,) = words.cells([row])
        assert (cell.difference, cell.verdict, cell.note) == ("0", "better", "tiny")
        (cell,) = words.cells([row | {"verdict": "no clear difference"}])
        assert cell.note == ""

    def test_runs_that_are_missing_are_told(self) -> None:
        (cell,) = words.cells([a_row(undefined=3, runs=13, failed=1, pairs=12, verdict="not judged")])
        assert cell.note == "3 of 16 undefined, 1 failed, 12 pairs"

    def test_lists_and_first_sentences(self) -> None:
        assert words.listing(["a"]) == "a"
        assert words.listing(["a", "b", "c"]) == "a, b and c"
        assert words.first_sentence("One body\ndecides. The rest follow.") == "One body decides."
        assert words.first_sentence("No end") == "No end"
        assert words.inner("Harm done") == "harm done"
        assert words.inner("GBP a head") == "GBP a head"


class TestSentences:
    def test_the_main_sentence_says_what_the_verdicts_say(self, comparison: Comparison) -> None:
        assert words.main_sentence(comparison) == (
            "Against Command, in 6 paired runs, harm was lower (better) under Mesh; higher (worse) under Silos; "
            "not clearly different under Same."
        )

    def test_one_replicate_claims_nothing(self) -> None:
        said = words.main_sentence(fake_comparison("command mesh", 1))
        assert said == "Too few complete pairs of runs to judge harm: any difference here may be chance."

    def test_one_structure_claims_nothing(self) -> None:
        assert "nothing is compared" in words.main_sentence(fake_comparison("mesh"))

    def test_no_run_at_all_claims_nothing(self) -> None:
        assert "nothing can be said" in words.main_sentence(nothing_done())

    def test_trade_offs_name_every_headline_outcome(self, comparison: Comparison) -> None:
        said = words.trade_offs(comparison, "mesh")
        assert said.startswith("better on harm; no clear difference: ")
        for outcome in words.headline_outcomes(comparison.table()):
            assert words.inner(outcome.title) in said


class TestTextTable:
    def test_every_outcome_and_structure_is_there_and_fits(self, comparison: Comparison) -> None:
        lines = words.text_table(comparison).splitlines()
        assert max(len(line) for line in lines) <= 120
        for name in OUTCOMES:
            assert any(line.endswith(f" {name}") for line in lines)
        assert any(re.match(r"  mesh +\S+ +-\d\S* +\[-\S+, -\S+\] +better$", line) for line in lines)

    def test_what_no_run_defines_is_named_and_not_listed(self) -> None:
        comparison = fake_comparison("mesh", 1)
        comparison.runs["recovery_days"] = np.nan
        said = words.text_table(comparison)
        assert "Not defined in any run: recovery_days." in said
        assert OUTCOMES["recovery_days"].title not in said

    def test_what_is_zero_in_every_run_is_named_and_not_listed(self) -> None:
        comparison = fake_comparison("command mesh", 2)
        comparison.runs["movement_share"] = 0.0
        comparison.runs["deaths_per_100k"] = 0.0  # a headline is always told
        said = words.text_table(comparison)
        assert "Zero in every run: movement_share." in said
        assert OUTCOMES["movement_share"].title not in said
        assert OUTCOMES["deaths_per_100k"].title in said
        comparison.runs.loc[0, "movement_share"] = 0.1
        assert OUTCOMES["movement_share"].title in words.text_table(comparison)

    def test_failed_runs_are_named(self) -> None:
        said = words.text_table(fake_comparison("command broken"))
        assert "Failed: broken, seed 2, at run: ArithmeticError: the sums do not balance" in said


class TestFigures:
    def test_all_are_drawn(self, pictures: list[Picture]) -> None:
        assert [picture.name for picture in pictures] == ALL

    def test_each_says_what_in_words_and_which_run(self, pictures: list[Picture], comparison: Comparison) -> None:
        for picture in pictures:
            shown = " ".join(text.get_text() for text in picture.figure.texts)
            assert picture.title in shown
            assert f"meshgov run {comparison.run_id}" in shown
            assert "6 replicates" in shown
            assert "crisis 1" in shown
            assert len(picture.alt) > 40
            assert picture.caption

    def test_no_words_run_off_the_sheet_or_into_each_other(self, pictures: list[Picture]) -> None:
        for picture in pictures:
            with style.applied():
                figure = picture.figure
                figure.canvas.draw()
                boxes = [text.get_window_extent() for text in figure.texts if text.get_text()]
                boxes += [legend.get_window_extent() for legend in figure.legends]
                boxes += [box for axes in figure.axes if (box := axes.get_tightbbox()) is not None]
            for box in boxes:
                assert figure.bbox.padded(1).containsx(box.x0), picture.name
                assert figure.bbox.padded(1).containsx(box.x1), picture.name
            heading = boxes[: len(figure.texts) + len(figure.legends)]
            for index, box in enumerate(heading):
                assert not any(box.padded(-1).overlaps(other.padded(-1)) for other in boxes[index + 1 :]), picture.name

    def test_files_are_written_twice_over_and_the_same_each_time(self, pictures: list[Picture], tmp_path: Path) -> None:
        pictures[0].save(tmp_path)
        first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        pictures[0].save(tmp_path)
        assert set(first) == {"differences.svg", "differences.png"}
        assert first == {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def test_drawings_on_one_page_share_no_ids(self, pictures: list[Picture]) -> None:
        ids = [found for picture in pictures for found in re.findall(r'\bid="([^"]*)"', picture.svg())]
        assert len(ids) == len(set(ids))
        for picture in pictures:
            drawing = picture.svg()
            for target in re.findall(r'(?:href="#|url\(#)([^")]+)', drawing):
                assert f'id="{target}"' in drawing
            assert ET.fromstring(drawing).get("aria-label") == picture.alt  # noqa: S314 - our own

    def test_one_structure_has_a_map_of_harm_itself(self) -> None:
        drawn = {picture.name: picture for picture in all_pictures(fake_comparison("mesh", 2))}
        assert list(drawn) == ALL[1:]
        assert drawn["map"].title == "Places: harm"

    def test_many_structures_with_long_titles(self) -> None:
        names = [f"a_way_of_governing_with_a_long_name_{number}" for number in range(9)]
        pictures = list(all_pictures(fake_comparison(" ".join(names), 2)))
        self.test_no_words_run_off_the_sheet_or_into_each_other(pictures)

    def test_a_structure_of_which_every_run_failed_is_left_out(self) -> None:
        comparison = fake_comparison("command mesh", 3)
        comparison.runs.loc[comparison.runs["structure"] == "mesh", "status"] = "failed"
        for frame in ("series", "places", "resources"):
            kept = getattr(comparison, frame)
            object.__setattr__(comparison, frame, kept[kept["structure"] != "mesh"])
        assert [picture.name for picture in all_pictures(comparison)] == ALL

    def test_dated_changes_are_marked(self) -> None:
        changes = [{"day": 9, "scenario": {"load": {"absence": 0.2}}}]
        scenario = Scenario.model_validate({**TINY.model_dump(), "change": changes})
        drawn = {picture.name: picture for picture in all_pictures(fake_comparison("mesh", 2, scenario))}
        marks = [line.get_xdata() for line in drawn["harm_over_time"].figure.axes[0].lines]
        assert [9, 9] in [list(mark) for mark in marks]

    def test_nothing_done_draws_nothing(self) -> None:
        assert list(all_pictures(nothing_done())) == []

    def test_fifths_are_weighted_by_population(self) -> None:
        comparison = fake_comparison("mesh", 1)
        fifth = by_fifth(comparison, "harm_per_1000")
        places = comparison.places[comparison.places["deprivation_fifth"] == 2]
        expected = np.average(places["harm_per_1000"], weights=places["population"])
        assert fifth.loc[("mesh", 1), 2] == pytest.approx(expected)

    def test_dots_are_moved_apart_and_not_far(self) -> None:
        country = load_country(CountrySettings(kind="england"))
        x, y, radius = apart(country)
        distance = np.hypot(x[:, None] - x, y[:, None] - y) + np.eye(len(x)) * 9
        assert (distance > 0.93 * (radius[:, None] + radius)).all()
        assert np.corrcoef(x, country.x)[0, 1] > 0.95
        assert np.corrcoef(y, country.y)[0, 1] > 0.95

    def test_a_large_country_keeps_its_map(self) -> None:
        country = load_country(CountrySettings(kind="synthetic", places=500, regions=5))
        x, y, _ = apart(country)
        assert (x == country.x).all()
        assert (y == country.y).all()

    def test_colours_are_told_apart(self) -> None:
        looks = style.looks([f"s{number}" for number in range(20)])
        assert len({(look.colour, str(look.dash)) for look in looks.values()}) == 20


class Outline(HTMLParser):
    """What a reader with a screen reader meets."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.asked: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        found = dict(attrs)
        self.attributes.append((tag, found))
        self.asked += [str(found[name]) for name in ("src", "href", "xlink:href", "action") if name in found]


@pytest.fixture(scope="module")
def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    return parser


class TestPage:
    def test_it_needs_no_network(self, html: str, outline: Outline) -> None:
        assert all(address.startswith(("#", "data:image")) for address in outline.asked)
        assert "@import" not in html
        assert not re.search(r"url\((?!#)", html)
        assert "<script" not in html

    def test_headings_never_skip_a_level(self, outline: Outline) -> None:
        assert outline.levels[0] == 1
        assert outline.levels.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))

    def test_language_headers_and_text_alternatives(self, outline: Outline) -> None:
        found = outline.attributes
        assert next(attributes for tag, attributes in found if tag == "html")["lang"] == "en-GB"
        assert all("scope" in attributes for tag, attributes in found if tag == "th")
        drawings = [attributes for tag, attributes in found if tag == "svg"]
        assert len(drawings) == len(ALL)
        assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in drawings)

    def test_headline_numbers_come_first(self, html: str) -> None:
        order = [
            html.index(f'id="{name}"') for name in ("headlines", "structures", "harm_over_time", "table", "caveats")
        ]
        assert order == sorted(order)

    def test_the_text_has_enough_contrast(self) -> None:
        text = (Path(words.__file__).parent / "templates" / "page.css").read_text()
        pairs = re.findall(r"background: (#\w{6}); color: (#\w{6})", text)
        assert len(pairs) == 3
        for back, front in [*pairs, ("#ffffff", "#505050"), ("#ffffff", "#00558c"), ("#ffffff", "#595959")]:
            assert contrast(back, front) >= 4.5

    def test_it_says_how_to_make_it_again(self, html: str, comparison: Comparison) -> None:
        assert "meshgov compare &lt;tiny&gt;" in html
        assert comparison.run_id in html
        assert "no forecast" in html

    def test_what_users_write_is_escaped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        use_fake_runs(monkeypatch)
        scenario = TINY.model_copy(update={"title": "<script>alert(1)</script>", "story": "<img src=x>"})
        arms = [structure("command"), structure("mesh", title='<b onclick="x">Mesh & co</b>', description="<i>x</i>")]
        comparison = compare(scenario, arms, 2, jobs=1)
        found = page(comparison, list(all_pictures(comparison)), manifest_of(comparison, "x", 1.0))
        assert not re.search(r"<(script|img|b|i)[ >]", found)
        assert "&lt;script&gt;" in found

    def test_failed_runs_stand_at_the_top(self) -> None:
        comparison = fake_comparison("command broken")
        found = page(comparison, [], manifest_of(comparison, "x", 1.0))
        assert found.index("1 of 12 runs failed") < found.index("Headline numbers")
        assert "the sums do not balance" in found

    def test_nothing_done_still_makes_a_page(self) -> None:
        comparison = nothing_done()
        found = page(comparison, [], manifest_of(comparison, "x", 1.0))
        assert "nothing can be said" in found

    def test_caveats_fit_the_scenario(self) -> None:
        england = CountrySettings(kind="england")
        calm = TINY.model_copy(update={"country": england, "epidemic": None})
        crowd = fake_comparison("command mesh", 2), fake_comparison("command mesh", 2, calm)
        synthetic, english = (" ".join(caveats(comparison)) for comparison in crowd)
        assert "Deaths, restricted days and cost" in synthetic
        assert "Deaths" not in english
        assert "authorities of 2021" in english
        assert "authorities of 2021" not in synthetic

    def test_one_structure_has_no_differences(self) -> None:
        comparison = fake_comparison("mesh", 1)
        found = page(comparison, [], manifest_of(comparison, "x", 1.0))
        assert "95% interval" not in found


def nothing_done() -> Comparison:
    comparison = fake_comparison("command mesh", 1)
    runs = comparison.runs.assign(status="failed", stage="run", message="broke")
    runs[list(OUTCOMES)] = np.nan
    empty = pd.DataFrame(columns=["structure", "seed"])
    for name, frame in (("runs", runs), ("series", empty), ("places", empty), ("resources", empty)):
        object.__setattr__(comparison, name, frame)
    return comparison


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_each_use_of_staff_time_has_a_colour_of_its_own():
    assert set(USES) == set(style.USES)
    assert len({colour for _, colour in style.USES.values()}) == len(style.USES)


def test_uses_that_nobody_had_are_left_out(comparison: Comparison, pictures: list[Picture]):
    drawing = next(picture for picture in pictures if picture.name == "resources").svg()
    for use, (title, _) in style.USES.items():
        used = bool((comparison.resources.get(use, pd.Series([0.0])) != 0.0).any())
        assert (f">{title}<" in drawing) == used, use
