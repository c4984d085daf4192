"""What would break bit equality between the engines, or between machines, is not used where state is made.

The ban is on the syntax tree of every module in the state path. An exception is one line of code with its reason.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATE_PATH = ["rules", "world", "governance", "agents", "fast", "model.py", "streams.py", "state.py"]

# (file, the offending code as `ast.unparse` gives it): why it cannot change a bit.
ALLOWED: dict[tuple[str, str], str] = {}

BUILTINS = {
    "sum": "differs between Python 3.11 and 3.12; add in a loop, in a fixed order",
    "round": "differs from compiled code; use maths.floor(x + 0.5)",
    "pow": "differs from compiled code; use maths.power",
    "hash": "text hashes differ between processes; use streams.key_of",
}
# Exact, or a constant: the same in every engine.
MATH_ALLOWED = {"sqrt", "inf", "nan", "pi", "isfinite", "isnan", "isinf"}
NUMPY_BANNED = frozenset(
    """
    sum nansum cumsum nancumsum prod nanprod cumprod nancumprod mean nanmean average std nanstd var nanvar
    median nanmedian percentile nanpercentile quantile nanquantile histogram bincount convolve correlate corrcoef cov
    dot vdot vecdot inner outer matmul matvec vecmat tensordot einsum kron cross trace linalg fft
    trapezoid interp gradient polyfit polyval poly1d linspace logspace geomspace round around rint random
    exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2 power float_power pow cbrt hypot sinc i0
    sin cos tan arcsin arccos arctan arctan2 asin acos atan atan2
    sinh cosh tanh arcsinh arccosh arctanh asinh acosh atanh
    """.split()
)
METHODS_BANNED = frozenset(
    "sum prod mean std var dot cumsum cumprod trace round reduce accumulate reduceat fsum sumprod".split()
)
MODULES_BANNED = {
    "random": "global random state; use sim.streams",
    "secrets": "random numbers that cannot be repeated; use sim.streams",
    "cmath": "the C library's functions",
    "statistics": "its own sums",
    "scipy": "compiled sums and transcendentals",
    "numpy.random": "a second family of random numbers; use sim.streams",
    "numpy.linalg": "BLAS: sums in an order of its own",
}
OPERATORS = {ast.Pow: "** differs from compiled code; multiply, or use maths.power", ast.MatMult: "@ calls BLAS"}
KEYWORDS = {"fastmath": "lets the compiler reorder sums", "parallel": "sums in an order of its own"}

Finding = tuple[str, str]  # the code, the reason


def findings(source: str) -> list[Finding]:
    tree = ast.parse(source)
    names = dict(_imported(tree))
    return [found for node in ast.walk(tree) for found in _judge(node, names)]


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each local name with the dotted name that it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    (alias.asname or alias.name.partition(".")[0]),
                    (alias.name if alias.asname else alias.name.partition(".")[0]),
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _judge(node: ast.AST, names: dict[str, str]) -> Iterator[Finding]:
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS and not _is_whole_constant(node):
        yield ast.unparse(node), OPERATORS[type(node.op)]
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from _judge_import(node)
    elif isinstance(node, ast.Call):
        yield from _judge_call(node, names)
    elif isinstance(node, ast.Attribute | ast.Name):
        yield from _judge_name(node, names)


def _is_whole_constant(node: ast.BinOp | ast.AugAssign) -> bool:
    """Return whether this is a constant such as 2**63: a power of whole numbers, which is exact."""
    sides = [node.left, node.right] if isinstance(node, ast.BinOp) else []
    return bool(sides) and all(isinstance(side, ast.Constant) and isinstance(side.value, int) for side in sides)


def _judge_import(node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
    modules = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        modules = [] if node.level else [f"{node.module}.{alias.name}" for alias in node.names]
    for module in modules:
        for banned, reason in MODULES_BANNED.items():
            if f"{module}.".startswith(f"{banned}."):
                yield ast.unparse(node), reason
        if module.startswith("math.") and module.removeprefix("math.") not in MATH_ALLOWED:
            yield ast.unparse(node), "the C library's function; use sim.rules.maths"


def _judge_call(node: ast.Call, names: dict[str, str]) -> Iterator[Finding]:
    called = node.func
    if isinstance(called, ast.Name) and called.id in BUILTINS and called.id not in names:
        yield ast.unparse(node), BUILTINS[called.id]
    if isinstance(called, ast.Attribute) and called.attr in METHODS_BANNED and not _dotted(called, names):
        yield ast.unparse(node), "a reduction or rounding of NumPy or pandas; use a loop, in a fixed order"
    for keyword in node.keywords:
        if keyword.arg in KEYWORDS and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False):
            yield ast.unparse(node), KEYWORDS[keyword.arg]


def _judge_name(node: ast.Attribute | ast.Name, names: dict[str, str]) -> Iterator[Finding]:
    dotted = _dotted(node, names)
    module, _, name = dotted.partition(".")
    first = name.partition(".")[0]
    if module == "math" and name and first not in MATH_ALLOWED:
        yield ast.unparse(node), "the C library's function; use sim.rules.maths"
    if module == "numpy" and (first in NUMPY_BANNED or name.endswith((".reduce", ".accumulate", ".reduceat"))):
        yield ast.unparse(node), "a reduction, a transcendental or a generator of NumPy"


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    """Return the full dotted name of a chain of attributes of an imported module, or nothing."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    return ""


def modules() -> list[Path]:
    found = []
    for name in STATE_PATH:
        place = ROOT / "sim" / name
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place] * place.is_file()
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_banned_is_used_where_state_is_made(path):
    file = path.relative_to(ROOT).as_posix()
    found = {(file, code): reason for code, reason in findings(path.read_text(encoding="utf-8"))}
    assert {key: reason for key, reason in found.items() if key not in ALLOWED} == {}


def test_every_exception_is_still_needed():
    used = {
        (path.relative_to(ROOT).as_posix(), code)
        for path in modules()
        for code, _ in findings(path.read_text(encoding="utf-8"))
    }
    assert set(ALLOWED) - used == set()


def test_the_state_path_is_there():
    assert {"sim/rules/maths.py", "sim/streams.py"} <= {path.relative_to(ROOT).as_posix() for path in modules()}


@pytest.mark.parametrize(
    "source",
    [
        "x ** 2",
        "2.0 ** 3",
        "2 ** x",
        "x **= 2",
        "a @ b",
        "sum(x)",
        "round(x)",
        "pow(x, 2)",
        "import math\nmath.exp(x)",
        "import math as m\nm.fsum(x)",
        "from math import log",
        "from math import floor as down",
        "import numpy as np\nnp.sum(x)",
        "import numpy\nnumpy.exp(x)",
        "import numpy as np\nf = np.tanh",
        "from numpy import mean\nmean(x)",
        "import numpy as np\nnp.add.reduce(x)",
        "import numpy as np\nnp.random.default_rng(1)",
        "from numpy.random import default_rng",
        "from numpy import random",
        "x.sum()",
        "(a * b).mean(axis=0)",
        "x[0].dot(y)",
        "import random",
        "from random import Random",
        "from scipy import stats",
        "import scipy.special",
        "njit(fastmath=True)(f)",
        "njit(parallel=True)(f)",
    ],
)
def test_what_is_banned_is_found(source):
    assert findings(source)


@pytest.mark.parametrize(
    "source",
    [
        "x * x",
        "2**63",
        "min(x, y)",
        "import math\nmath.sqrt(x)",
        "from math import sqrt",
        "import math\nx < math.inf",
        "import numpy as np\nnp.sqrt(np.zeros(3))",
        "import numpy as np\nx = np.maximum(a, b)",
        "from sim.rules.maths import exp, log\nexp(log(x))",
        "from sim.rules import maths\nmaths.power(x, 2.0)",
        "njit(fastmath=False)(f)",
        "x.max()",
    ],
)
def test_what_is_exact_is_allowed(source):
    assert findings(source) == []
