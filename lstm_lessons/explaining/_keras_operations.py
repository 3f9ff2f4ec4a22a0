"""What is done to tensors between the layers of a Keras network, as its author wrote it.

A graph says it itself. Where there is none, the functions of `keras.ops`, those of TensorFlow where
Keras runs on it, and the operators of tensors are watched while a pass goes on.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import wraps
from inspect import isfunction
from typing import Any

import keras
from keras import ops

from ..late import np
from ..nests import leaves
from ._keras_layers import container, is_tensor, op_callbacks, recurrent, tensorflow
from .parts import Step, Written
from .watching import Recorder, is_ours, is_users, reader_of
from .writing import (
    SIGNS,
    called,
    cut,
    index_of,
    indexed,
    method,
    of_call,
    signed,
    turned,
    unbound,
    written,
)

OPERATORS = {f"__{name}__": sign for name, sign in SIGNS.items() if name != "div"}
OPERATORS["__truediv__"] = "/"
REFLECTED = {f"__r{name.strip('_')}__": sign for name, sign in OPERATORS.items()}
READ = ("numpy", "__array__")  # what follows is not done to tensors
METHODS = ("__getitem__", "__neg__", *OPERATORS, *REFLECTED, *READ)
SAME = {"cast", "identity", "stop_gradient", "convert_to_tensor", "copy"}
SHAPED = {"reshape", "squeeze", "expand_dims", "ravel"}
TURNED = {"transpose", "swapaxes", "moveaxis"}
SPLIT, UNBOUND = {"split", "array_split"}, {"unstack"}
NEW = {"shape", "ndim", "rank", "size", "zeros_like", "ones_like", "full_like", "empty_like"}
EACH = {  # each number comes from the one at its place, or axes keep their meaning
    *("negative", "exp", "abs", "clip", "tanh", "sigmoid", "relu", "gelu", "elu", "leaky_relu"),
    *("silu", "softplus", "softmax", "log_softmax", "add", "subtract", "multiply", "divide"),
    *("__neg__", *OPERATORS, *REFLECTED),
}


@contextmanager
def noted(recorder: Recorder) -> Iterator[None]:
    """Have the operations between layers noted down, if the recorder wants them."""
    with ExitStack() as stack:
        for owner, name, title in _functions() if recorder.between else ():
            stack.enter_context(_watched(owner, name, title, recorder))
        if recorder.between:
            stack.enter_context(reads(recorder))
        yield


def sees_reads() -> bool:
    """Return whether it is seen, on this backend, which tensors are read by anything at all."""
    return keras.backend.backend() == "torch" or op_callbacks() is not None


def _functions():
    """Give what is watched: whose attribute it is, its name, and what its users call it by."""
    kind = type(ops.zeros(1))
    yield from ((kind, name, name) for name in METHODS if hasattr(kind, name))
    spaces = {"ops": ops}
    if tf := tensorflow():
        spaces |= {"tf": tf, "tf.math": tf.math, "tf.nn": tf.nn}
    for title, space in spaces.items():
        names = [name for name, one in vars(space).items() if isfunction(one)]
        yield from ((space, name, f"{title}.{name}") for name in names if name[0] != "_")


@contextmanager
def _watched(owner, name, title, recorder):
    """Have the calls of a function noted down that are written in its user's code."""
    own, function = vars(owner).get(name), getattr(owner, name)

    @wraps(function)
    def watched(*args, **kwargs):
        value = function(*args, **kwargs)
        if any(id(one) in recorder.known for one in leaves((args, kwargs))):
            _note(recorder, Done(function, title, args, kwargs, value), sys._getframe(1))
        return value

    setattr(owner, name, watched)
    try:
        yield
    finally:
        delattr(owner, name) if own is None else setattr(owner, name, own)


def _note(recorder, done, frame):
    """Note down what was done to tensors, if it is something, by whose code runs in a frame."""
    if is_ours(frame):  # a layer handed on what it was given
        recorder.known |= {id(one): one for one in leaves(done.value) if is_tensor(one)}
        return
    open_ = [event.layer for event in recorder.open]
    if not is_users(frame) or any(map(recurrent, open_)) or (open_ and _is_closed(open_[-1])):
        return
    if (made := done.made()) is not None:
        given = (one for one in leaves((done.args, done.kwargs)) if is_tensor(one))
        recorder.done(tuple(given), made)


def _is_closed(layer):
    """Return whether a layer is Keras' own, so that what happens in it is its own matter."""
    return type(layer).__module__.startswith("keras.") and not container(layer)


def reads(recorder: Recorder) -> AbstractContextManager:
    """Return a context in which it is noted down which known tensors are read by anything."""
    if keras.backend.backend() == "torch":
        return reader_of("torch").reads(recorder)
    return _reads_of_tensorflow(recorder) if sees_reads() else nullcontext()


@contextmanager
def _reads_of_tensorflow(recorder):
    def read(_kind, inputs, _attributes, _outputs, *_, **__):
        recorder.read |= recorder.known.keys() & set(map(id, inputs))

    callbacks = op_callbacks()
    callbacks.add_op_callback(read)
    try:
        yield
    finally:
        callbacks.remove_op_callback(read)


@dataclass
class Done:
    """One call of a function, by a title such as "ops.concatenate", or of a method, by its name."""

    function: Callable
    title: str
    args: tuple
    kwargs: dict
    value: Any

    @property
    def name(self) -> str:
        """Return the function's name."""
        return self.title.rsplit(".", 1)[-1]

    def made(self) -> tuple | None:
        """Return pairs of a tensor and what it is; None where no numbers were read."""
        results = [one for one in leaves(self.value) if is_tensor(one)]
        if not results or self.name in NEW:
            return () if self.name in READ else None
        first: Any = self.args[0] if self.args else None
        if is_tensor(first) and (steps := self._steps(first, results)):
            return tuple(zip(results, steps, strict=True))
        axis = self.kwargs.get("axis", (*self.args[1:], 0)[0])
        if self.name == "stack" and axis == 0 and self.args:
            return ((results[0], Written(self.pieces(), rows=tuple(self.args[0]))),)
        keeps = self.name in EACH and is_tensor(first) and results[0].shape == first.shape
        return tuple(of_call(results, self.pieces(), keeps))

    def _steps(self, tensor, results):
        """Return the Step that made each result, where one says it; [] where none does."""
        if self.name in SAME:
            return [Step("same")]
        if self.name == "__getitem__":
            step = index_of(tensor, self.args[1], is_tensor)
            return [step] if step else []
        words = written(self.pieces())
        if self.name in SHAPED:
            return [Step("reshape", (-1, *self.value.shape[1:]), words)]
        if self.name in TURNED:
            unlike = ops.zeros(tuple(range(2, 2 + len(tensor.shape))))
            again = self.function(unlike, *self.args[1:], **self.kwargs)
            return [turned([size - 2 for size in again.shape], words)]
        if self.name in SPLIT | UNBOUND:
            axis = self.kwargs.get("axis", (*self.args[2:], 0)[0]) % len(tensor.shape)
            if self.name in UNBOUND:
                return [*unbound(axis, len(results))]
            return [*cut(axis, (one.shape[axis] for one in results), words)]
        return []

    def pieces(self) -> tuple:
        """Return the call as one writes it: texts, and the tensors between them."""
        if self.name == "__getitem__":
            return indexed(self.args[0], self.args[1], is_tensor)
        if self.name == "__neg__":
            return ("-", self.args[0])
        if sign := OPERATORS.get(self.name):
            return signed(self.args[0], sign, self.args[1], is_tensor)
        if sign := REFLECTED.get(self.name):
            return signed(self.args[1], sign, self.args[0], is_tensor)
        if self.title in METHODS:
            return method(self.name, self.args, self.kwargs, is_tensor)
        return called(self.title, self.args, self.kwargs, is_tensor)


def kept_by(parts: list, recorder: Recorder) -> Iterator[tuple[str, Any]]:
    """Give pairs of an attribute, by its path, and a tensor of a recurrent layer that it holds."""
    for part in parts:
        for name, value in vars(part).items():
            for tensor in leaves(value) if not name.startswith("_") else ():
                if id(tensor) in recorder.known and not isinstance(tensor, np.ndarray):
                    yield f"{part.name}.{name}", tensor
