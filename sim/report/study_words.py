"""What a study's answers say, in sentences: never more than the intervals allow, and the case against them too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, isinf
from typing import Any

import pandas as pd

from sim.outcomes import OUTCOMES, Outcome
from sim.report.words import counted, counted_crises, decimals_for, fixed, inner, listing, signed, value_decimals
from sim.study.answers import Answers, unclear
from sim.study.effects import BY_TWO_STAGES, WHOLE_SPACE
from sim.study.statistics import Verdict

GRID_SAYS = "steps of the grid, those at the ends of a range counting half"
MAP_KEY = "scenario.country.seed"
SCREENING = (
    "This design moves one setting at a time from the middle. It is screening only: it cannot see what two settings do "
    "together, and says nothing about shares of the declared space."
)


@dataclass(frozen=True)
class KeyNumber:
    """One of the numbers that a report opens with."""

    value: str
    says: str


def outcome_of(answers: Answers) -> Outcome:
    """Return the main outcome."""
    return OUTCOMES[answers.main.outcome]


def shown(outcome: Outcome, value: float, like: float | None = None) -> str:
    """Return an outcome's value as tables show it; `like` gives the size that decides the decimals."""
    percent = outcome.unit == "share"
    scale = 100.0 if percent else 1.0
    text = fixed(value * scale, value_decimals(abs(value if like is None else like) * scale, percent))
    return f"{text}%" if percent and isfinite(value) else text


def gap_words(outcome: Outcome, row: pd.Series[Any] | dict[str, Any]) -> str:
    """Return a difference with its interval: "−12 [−15, −9]"."""
    scale = 100.0 if outcome.unit == "share" else 1.0
    difference, low, high = (float(row[key]) * scale for key in ("difference", "low", "high"))
    decimals = decimals_for(difference, low, high) if isfinite(difference) else 0
    interval = f" [{signed(low, decimals)}, {signed(high, decimals)}]" if isfinite(low) else ""
    return f"{signed(difference, decimals)}{' pp' if scale > 1.0 else ''}{interval}"


def overall_rows(answers: Answers, outcome: str | None = None) -> list[dict[str, Any]]:
    """Return the comparisons over the whole space for one outcome, arm by arm."""
    rows = answers.overall
    name = answers.main.outcome if outcome is None else outcome
    chosen = rows[rows["outcome"] == name].to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in chosen]


# --- the opening -------------------------------------------------------------------------------------------


def headline(answers: Answers) -> str:
    """Return the answer to the question in one sentence."""
    outcome, titles = outcome_of(answers), answers.plan.titles
    if len(answers.plan.arms) < 2:
        return f"Only {titles[answers.plan.arms[0]]} was run, so nothing is compared."
    leader = answers.plan.arms[answers.leader]
    average = "" if len(answers.best) == 1 else " averaged over the declared space"
    return (
        f"{inner_title(titles[leader])} does best on {inner(outcome.title)}{average}, "
        f"{_how_clear(answers)}{_where(answers)}."
    )


def inner_title(title: str) -> str:
    """Return an arm's title at the start of a sentence."""
    return title[:1].upper() + title[1:]


def _how_clear(answers: Answers) -> str:
    """Return which arms the leader clearly beats, over the whole space."""
    beaten, open_ = rivals(answers)
    titles = answers.plan.titles
    if not open_:
        return "clearly better than every other arm"
    others = listing([titles[arm] for arm in open_])
    if not beaten:
        return f"but it cannot be told from {others}"
    return f"clearly better than {listing([titles[arm] for arm in beaten])}, but not to be told from {others}"


def rivals(answers: Answers) -> tuple[list[str], list[str]]:
    """Return the arms that the leader clearly beats over the whole space, and those that it does not."""
    found = answers.best_over_space
    others = [place for place in range(len(answers.plan.arms)) if place != answers.leader]
    beaten = [answers.plan.arms[place] for place in others if not found.may_be[place]]
    return beaten, [answers.plan.arms[place] for place in others if answers.plan.arms[place] not in beaten]


def _where(answers: Answers) -> str:
    """Return in how much of the space the leader is best, or where the lead changes."""
    if answers.space is not None:
        row = answers.space.set_index("arm").loc[answers.plan.arms[answers.leader]]
        return f"; it is best in {row['best']:.0%} of that space, clearly in {row['clear']:.0%}"
    if len(answers.best) > 1:
        arm = answers.plan.arms[answers.leader]
        wins, clear = answers.best["best"] == arm, answers.best["clear"]
        return (
            f"; it is best at {int(wins.sum())} of {len(answers.best)} points, clearly at {int((wins & clear).sum())}"
        )
    return ""


def key_numbers(answers: Answers) -> list[KeyNumber]:
    """Return the four numbers that the report opens with."""
    made = [_effect_number(answers), _space_number(answers), _chance_number(answers), _regret_number(answers)]
    return [each for each in made if each is not None]


def compared_row(answers: Answers) -> dict[str, Any] | None:
    """Return the comparison of the leader with the baseline; if it is the baseline, of the nearest rival with it."""
    rows = overall_rows(answers)
    if not rows:
        return None
    leader = answers.plan.arms[answers.leader]
    own = [row for row in rows if row["arm"] == leader]
    return own[0] if own else min(rows, key=lambda row: abs(row["difference"]))


def _effect_number(answers: Answers) -> KeyNumber | None:
    row, outcome, titles = compared_row(answers), outcome_of(answers), answers.plan.titles
    if row is None:
        return None
    says = (
        f"difference in {inner(outcome.title)} between {titles[row['arm']]} and {titles[answers.plan.arms[0]]} "
        f"({outcome.unit}), 95% interval"
    )
    return KeyNumber(gap_words(outcome, row), says)


def _space_number(answers: Answers) -> KeyNumber:
    title = answers.plan.titles[answers.plan.arms[answers.leader]]
    if answers.space is None:
        clear = float(answers.best["clear"].mean())
        return KeyNumber(f"{clear:.0%}", f"of {counted(len(answers.best), 'point')} have an arm that is clearly best")
    row = answers.space.set_index("arm").loc[answers.plan.arms[answers.leader]]
    return KeyNumber(
        f"{row['best']:.0%}", f"of the declared space where {title} is best; clearly so in {row['clear']:.0%}"
    )


def _chance_number(answers: Answers) -> KeyNumber | None:
    row = compared_row(answers)
    if row is None:
        return None
    titles = answers.plan.titles
    low, high = row["chance_low"], row["chance_high"]
    says = (
        f"of crises in which {titles[row['arm']]} does better than {titles[answers.plan.arms[0]]} [{low:.0%}, "
        f"{high:.0%}]"
    )
    return KeyNumber(f"{row['chance_better']:.0%}", says)


def _regret_number(answers: Answers) -> KeyNumber | None:
    outcome = outcome_of(answers)
    if answers.robust is None:
        row = compared_row(answers)
        gain = None if row is None else row["pairing_gain"]
        if gain is None or not isfinite(gain):
            return None
        return KeyNumber(f"{gain:.1f}", "times as many crises would be needed without pairing them")
    rows = answers.robust[answers.robust["rule"] == "minimax_regret"].set_index("arm")["score"]
    arm = answers.plan.arms[answers.leader]
    says = f"most that {answers.plan.titles[arm]} falls behind the best arm of a case, in {inner(outcome.title)}"
    return KeyNumber(shown(outcome, float(rows[arm])), says)


# --- the answers -------------------------------------------------------------------------------------------


def effects_sentence(answers: Answers) -> str:
    """Return how much arms differ from the baseline, over the whole space."""
    outcome, titles = outcome_of(answers), answers.plan.titles
    said = [
        f"{titles[row['arm']]} {gap_words(outcome, row)} "
        f"({row['verdict']}{', as good as equal' if row['equivalent'] else ''})"
        for row in overall_rows(answers)
    ]
    if not said:
        return "One arm has nothing to be compared with."
    return f"{outcome.title} ({outcome.unit}) against {titles[answers.plan.arms[0]]}: {'; '.join(said)}."


def pairing_sentence(answers: Answers) -> str:
    """Return what meeting the same crises has bought."""
    gains = [row["pairing_gain"] for row in overall_rows(answers) if isfinite(row["pairing_gain"])]
    if not gains:
        return ""
    low, high = min(gains), max(gains)
    times = f"{low:.1f}" if f"{low:.1f}" == f"{high:.1f}" else f"{low:.1f} to {high:.1f}"
    return f"Without pairs the same intervals would have taken {times} times as many crises."


def culture_sentence(answers: Answers) -> str:
    """Return what of a difference is structure and what culture, on the main outcome, where arms tell it."""
    outcome, titles, table = outcome_of(answers), answers.plan.titles, answers.cultures
    mine = table[table["outcome"] == outcome.name]
    said = []
    for (whose, name), rows in mine.groupby(["culture_of", "structure"], sort=False):
        effects = [f"{row['effect']} {gap_words(outcome, row)}" for _, row in rows.iterrows()]
        said.append(f"{titles[str(name)]}, with the culture that {titles[str(whose)]} has: {', '.join(effects)}")
    if not said:
        return ""
    base = titles[answers.plan.arms[0]]
    return f"Structure and culture apart, in {inner(outcome.title)} ({outcome.unit}) against {base}: {'; '.join(said)}."


def flips_sentence(answers: Answers) -> str:
    """Return where the best arm changes."""
    titles, arms = answers.plan.titles, answers.plan.arms
    if answers.crossings:
        (name, axis), *_ = answers.plan.study.uncertainties.items()
        said = [
            f"{titles[arms[each.before]]} gives way to {titles[arms[each.after]]} at {each.at:.3g} (between "
            f"{each.low:.3g} and {each.high:.3g})"
            for each in answers.crossings
        ]
        return f"As {inner(axis.title or name)} rises, {'; '.join(said)}."
    if len(answers.best) == 1:
        return "One point was run: where it flips is not known."
    counts = answers.best["best"].value_counts()
    if len(counts) == 1:
        return (
            f"{inner_title(titles[str(counts.index[0])])} is best at every point that was run; clearly at "
            f"{int(answers.best['clear'].sum())} of {len(answers.best)}."
        )
    said = [f"{titles[str(arm)]} at {int(count)}" for arm, count in counts.items() if arm]
    unsure = int((~answers.best["clear"]).sum())
    return (
        f"The best arm depends on the point: {listing(said)} of {len(answers.best)}; at {unsure} it is not "
        "clear which is best."
    )


def space_sentence(answers: Answers) -> str:
    """Return the share of the declared space where each arm is best."""
    if answers.space is None:
        return ""
    rows = answers.space.sort_values("best", ascending=False, kind="stable")
    titles = answers.plan.titles
    said = [
        f"{titles[arm]} in {best:.0%} (clearly in {clear:.0%})"
        for arm, best, clear in rows[["arm", "best", "clear"]].to_numpy()
        if best > 0.0
    ]
    by = GRID_SAYS if answers.plan.study.design.kind == "factorial" else "points drawn from the declared distributions"
    return (
        f"Best by {inner(outcome_of(answers).title)}: {listing(said)} of the declared space ({by}). "
        "Clearly means: at that point by itself, better than every other arm (5%)."
    )


def quantity_in_words(answers: Answers, quantity: str) -> str:
    """Return what sensitivity was asked of, arms by their titles."""
    arms, _, where = quantity.partition(" in ")
    words = " − ".join(answers.plan.titles[arm] for arm in arms.split(" − "))
    return f"{words} in {where}" if where else words


def warnings_of(answers: Answers) -> list[str]:
    """Return what must be said about chance beside what matters, each with what it is said of."""
    return [
        f"For {quantity_in_words(answers, quantity)}: {inner(found.warning)}"
        for quantity, found in answers.matters.items()
        if found.warning
    ]


def matters_sentence(answers: Answers) -> str:
    """Return which uncertainty matters most, for each quantity."""
    said = []
    for quantity, found in answers.matters.items():
        rows = found.table.dropna(subset=["index"]).sort_values("index", ascending=False, kind="stable")
        if len(rows):
            name = rows.iloc[0]["uncertainty"]
            title = inner_title(answers.plan.study.uncertainties[name].title or name)
            said.append(f"for {quantity_in_words(answers, quantity)}, {title} ({rows.iloc[0]['index']:.2g})")
    if not said:
        return ""
    method = next(iter(answers.matters.values())).method
    return f"What matters most, by {method.capitalize()}'s index: {'; '.join(said)}."


def robust_sentence(answers: Answers) -> str:
    """Return which arm each rule chooses."""
    if answers.robust is None:
        return ""
    chosen = answers.robust[answers.robust["chosen"]]
    several = len(answers.main.seeds) > 1  # of one crisis there is nothing else to draw
    by_arm = {
        answers.plan.titles[str(arm)]: [
            f"{says} (in {sure:.0%} of redrawn crises)" if several else says for says, sure in rows.to_numpy()
        ]
        for arm, rows in chosen.groupby("arm", sort=False)[["says", "sure"]]
    }
    return f"{inner_title('; '.join(f'{arm} is {listing(said)}' for arm, said in by_arm.items()))}."


def rates_sentence(answers: Answers) -> str:
    """Return at which exchange rate between two outcomes the best arm changes."""
    if not answers.rates:
        return ""
    first, second = (
        OUTCOMES[name] for name in (answers.plan.study.answers.trade_off or answers.plan.study.outcomes[:2])
    )
    titles, unit = answers.plan.titles, f"one unit of {inner(second.title)} ({second.unit})"
    start = (
        f"If {unit} weighs nothing beside {inner(first.title)} ({first.unit}), {titles[answers.rates[0].arm]} is best"
    )
    if len(answers.rates) == 1:
        return f"{start}; and so it is whatever the weight."
    said = [
        f"from {before.high:.3g} on (95% interval {before.high_low:.3g} to {_rate(before.high_high)}) "
        f"{titles[after.arm]}"
        for before, after in zip(answers.rates[:-1], answers.rates[1:], strict=True)
    ]
    return f"{start}; {'; '.join(said)}."


def _rate(value: float) -> str:
    return "no bound" if isinf(value) else f"{value:.3g}"


# --- the case against --------------------------------------------------------------------------------------


def case_against(answers: Answers) -> list[str]:
    """Return the strongest case against the answer, the strongest argument first."""
    made = [
        *_against_by_culture(answers),
        *_against_by_rivals(answers),
        *_against_by_place(answers),
        *_against_by_outcomes(answers),
        *_against_by_rules(answers),
        *_against_by_chance(answers),
        *_against_by_design(answers),
    ]
    return [*made, *answers.plan.study.shows_not]


def _against_by_culture(answers: Answers) -> Iterator[str]:
    """Yield which arms carry a culture of their own: what they do better need not be how they govern."""
    carrying = [answers.plan.titles[each.name] for each in answers.plan.structures if each.culture]
    if carrying:
        have = "carries a culture of its own" if len(carrying) == 1 else "carry cultures of their own"
        yield f"{listing(carrying)} {have}: a difference from an arm in another culture is not one of structure alone."


def _against_by_rivals(answers: Answers) -> Iterator[str]:
    _, open_ = rivals(answers)
    if open_:
        names = listing([answers.plan.titles[arm] for arm in open_])
        yield f"Over the whole space {names} may be as good: the difference is not clear."


def _against_by_place(answers: Answers) -> Iterator[str]:
    arm, titles = answers.plan.arms[answers.leader], answers.plan.titles
    elsewhere = answers.best[(answers.best["best"] != arm) & answers.best["clear"]]
    if len(elsewhere):
        other = str(elsewhere["best"].value_counts().index[0])
        where = _point_words(answers, elsewhere[elsewhere["best"] == other].iloc[0])
        yield (
            f"Another arm is clearly better at {counted(len(elsewhere), 'point')} of {len(answers.best)}; "
            f"{titles[other]}, for one, {where}."
        )
    unsure = int((~answers.best["clear"]).sum())
    if unsure:
        yield f"At {counted(unsure, 'point')} of {len(answers.best)} no arm is clearly best."


def _point_words(answers: Answers, row: pd.Series[Any]) -> str:
    values = [
        f"{name} is {row[name]:.3g}" if isinstance(row[name], float) else f"{name} is {row[name]}"
        for name in answers.plan.study.uncertainties
    ]
    where = f"in {row['scenario']}" if len(answers.plan.scenarios) > 1 else ""
    return " ".join(filter(None, [where, f"where {listing(values)}" if values else ""])) or "there"


def _against_by_outcomes(answers: Answers) -> Iterator[str]:
    """Yield the other judged outcomes on which the leader is worse than the baseline, or some arm better than it."""
    leader, titles = answers.plan.arms[answers.leader], answers.plan.titles
    for name in answers.plan.study.outcomes[1:]:
        rows = {row["arm"]: row for row in overall_rows(answers, name)}
        outcome = OUTCOMES[name]
        if leader in rows and rows[leader]["verdict"] == Verdict.WORSE:
            yield (
                f"On {inner(outcome.title)} {titles[leader]} is worse than {titles[answers.plan.arms[0]]}: "
                f"{gap_words(outcome, rows[leader])} ({outcome.unit})."
            )
        if leader not in rows:
            better = [titles[arm] for arm, row in rows.items() if row["verdict"] == Verdict.BETTER]
            if better:
                yield (
                    f"On {inner(outcome.title)} {listing(better)} {'is' if len(better) == 1 else 'are'} "
                    f"better than {titles[leader]}."
                )


def _against_by_rules(answers: Answers) -> Iterator[str]:
    if answers.robust is None:
        return
    leader = answers.plan.arms[answers.leader]
    chosen = answers.robust[answers.robust["chosen"] & (answers.robust["arm"] != leader)]
    for arm, says in chosen[["arm", "says"]].to_numpy():
        yield f"Who fears the worst or counts otherwise chooses differently: {answers.plan.titles[arm]} is {says}."


def _against_by_chance(answers: Answers) -> Iterator[str]:
    row = compared_row(answers)
    if row is not None and 0.0 < row["chance_better"] < 1.0:
        yield (
            f"In {1.0 - row['chance_better']:.0%} of crises {answers.plan.titles[row['arm']]} does no better "
            f"than {answers.plan.titles[answers.plan.arms[0]]}."
        )
    if answers.failed:
        yield (
            f"{counted(answers.failed, 'run')} failed and {'is' if answers.failed == 1 else 'are'} missing "
            "from every number."
        )
    yield from warnings_of(answers)
    few = len(answers.main.seeds)
    if few < 16:
        yield f"There {'is' if few == 1 else 'are'} {counted_crises(few)} only."
    wanted = answers.plan.study.replicates.half_width
    if wanted is not None:
        rows = answers.effects[
            (answers.effects["interval"] == BY_TWO_STAGES) & (answers.effects["point"] != WHOLE_SPACE)
        ]
        widest = float(((rows["high"] - rows["low"]) / 2).max())
        if widest > wanted * (1 + 1e-9):
            yield f"The precision that was wanted ({wanted:g}) was not reached: the widest half-width is {widest:.3g}."


def _against_by_design(answers: Answers) -> Iterator[str]:
    kind = answers.plan.study.design.kind
    if kind == "one_at_a_time":
        yield SCREENING
    if kind == "one_point":
        yield "One point was run: every setting but the arms' own stood still, and another may turn the answer round."
    if kind == "factorial":
        yield "Between the steps of the grid nothing was run; what is drawn there is interpolated."
    if not answers.plan.study.uncertainties and kind != "one_point":
        yield "Nothing was declared uncertain."
    if len(answers.plan.scenarios) == 1:
        moved = any(axis.key == MAP_KEY for axis in answers.plan.study.uncertainties.values())
        country = "" if moved else ", on one map and one drawn network: crises differ, the country does not"
        yield f"One scenario was run ({answers.plan.scenarios[0].name}){country}."
    yield "What was not declared uncertain was held at values that are mostly assumptions."


def comparisons_not_clear(answers: Answers) -> tuple[int, int]:
    """Return how many comparisons at points are not clear, and how many there are."""
    rows = answers.effects[
        (answers.effects["point"] != WHOLE_SPACE) & (answers.effects["outcome"] == answers.main.outcome)
    ]
    return int(unclear(rows).sum()), len(rows)
