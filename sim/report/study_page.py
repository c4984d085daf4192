"""A study's report: the answer, four numbers, each answer with its figure and table, and the case against it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sim.governance.describe import describe_structure
from sim.outcomes import OUTCOMES
from sim.report.figures import Picture
from sim.report.page import environment
from sim.report.study_figures import study_pictures
from sim.report.study_words import (
    case_against,
    comparisons_not_clear,
    culture_sentence,
    effects_sentence,
    flips_sentence,
    gap_words,
    headline,
    key_numbers,
    matters_sentence,
    overall_rows,
    pairing_sentence,
    quantity_in_words,
    rates_sentence,
    robust_sentence,
    shown,
    space_sentence,
)
from sim.report.words import NOT_A_FORECAST, counted, counted_crises
from sim.study.answers import Answers, answer, needed_columns, summary, tables
from sim.study.folder import ANSWERS, REPORT, StudyFolder, read_runs, write_whole
from sim.study.sensitivity import Method
from sim.study.store import seal

MOST_ROWS = 60  # of a table on the page; the files have all


@dataclass(frozen=True)
class Section:
    """One answer: a sentence, a figure, a table.

    Parameters
    ----------
    heading, sentence
        What it is about, and what it says.
    pictures
        None, one or more.
    head, rows
        The table; empty where a figure says it all.
    """

    heading: str
    sentence: str
    pictures: list[Picture]
    head: list[str]
    rows: list[list[str]]


def analyse(folder: StudyFolder, method: Method | None = None) -> Answers:
    """Answer a finished study's question: write `analysis/`, `figures/` and `report.html`, and return the answers.

    Parameters
    ----------
    folder
        Of a finished study.
    method
        Of the sensitivity analysis; None means the one that the design was made for.

    Raises
    ------
    InputError
        If the study is not finished, the method does not fit its design, or files cannot be written.
    """
    answers = answer(folder.plan, read_runs(folder.path, needed_columns(folder.plan)), method)
    manifest = folder.manifest
    pictures = list(study_pictures(answers, manifest))
    for name in ("analysis", "figures"):
        (folder.path / name).mkdir(exist_ok=True)
    for name, table in tables(answers).items():
        write_whole(folder.path / "analysis" / f"{name}.csv", table.to_csv(index=False).encode())
    for picture in pictures:
        picture.save(folder.path / "figures")
    write_whole(folder.path / REPORT, study_page(answers, pictures, manifest).encode())
    said = json.dumps({**sentences(answers), **summary(answers)}, indent=1, ensure_ascii=False, default=float)
    write_whole(folder.path / ANSWERS, f"{said}\n".encode())
    seal(manifest, folder.path)  # it lists the files that are there
    return answers


def sentences(answers: Answers) -> dict[str, Any]:
    """Return every sentence of the report."""
    return {
        "question": answers.plan.study.question,
        "answer": headline(answers),
        "numbers": [{"value": each.value, "says": each.says} for each in key_numbers(answers)],
        "answers": {name: say(answers) for name, say in SAID.items() if say(answers)},
        "case_against": case_against(answers),
    }


SAID: dict[str, Callable[[Answers], str]] = {
    "effects": effects_sentence,
    "pairing": pairing_sentence,
    "culture": culture_sentence,
    "flips": flips_sentence,
    "space": space_sentence,
    "matters": matters_sentence,
    "robust": robust_sentence,
    "rates": rates_sentence,
}


def study_page(answers: Answers, pictures: Sequence[Picture], manifest: dict[str, Any]) -> str:
    """Return the report as HTML: everything it needs is in it.

    Parameters
    ----------
    answers
        The study's answers.
    pictures
        Its figures.
    manifest
        Of its folder.
    """
    plan = answers.plan
    return environment().get_template("study.html").render(
        study=plan.study,
        headline=headline(answers),
        numbers=key_numbers(answers),
        not_a_forecast=NOT_A_FORECAST,
        against=case_against(answers),
        sections=list(sections(answers, pictures)),
        arms=[(plan.titles[each.name], describe_structure(each)) for each in plan.structures],
        scenarios=[each.title for each in plan.scenarios],
        size=size_words(answers),
        manifest=manifest,
    )  # fmt: skip


def size_words(answers: Answers) -> str:
    """Return how large the study is, in words."""
    plan = answers.plan
    return (
        f"{counted(len(plan.arms), 'arm')}, {counted(len(plan.points), 'point')} of a design of the kind "
        f"{plan.study.design.kind.replace('_', ' ')}, {counted(len(plan.scenarios), 'scenario')} and "
        f"{counted_crises(len(answers.main.seeds))}, the same for every arm at every point"
    )


def sections(answers: Answers, pictures: Sequence[Picture]) -> Iterator[Section]:
    """Yield the answers as the page tells them."""
    drawn = {picture.name: picture for picture in pictures}

    def of(*names: str) -> list[Picture]:
        return [drawn[name] for name in names if name in drawn]

    if len(answers.plan.arms) > 1:
        said = " ".join(filter(None, [effects_sentence(answers), pairing_sentence(answers), points_not_clear(answers)]))
        yield Section("How much they differ", said, of("effects"), *effects_table(answers))
    if len(answers.cultures):
        yield Section("Culture against structure", culture_sentence(answers), [], *cultures_table(answers))
    said = f"{flips_sentence(answers)} {space_sentence(answers)}".strip()
    yield Section("Where it flips", said, of("line", "map", "space"), *points_table(answers))
    if answers.matters:
        yield Section("What matters", matters_sentence(answers), of("matters"), *matters_table(answers))
    if answers.robust is not None:
        said = robust_sentence(answers)
        yield Section("Which to choose when nobody knows", said, of("robust"), *robust_table(answers))
    if answers.rates:
        yield Section("What one outcome is worth in another", rates_sentence(answers), of("rates"), [], [])


Table = tuple[list[str], list[list[str]]]


def effects_table(answers: Answers) -> Table:
    """Return every judged outcome for every arm over the whole space."""
    titles = answers.plan.titles
    head = [
        "Outcome",
        "Arm",
        "Mean",
        "Baseline",
        "Difference [95%]",
        "Verdict",
        "Better in",
        "As good as equal",
        "Pairs buy",
    ]
    rows = [
        [
            f"{OUTCOMES[each.outcome].title} ({OUTCOMES[each.outcome].unit})",
            titles[row["arm"]],
            shown(OUTCOMES[each.outcome], row["mean"]),
            shown(OUTCOMES[each.outcome], row["baseline"]),
            gap_words(OUTCOMES[each.outcome], row),
            row["verdict"],
            f"{row['chance_better']:.0%} of crises",
            "yes" if row["equivalent"] else "not shown",
            f"{row['pairing_gain']:.1f} ×",
        ]
        for each in answers.cells
        for row in overall_rows(answers, each.outcome)
    ]
    return head, rows


def cultures_table(answers: Answers) -> Table:
    """Return every effect of structure and culture over the whole space."""
    titles = answers.plan.titles
    rows = [
        [
            f"{OUTCOMES[row['outcome']].title} ({OUTCOMES[row['outcome']].unit})",
            titles[row["structure"]],
            titles[row["culture_of"]],
            row["effect"],
            gap_words(OUTCOMES[row["outcome"]], row),
        ]
        for _, row in answers.cultures.iterrows()
    ]
    return ["Outcome", "Arm", "Culture of", "Effect", "Difference [95%]"], rows


def points_table(answers: Answers) -> Table:
    """Return the best arm at every point, as far as there is room."""
    names, titles = list(answers.plan.study.uncertainties), answers.plan.titles
    means, outcome = answers.main.means(), OUTCOMES[answers.main.outcome]
    head = [
        "Scenario",
        *[answers.plan.study.uncertainties[name].title or name for name in names],
        *titles.values(),
        "Best",
    ]
    rows = []
    for place, row in enumerate(answers.best.head(MOST_ROWS).to_dict("records")):
        best = titles.get(str(row["best"]), "unknown")
        numbers = [shown(outcome, float(value)) for value in means[place]]
        rows.append(
            [
                row["scenario"],
                *[plain(row[name]) for name in names],
                *numbers,
                best if row["clear"] else f"{best}, not clearly",
            ]
        )
    return head, rows


def matters_table(answers: Answers) -> Table:
    """Return every index."""
    rows = [
        [
            quantity_in_words(answers, quantity),
            answers.plan.study.uncertainties[name].title or str(name),
            f"{index:.3g}",
            f"[{low:.3g}, {high:.3g}]",
            f"{found.noise:.0%}",
        ]
        for quantity, found in answers.matters.items()
        for name, index, low, high in found.table[["uncertainty", "index", "low", "high"]].to_numpy()
    ]
    return ["Of", "Uncertainty", "Index", "Interval or range", "Chance's share of variance"], rows


def robust_table(answers: Answers) -> Table:
    """Return every rule's score for every arm."""
    table, outcome = answers.robust, OUTCOMES[answers.main.outcome]
    assert table is not None  # noqa: S101 - asked for only where there is one
    titles = answers.plan.titles
    rows = [
        [
            says,
            titles[arm],
            f"{score:.0%}" if rule == "satisficing" else shown(outcome, score),
            "yes" if chosen else "",
            f"{sure:.0%}",
        ]
        for rule, says, arm, score, chosen, sure in table[["rule", "says", "arm", "score", "chosen", "sure"]].to_numpy()
    ]
    return ["Rule", "Arm", "Score", "Chosen", "Chosen when crises are redrawn"], rows


def plain(value: Any) -> str:
    """Return an uncertainty's value as one would write it."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def points_not_clear(answers: Answers) -> str:
    """Return how many comparisons at single points are not clear."""
    open_, all_ = comparisons_not_clear(answers)
    return f"{open_} of {all_} comparisons at single points are not clear."
