"""Prevention: staff time that lowers ordinary need after a while, and is the first to be taken when need presses."""

from sim.fast.compiled import rule


@rule
def prevention_today(available: float, share: float, short: float, squeeze: float) -> float:
    """Return staff-days of prevention today.

    A share of the time there is, less what an expected shortage takes of it: overload squeezes prevention first.
    """
    return max(0.0, share * available - squeeze * short)


@rule
def prevented_share(hold: float, preventable: float, half: float) -> float:
    """Return the share of need that prevention averts: half of what can be averted at a hold of ``half``.

    ``hold`` is the share of staff time that prevention has had, remembered over its lag. Each further hour averts less.
    """
    return preventable * hold / (hold + half)
