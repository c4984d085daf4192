"""What a study file may hold: a question, arms, uncertainties, a design, and how sure the answer has to be."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.world.fields import Settings, choice, number, words

SCHEMA_VERSION = 1
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Value = float | int | bool | str
Distribution = Literal["uniform", "log_uniform", "normal", "triangular"]
DesignKind = Literal[
    "one_point", "factorial", "latin_hypercube", "sobol_sequence", "morris", "saltelli", "one_at_a_time", "table"
]


class Arm(Settings):
    """One way of governing: a structure, or a structure with some settings changed."""

    structure: str = Field(description="A shipped structure's name, or a path from the study file.")
    title: str = choice("", "What to call it; absent means as the structure is called.")
    settings: dict[str, Any] = Field(
        default_factory=dict, description="Settings of the structure that this arm changes: powers, channels and so on."
    )


class Common(Settings):
    """Settings that hold in every arm alike."""

    scenario: dict[str, Any] = Field(default_factory=dict, description="Settings of the scenarios.")
    structure: dict[str, Any] = Field(default_factory=dict, description="Settings of the structures.")


class Uncertainty(Settings):
    """A setting that nobody knows, and what it may be."""

    key: str = Field(description="The setting: scenario. or structure. and its dotted key.")
    also: tuple[str, ...] = words("Further settings that take the same value.")
    title: str = choice("", "What it is called in tables and figures.")
    values: tuple[Value, ...] = Field(default=(), description="The values it may take, all alike.", strict=False)
    low: float | None = choice(None, "Its lowest value.")
    high: float | None = choice(None, "Its highest value.")
    distribution: Distribution = choice("uniform", "How likely the values between are; cut off at low and high.")
    mean: float | None = choice(None, "Mean of a normal distribution.")
    sd: float | None = choice(None, "Standard deviation of a normal distribution.")
    peak: float | None = choice(None, "Likeliest value of a triangular distribution.")
    steps: int = number(5, "Values of a factorial or one-at-a-time design, from low to high.", "values", 2, 1000)

    @model_validator(mode="after")
    def _consistent(self) -> Uncertainty:
        check_range(self)
        check_distribution(self)
        return self


def check_range(given: Uncertainty) -> None:
    """Refuse an uncertainty without values, or with a range upside down."""
    if given.values:
        if given.low is not None or given.high is not None:
            raise ValueError("values and a range are both given; keep values, or low and high.")
        if len(set(given.values)) < len(given.values):
            raise ValueError("values: one of them stands there twice; name each once.")
        return
    if (given.low is None) != (given.high is None):
        raise ValueError("only one end of the range is given; give low and high, or values.")
    if given.low is not None and given.high is not None and given.low >= given.high:
        raise ValueError(
            f"low: the range is upside down, from {given.low:g} to {given.high:g}; give the lower number as low."
        )


def check_distribution(given: Uncertainty) -> None:
    """Refuse a distribution that lacks a number, or has one where it cannot be."""
    low, high = given.low, given.high
    if low is None or high is None:
        return
    if given.distribution == "normal" and (given.mean is None or given.sd is None or given.sd <= 0.0):
        raise ValueError("distribution: a normal one needs its mean and an sd above 0; give both.")
    if given.distribution == "triangular" and (given.peak is None or not low <= given.peak <= high):
        raise ValueError("distribution: a triangular one needs a peak between low and high; give it.")
    if given.distribution == "log_uniform" and low <= 0.0:
        raise ValueError("distribution: a log-uniform one needs a range above 0; raise low.")


class Design(Settings):
    """Which points of the declared space are visited. Every arm and every seed visits all of them."""

    kind: DesignKind = choice("one_point", "How points are chosen.")
    points: int = number(64, "Points of a hypercube or sequence; base samples of Saltelli's.", "points", 1, 1_000_000)
    trajectories: int = number(10, "Paths of Morris's design.", "paths", 2, 100_000)
    levels: int = number(4, "Steps of the grid that Morris's paths walk on.", "steps", 2, 100)
    second_order: bool = choice(False, "Whether Saltelli's design can tell interactions of two.")
    file: str = choice("", "Table of points (CSV, a column an uncertainty), from the study file.")

    @model_validator(mode="after")
    def _consistent(self) -> Design:
        check_design(self)
        return self


def check_design(design: Design) -> None:
    """Refuse numbers of points that a design cannot have."""
    if design.kind in {"saltelli", "sobol_sequence"} and design.points & (design.points - 1):
        near = 1 << (design.points.bit_length() - 1)
        raise ValueError(
            f"points: {design.points} is no power of two, which this design needs; use {near} or {2 * near}."
        )
    if design.kind == "morris" and design.levels % 2:
        raise ValueError("levels: Morris's grid needs an even number of steps; use 4.")
    if (design.kind == "table") != bool(design.file):
        raise ValueError('file: a table of points needs kind = "table" and its file; give both or neither.')


class Replicates(Settings):
    """How many crises each arm meets at each point: a number, or as many as a precision needs."""

    count: int = number(16, "Crises; with a half-width, those of the first stage.", "crises", 1, 1_000_000)
    half_width: float | None = choice(
        None, "Half-width wanted of the interval of the main outcome's paired difference, in its unit."
    )
    most: int = number(512, "Crises at most, whatever the precision.", "crises", 1, 1_000_000)

    @model_validator(mode="after")
    def _consistent(self) -> Replicates:
        check_precision(self)
        return self


def check_precision(replicates: Replicates) -> None:
    """Refuse a precision that cannot be aimed at."""
    if replicates.half_width is None:
        return
    if replicates.half_width <= 0.0:
        raise ValueError("half_width: it must be above 0; give the half-width that is narrow enough.")
    if replicates.count < 8:
        raise ValueError("count: a first stage below 8 crises says too little of the spread; use 16.")
    if replicates.most < replicates.count:
        raise ValueError("most: it is below the first stage; raise it.")


class Answers(Settings):
    """What the answers are judged by."""

    equivalence: float = number(
        0.05,
        "Difference that is as good as none, as a share of the baseline's mean, or of the best arm's.",
        "share",
        0.0,
        1.0,
    )
    good_enough: dict[str, float] = Field(
        default_factory=dict,
        description="By outcome, the value that is good enough; absent means near the best arm of the case.",
    )
    trade_off: tuple[str, ...] = words("Two outcomes whose exchange rate decides which arm is best.")
    map: tuple[str, ...] = words("Two uncertainties over which the best arm is drawn; absent means the first two.")


class Study(Settings):
    """A question, and how it is to be answered."""

    schema_version: Literal[1] = choice(SCHEMA_VERSION, "Version of this file format.")
    name: Name
    title: str
    question: str = Field(description="What the study is to answer, as one asks it.")
    shows_not: tuple[str, ...] = words("What the study cannot show.")
    sources: tuple[str, ...] = words("Where its question and numbers come from.")
    scenarios: tuple[str, ...] = words("Shipped scenarios, or paths from the study file; arms meet each of them.")
    arms: dict[Name, Arm] = Field(description="What is compared.")
    baseline: str = choice("", "The arm that the others are compared with; absent means the first.")
    settings: Common = Common()
    uncertainties: dict[Name, Uncertainty] = Field(default_factory=dict, description="What nobody knows.")
    outcomes: tuple[str, ...] = words("What is judged, the main outcome first.", ("harm_per_1000",))
    design: Design = Design()
    replicates: Replicates = Replicates()
    seed: int = number(1, "The first crisis's seed; 0 is a seed.", "seed", 0, 2**64 - 1)
    seeds: tuple[int, ...] = Field(
        default=(), description="Seeds by name, in place of seed and replicates.", strict=False
    )
    answers: Answers = Answers()
