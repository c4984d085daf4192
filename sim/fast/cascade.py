"""Phase 1, strike: open cases of other services breed need, less where a hub joins them."""

from sim.fast.compiled import lanes
from sim.rules.cascade import bred_by, cut_by_hub


@lanes
def breed(t, s, p, k, others, bred):
    """Fill the cases (W,) that other services' open cases, ``others`` with this one's in all, make in a service."""
    services, worlds = s.open_cases.shape[1], s.open_cases.shape[2]
    for w in range(worlds):
        bred[w] = t.par.load_cascade[w] / (services - 1) * (others[w] - s.open_cases[p, k, w])
    if t.par.has_rows > 0.0:
        bred[:] = 0.0
        add_rows(t, s, t.cascade, p, k, bred)


@lanes
def feed(t, s, p, k, fed):
    """Fill the cases (W,) that open cases of others make in a service, where a slow issue joins them."""
    fed[:] = 0.0
    if t.par.has_feeding > 0.0:
        add_rows(t, s, t.feeding, p, k, fed)


@lanes
def add_rows(t, s, rows, p, k, made):
    """Add what each other service's open cases make in this one, by a table (from, to)."""
    for j in range(s.open_cases.shape[1]):
        for w in range(len(made)):
            cut = cut_by_hub(t.par.load_hub_effect[w], s.language[p, w], t.hub_data)
            made[w] += bred_by(rows[j, k], s.open_cases[p, j, w], t.in_hub[j] * t.in_hub[k], cut)
