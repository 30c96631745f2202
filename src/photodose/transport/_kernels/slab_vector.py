# Numba erases the types of what it compiles, so a type checker has nothing to say here.
# mypy: ignore-errors
"""A vector of LANES numbers as a type of numba: what is written as plain arithmetic becomes vector instructions.

A vector lives in registers; `load` and `store` move it from and to LANES consecutive places of a float64 array. The
compiler splits it into as many registers as the processor needs, so the same code runs on any of them.
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 8
"""One register of the processors with the widest ones; 16 were no faster, and fill the cache with fewer streams."""

FAST = {"contract"}


class _Vector(types.Type):
    def __init__(self):
        super().__init__(name=f"Vector{LANES}")


VECTOR = _Vector()
_DOUBLE, _INTEGER = ir.DoubleType(), ir.IntType(64)
_FLOATS, _INTEGERS = ir.VectorType(_DOUBLE, LANES), ir.VectorType(_INTEGER, LANES)


@register_model(_Vector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _FLOATS)


def kept(function):
    """Compile, and keep the machine code on disk where the system has a place for it."""
    options = {"fastmath": FAST, "error_model": "numpy", "nogil": True}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:
        return njit(**options)(function)


def _constant(value):
    return ir.Constant(_FLOATS, [value] * LANES)


def _spread(builder, scalar):
    lane = builder.insert_element(ir.Constant(_FLOATS, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(
        lane, ir.Constant(_FLOATS, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    )


def _operation(symbol, method):
    cases = [signature(VECTOR, VECTOR, VECTOR), signature(VECTOR, types.float64, VECTOR)]
    cases.append(signature(VECTOR, VECTOR, types.float64))
    infer_global(symbol)(type(f"_Vector_{method}", (ConcreteTemplate,), {"cases": cases}))

    def lowered(context, builder, sig, args):  # noqa: ARG001
        left, right = (
            value if kind == VECTOR else _spread(builder, value) for value, kind in zip(args, sig.args, strict=True)
        )
        return getattr(builder, method)(left, right, flags=("contract",))

    lower_builtin(symbol, VECTOR, VECTOR)(lowered)
    lower_builtin(symbol, VECTOR, types.float64)(lowered)
    lower_builtin(symbol, types.float64, VECTOR)(lowered)


for _symbol, _method in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul")):
    _operation(_symbol, _method)
_operation(operator.truediv, "fdiv")


def _pointer(context, builder, array_type, array, place):
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [place])


@intrinsic
def apart(typingctx):  # noqa: ARG001
    """Said at the head of a function: do not copy it into those that call it, which would take long to compile."""

    def codegen(context, builder, sig, args):  # noqa: ARG001
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def load(typingctx, array, place):  # noqa: ARG001
    """The vector at `place` of a float64 array."""

    def codegen(context, builder, sig, args):
        place = context.cast(builder, args[1], sig.args[1], types.int64)
        pointer = builder.bitcast(_pointer(context, builder, sig.args[0], args[0], place), _FLOATS.as_pointer())
        return builder.load(pointer, align=8)

    return VECTOR(array, place), codegen


@intrinsic
def store(typingctx, array, place, value):  # noqa: ARG001
    """Put a vector at `place` of a float64 array."""

    def codegen(context, builder, sig, args):
        place = context.cast(builder, args[1], sig.args[1], types.int64)
        pointer = builder.bitcast(_pointer(context, builder, sig.args[0], args[0], place), _FLOATS.as_pointer())
        builder.store(args[2], pointer, align=8)
        return context.get_dummy_value()

    return types.void(array, place, value), codegen


@intrinsic
def gather(typingctx, array, base, numbers, stride):  # noqa: ARG001
    """Lane i from `base + numbers[i] * stride + i` of a float64 array."""

    def codegen(context, builder, sig, args):
        base = context.cast(builder, args[1], sig.args[1], types.int64)
        stride = context.cast(builder, args[3], sig.args[3], types.int64)
        out = ir.Constant(_FLOATS, ir.Undefined)
        for lane in range(LANES):
            number = builder.load(_pointer(context, builder, sig.args[2], args[2], ir.Constant(_INTEGER, lane)))
            place = builder.add(builder.add(base, builder.mul(number, stride)), ir.Constant(_INTEGER, lane))
            value = builder.load(_pointer(context, builder, sig.args[0], args[0], place))
            out = builder.insert_element(out, value, ir.Constant(ir.IntType(32), lane))
        return out

    return VECTOR(array, base, numbers, stride), codegen


@intrinsic
def spread(typingctx, value):  # noqa: ARG001
    """A number in every lane."""

    def codegen(context, builder, sig, args):
        return _spread(builder, context.cast(builder, args[0], sig.args[0], types.float64))

    return VECTOR(value), codegen


def _function(name):
    @intrinsic
    def call(typingctx, value):  # noqa: ARG001
        def codegen(context, builder, sig, args):  # noqa: ARG001
            kind = ir.FunctionType(_FLOATS, [_FLOATS])
            return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"{name}.v{LANES}f64"), args)

        return VECTOR(VECTOR), codegen

    return call


root = _function("llvm.sqrt")
size = _function("llvm.fabs")


@intrinsic
def larger(typingctx, left, right):  # noqa: ARG001
    """The larger, lane by lane."""

    def codegen(context, builder, sig, args):  # noqa: ARG001
        return builder.select(builder.fcmp_ordered(">", args[0], args[1]), args[0], args[1])

    return VECTOR(VECTOR, VECTOR), codegen


@intrinsic
def smaller(typingctx, left, right):  # noqa: ARG001
    """The smaller, lane by lane."""

    def codegen(context, builder, sig, args):  # noqa: ARG001
        return builder.select(builder.fcmp_ordered("<", args[0], args[1]), args[0], args[1])

    return VECTOR(VECTOR, VECTOR), codegen


@intrinsic
def where_above(typingctx, left, right, yes, no):  # noqa: ARG001
    """`yes` in the lanes where left > right, `no` elsewhere."""

    def codegen(context, builder, sig, args):  # noqa: ARG001
        return builder.select(builder.fcmp_ordered(">", args[0], args[1]), args[2], args[3])

    return VECTOR(VECTOR, VECTOR, VECTOR, VECTOR), codegen


@intrinsic
def any_above(typingctx, left, right):  # noqa: ARG001
    """Whether left > right in any lane (or is not a number)."""

    def codegen(context, builder, sig, args):  # noqa: ARG001
        bits = builder.bitcast(builder.fcmp_unordered(">", args[0], args[1]), ir.IntType(LANES))
        return builder.icmp_unsigned("!=", bits, ir.Constant(ir.IntType(LANES), 0))

    return types.boolean(VECTOR, VECTOR), codegen


@intrinsic
def power_of_two(typingctx, shifted):  # noqa: ARG001
    """2^n, n a whole number from -1022 to 1023 to which 1.5 * 2^52 was added."""

    def codegen(context, builder, sig, args):  # noqa: ARG001
        bits = builder.bitcast(args[0], _INTEGERS)
        bias = ir.Constant(_INTEGERS, [1023] * LANES)
        bits = builder.shl(builder.add(bits, bias), ir.Constant(_INTEGERS, [52] * LANES))
        return builder.bitcast(bits, _FLOATS)

    return VECTOR(VECTOR), codegen


_MAGIC, _TURNS = 6755399441055744.0, 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10


@kept
def falling(x):
    """exp(x) - 1 for x from -700 to 0, and a little above; below -700 as there.

    x = n ln 2 + r and 2^n (exp(r) - 1) + (2^n - 1): no cancellation, for |r| < 0.35. Taylor series of 14 terms.
    """
    x = larger(x, spread(-700.0))
    shifted = x * _TURNS + _MAGIC
    turns = shifted - _MAGIC
    r = (x - turns * _LN2_HIGH) - turns * _LN2_LOW
    p = r * (1.0 / 87178291200.0) + (1.0 / 6227020800.0)
    p = p * r + (1.0 / 479001600.0)
    p = p * r + (1.0 / 39916800.0)
    p = p * r + (1.0 / 3628800.0)
    p = p * r + (1.0 / 362880.0)
    p = p * r + (1.0 / 40320.0)
    p = p * r + (1.0 / 5040.0)
    p = p * r + (1.0 / 720.0)
    p = p * r + (1.0 / 120.0)
    p = p * r + (1.0 / 24.0)
    p = p * r + (1.0 / 6.0)
    p = p * r + 0.5
    p = p * r * r + r
    two = power_of_two(shifted)
    return two * p + (two - 1.0)


@kept
def dying(x):
    """exp(x) for x from -700 to 0; 1e-304 below."""
    x = larger(x, spread(-700.0))
    shifted = x * _TURNS + _MAGIC
    turns = shifted - _MAGIC
    r = (x - turns * _LN2_HIGH) - turns * _LN2_LOW
    p = r * (1.0 / 6227020800.0) + (1.0 / 479001600.0)
    p = p * r + (1.0 / 39916800.0)
    p = p * r + (1.0 / 3628800.0)
    p = p * r + (1.0 / 362880.0)
    p = p * r + (1.0 / 40320.0)
    p = p * r + (1.0 / 5040.0)
    p = p * r + (1.0 / 720.0)
    p = p * r + (1.0 / 120.0)
    p = p * r + (1.0 / 24.0)
    p = p * r + (1.0 / 6.0)
    p = p * r + 0.5
    p = p * r * r + r
    return power_of_two(shifted) * (p + 1.0)
