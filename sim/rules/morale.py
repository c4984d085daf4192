"""How staff bear it: morale, who leaves and who comes (phase relate). Rates are a day."""

from sim.fast.compiled import rule


@rule
def overload(short: float, posts: float) -> float:
    """Return the share of the staff-days wanted that nobody is expected to be there for."""
    return short / (short + posts) if short > 0.0 else 0.0


@rule
def morale_after(
    morale: float, start: float, recovery_days: float, pressed: float, overrides: float, days: float
) -> float:
    """Return morale after some days.

    It recovers towards where it began, and a share of it is lost: ``pressed`` a day by overload, and ``overrides`` for
    what was overridden meanwhile.
    """
    recovered = morale + min(1.0, days / recovery_days) * (start - morale)
    return recovered * max(0.0, 1.0 - pressed * days - overrides)


@rule
def leaving_staff(in_post: float, morale: float, enough: float, in_a_year: float, days: float) -> float:
    """Return the share of posts whose holders leave: more, the further morale is below what is enough to stay."""
    return in_post * in_a_year * max(0.0, 1.0 - morale / enough) * days / 365.0


@rule
def joining_staff(vacant: float, recruit_days: float, days: float) -> float:
    """Return the share of posts that are filled again."""
    return vacant * min(1.0, days / recruit_days)
