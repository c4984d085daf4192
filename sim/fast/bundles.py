"""Tables and state as compiled kernels see them: one pointer each, instead of hundreds of arguments.

A kernel that took the model's named tuples as they are would copy some 1,500 numbers to the stack with every call,
and take minutes to compile. A `Bundle` writes the addresses, shapes and numbers of a named tuple down once, in a row
of 8-byte words; compiled code reads `t.par.load_spill` or `s.open_cases` from there. The words never change, which
the compiler is told, so that what is read in a loop is read before it. Arrays stay where they are, owned by the tuple.
"""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterator
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import (
    NativeValue,
    lower_builtin,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import getitem_array_tuple, getitem_arraynd_intp, populate_array, setitem_array
from numba.np.numpy_support import from_dtype

WORD = 8  # bytes


class Field(NamedTuple):
    """One field of a bundle: its name, its type in compiled code, and the word at which it starts."""

    name: str
    kind: Any
    word: int


class NamedArray(types.Array):
    """The type of an array in a bundle: an array that overlaps with no array of another name.

    The compiler is told so at each number that is read or written. Without that it would have to suppose that what is
    written to one array changes all others, and could not see to several worlds at a time. A part of such an array is
    a plain array again.

    Parameters
    ----------
    label
        Name of the field.
    dtype, ndim
        Type of its numbers, and number of its axes.
    """

    def __init__(self, label: str, dtype: Any, ndim: int) -> None:
        self.label = label
        super().__init__(dtype, ndim, "C", name=f"{label}({dtype}, {ndim}d)")

    @property
    def key(self) -> Any:
        """What makes the type the same as another."""
        return (self.label, *super().key)

    @property
    def mangling_args(self) -> Any:
        """What tells functions for different types apart."""
        return f"{type(self).__name__}_{self.label}", [self.dtype, self.ndim]


class BundleType(types.Type):
    """The type of a bundle in compiled code.

    Parameters
    ----------
    label
        Name of the tuple's class.
    fields
        What it holds, in order.
    """

    def __init__(self, label: str, fields: tuple[Field, ...]) -> None:
        self.fields = fields
        self.by_name = {field.name: field for field in fields}
        digest = hashlib.blake2b(repr(fields).encode(), digest_size=6).hexdigest()
        super().__init__(name=f"{label}_{digest}")


class Bundle:
    """A named tuple of arrays, numbers and further such tuples, written down for compiled code.

    Parameters
    ----------
    values
        The tuple. It is kept, and its arrays with it; they must be contiguous, and may change in content only.
    """

    def __init__(self, values: Any) -> None:
        words: list[int] = []
        self.values = values
        self.kind = _write(values, words)
        self.words = np.array(words, np.uint64)
        self.address = self.words.ctypes.data


def _write(values: Any, words: list[int]) -> BundleType:
    """Append a tuple's words; return its type."""
    fields, nested = [], []
    for name, value in zip(values._fields, values, strict=True):
        if isinstance(value, tuple):
            nested.append((name, value))
        else:
            fields.append(Field(name, _kind(name, value), len(words)))
            words.extend(_words_of(value))
    start = len(words)
    for name, value in nested:
        inner_words: list[int] = []
        fields.append(Field(name, _write(value, inner_words), start))
        words.extend(inner_words)
        start = len(words)
    return BundleType(type(values).__name__, tuple(fields))


def _kind(name: str, value: Any) -> Any:
    if isinstance(value, np.ndarray):
        if not value.flags.c_contiguous:
            raise ValueError("an array in a bundle must be contiguous")
        return NamedArray(name, from_dtype(value.dtype), value.ndim)
    return types.float64 if isinstance(value, float) else types.int64


def _words_of(value: Any) -> Iterator[int]:
    if isinstance(value, np.ndarray):
        yield from (value.ctypes.data, *value.shape, *value.strides)
    else:
        number = np.float64(value) if isinstance(value, float) else np.int64(value)
        yield int(number.view(np.uint64))


@typeof_impl.register(Bundle)
def _(value: Bundle, _context: Any) -> BundleType:  # pragma: no cover - runs in the compiler
    return value.kind


register_model(BundleType)(models.OpaqueModel)
register_model(NamedArray)(models.ArrayModel)


@lower_builtin(operator.getitem, NamedArray, types.Integer)
def _(context: Any, builder: Any, sig: Any, args: Any) -> Any:  # pragma: no cover - runs in the compiler
    return _name(builder, sig.args[0], getitem_arraynd_intp(context, builder, sig, args))


@lower_builtin(operator.getitem, NamedArray, types.BaseTuple)
def _(context: Any, builder: Any, sig: Any, args: Any) -> Any:  # pragma: no cover - runs in the compiler
    return _name(builder, sig.args[0], getitem_array_tuple(context, builder, sig, args))


@lower_builtin(operator.setitem, NamedArray, types.Any, types.Any)
def _(context: Any, builder: Any, sig: Any, args: Any) -> Any:  # pragma: no cover - runs in the compiler
    setitem_array(context, builder, sig, args)
    _name(builder, sig.args[0], builder.block.instructions[-1])


def _name(builder: Any, kind: NamedArray, value: Any) -> Any:  # pragma: no cover - runs in the compiler
    """Mark a number that is read or written as one of its array's ("type-based alias analysis"); pass a part on."""
    if isinstance(value, ir.LoadInstr | ir.StoreInstr):
        module = builder.module
        root = module.add_metadata(["meshgov"])
        leaf = module.add_metadata([kind.label, root])
        value.set_metadata("tbaa", module.add_metadata([leaf, leaf, ir.Constant(ir.IntType(64), 0)]))
    return value


@unbox(BundleType)
def _(_kind_of: Any, value: Any, c: Any) -> NativeValue:  # pragma: no cover - runs in the compiler
    address = c.pyapi.object_getattr_string(value, "address")
    pointer = c.pyapi.long_as_voidptr(address)
    c.pyapi.decref(address)
    return NativeValue(pointer, is_error=c.pyapi.c_api_error())


@infer_getattr
class _Attribute(AttributeTemplate):
    key = BundleType

    def generic_resolve(self, kind: Any, attr: str) -> Any:  # pragma: no cover - runs in the compiler
        field = kind.by_name.get(attr)
        return None if field is None else field.kind


@lower_getattr_generic(BundleType)
def _(context: Any, builder: Any, kind: Any, pointer: Any, attr: str) -> Any:  # pragma: no cover - runs in the compiler
    field = kind.by_name[attr]
    start = _word_at(builder, pointer, field.word)
    if isinstance(field.kind, BundleType):
        return start
    if not isinstance(field.kind, types.Array):
        return _load(builder, start, 0, context.get_value_type(field.kind))
    array, whole = context.make_array(field.kind)(context, builder), ir.IntType(64)
    axes = field.kind.ndim
    shape = [_load(builder, start, 1 + axis, whole) for axis in range(axes)]
    strides = [_load(builder, start, 1 + axes + axis, whole) for axis in range(axes)]
    data = _load(builder, start, 0, array.data.type)
    populate_array(array, data, shape, strides, context.get_constant(types.intp, field.kind.dtype.bitwidth // 8), None)
    return array._getvalue()


def _word_at(builder: Any, pointer: Any, word: int) -> Any:  # pragma: no cover - runs in the compiler
    return builder.gep(pointer, [ir.Constant(ir.IntType(64), WORD * word)], source_etype=ir.IntType(8))


def _load(builder: Any, pointer: Any, word: int, kind: Any) -> Any:  # pragma: no cover - runs in the compiler
    """Return a word as a value of some type. It never changes, and the compiler may read it early."""
    place = builder.bitcast(_word_at(builder, pointer, word), kind.as_pointer())
    value = builder.load(place, typ=kind)
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


def bundled(values: Any) -> Any:
    """Return a bundle; the tuple itself where compilation is switched off."""
    return values if numba.config.DISABLE_JIT else Bundle(values)  # type: ignore[attr-defined]
