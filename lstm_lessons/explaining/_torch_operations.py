"""What is done to tensors between the layers of a PyTorch network, as its author wrote it.

PyTorch shows each call of a function of its own to a TorchFunctionMode, before it runs.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode, resolve_name

from ..nests import leaves
from ._torch_layers import DispatchMode, container, is_tensor, recurrent, unwrapped
from .parts import WHOLE, Step, Written
from .watching import Recorder
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

SAME = {  # the numbers stay where they are in the shape; the author may not even know
    *("contiguous", "clone", "detach", "data", "to", "type", "type_as", "float", "double", "half"),
    *("bfloat16", "cpu", "cuda", "view_as", "requires_grad_"),
}
SHAPED = {"reshape", "view", "flatten", "squeeze", "unsqueeze", "unflatten"}
TURNED = {"transpose", "swapaxes", "swapdims", "permute", "movedim", "T", "mT", "t"}
PIECES = {"chunk", "split", "tensor_split", "unbind"}
EACH = {  # each number comes from the one at its place, or axes keep their meaning
    *("neg", "exp", "abs", "clamp", "tanh", "sigmoid", "relu", "gelu", "elu", "leaky_relu", "silu"),
    *("softplus", "dropout", "softmax", "log_softmax", "layer_norm", "__rsub__", *SIGNS),
}
READ = {"tolist", "numpy", "__array__"}  # below Python nothing is seen of them
HERE = __name__.split(".")[0]
PACKING = "torch.nn.utils.rnn"  # its functions are known by what they call


class Operations(TorchFunctionMode):
    """Has what is done to known tensors noted down by a Recorder, while it is entered."""

    def __init__(self, recorder: Recorder):
        super().__init__()
        self.recorder = recorder

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        value = function(*args, **kwargs)
        if type(function).__name__ == "OpOverload":  # run by Reads, of code that is not Python's
            return value
        given = tuple(one for one in leaves((args, kwargs)) if is_tensor(one))
        if any(id(one) in self.recorder.known for one in given) and self._is_between_layers():
            self._note(Done(function, args, kwargs, value), given, sys._getframe(1))
        return value

    def _note(self, done, given, frame):
        """Note down what was done to tensors, if it is something, by whose code runs in a frame."""
        home = frame.f_globals.get("__name__", "")
        if home.startswith(HERE):  # a layer handed on what it was given
            self.recorder.known[id(done.value)] = done.value
            return
        made = done.packing() if home == PACKING else done.made()
        if made is None:
            return
        changed = self._sharing(done.args[0]) if done.is_in_place else []
        made += [(one, Written((one,))) for one in changed]
        self.recorder.done((*given, *changed), tuple(made))

    def _sharing(self, tensor):
        """Return the other known tensors that lie in a tensor's memory."""
        place, known = _place(tensor), self.recorder.known.values()
        return [one for one in known if place and one is not tensor and _place(one) == place]

    def _is_between_layers(self):
        """Return whether only such layers are at work as are somebody's own, or hand on."""
        open_ = [event.layer for event in self.recorder.open]
        return not any(map(recurrent, open_)) and not (open_ and is_closed(open_[-1]))


class Reads(DispatchMode):
    """Has known tensors noted down that are read below Python, as by a compiled function or vmap.

    It sees what PyTorch runs in the end, and not how its author wrote it.
    """

    def __init__(self, recorder: Recorder):
        super().__init__()
        self.recorder, self.known = recorder, 0
        self.places: dict[int | None, list] = {}

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        value = function(*args, **(kwargs or {}))
        reads = not (function.is_view or is_new(function.overloadpacket.__name__))
        if self.recorder.returned and reads:
            read = {_place(one) for one in leaves((args, kwargs)) if is_tensor(one)}
            for place in read & self._places().keys():
                self.recorder.read |= {id(one) for one in self.places[place]}
        return value

    def _places(self):
        """Return the tensors that layers returned by where they are in memory."""
        for one in self.recorder.returned[self.known :]:
            self.places.setdefault(_place(one), []).append(one)
        self.known = len(self.recorder.returned)
        return self.places


def _place(tensor):
    """Return where in memory a tensor's numbers begin, also those that it is a view of; or None."""
    plain = tensor.layout == torch.strided
    return tensor.untyped_storage().data_ptr() if plain else None


def is_new(name: str) -> bool:
    """Return whether a function by its name takes a tensor's shape and kind, and no numbers."""
    return name.endswith("_like") or name.startswith("new_")


@contextmanager
def noted(recorder: Recorder) -> Iterator[None]:
    """Have the operations between layers noted down, if the recorder wants them."""
    with ExitStack() as stack:
        for mode in (Operations, Reads) if recorder.between else ():
            stack.enter_context(mode(recorder))
        yield


def eager(modules: Iterable) -> AbstractContextManager:
    """Return a context in which no module is compiled, so that all is seen."""
    compiled = any(unwrapped(one) is not one for one in modules)
    known = compiled and hasattr(torch.compiler, "set_stance")
    return torch.compiler.set_stance("force_eager") if known else nullcontext()


def is_closed(layer: Any) -> bool:
    """Return whether a layer is PyTorch's own, so that what happens in it is its own matter."""
    return type(layer).__module__.startswith("torch.") and not container(layer)


@dataclass
class Done:
    """One call of a function of PyTorch's."""

    function: Any
    args: tuple
    kwargs: dict
    value: Any

    @property
    def full(self) -> str:
        """Return the function's name with its home's: "torch.Tensor.view"."""
        return resolve_name(self.function) or getattr(self.function, "__name__", "…")

    @property
    def name(self) -> str:
        """Return the function's name, without the mark of one that works in place."""
        name = self.full.removesuffix(".__get__").rsplit(".", 1)[-1]
        return name if name in SAME or name.startswith("__") else name.rstrip("_")

    @property
    def is_in_place(self) -> bool:
        """Return whether it changes the tensor that it is given first."""
        own = self.full.rsplit(".", 1)[-1]
        changes = own.endswith("_") and not own.endswith("__") and self.name not in SAME
        return changes or own == "__setitem__"

    def made(self) -> list | None:
        """Return pairs of a tensor and what it is; None where no numbers were read."""
        if self.name == "__setitem__":
            changed, _, value = self.args
            return [(changed, Written((changed, value) if is_tensor(value) else (changed,)))]
        results = [one for one in leaves(self.value) if is_tensor(one)]
        if not results or is_new(self.name):
            return [] if self.name in READ else None
        first: Any = self.args[0] if self.args else None
        if is_tensor(first):
            if self.name in SAME:
                return [(results[0], Step("same"))]
            if self.name in PIECES:
                return list(zip(results, self._pieces(first, results), strict=True))
            if (step := self._step(first)) is not None:
                return [(results[0], step)]
        axis = self.kwargs.get("dim", (*self.args[1:], 0)[0])
        if self.name == "stack" and axis == 0 and self.args:
            return [(results[0], Written(self.pieces(), rows=tuple(self.args[0])))]
        keeps = self.name in EACH and is_tensor(first) and results[0].shape == first.shape
        return of_call(results, self.pieces(), keeps)

    def packing(self) -> list:
        """Return the same for what the functions call that pack and unpack."""
        results = [one for one in leaves(self.value) if is_tensor(one)][:1]
        if self.name in ("_pad_packed_sequence", "_pack_padded_sequence"):
            name = self.name.lstrip("_")
            return [(one, Written((f"{name}(", self.args[0], ")"))) for one in results]
        return [(one, Step("same")) for one in results if one.is_floating_point()]

    def _step(self, tensor):
        """Return the Step that was done to a tensor, where one says it."""
        if self.name == "__getitem__":
            return index_of(tensor, self.args[1], is_tensor)
        if self.name in SHAPED:
            return Step("reshape", (-1, *self.value.shape[1:]), written(self.pieces()))
        if self.name in TURNED:
            return self._turned(tensor)
        if self.name == "select":
            by_name = dict(zip(("dim", "index"), self.args[1:], strict=False)) | self.kwargs
            before = [WHOLE] * (by_name["dim"] % tensor.ndim)
            return Step("index", (*before, int(by_name["index"])), written(self.pieces()))
        return None

    def _turned(self, tensor):
        """Return the Step of a change of axes; how, a tensor of unlike sizes shows."""
        unlike = torch.empty(*range(2, 2 + tensor.ndim))
        order = [size - 2 for size in self.function(unlike, *self.args[1:], **self.kwargs).shape]
        return turned(order, written(self.pieces()))

    def _pieces(self, tensor, results):
        """Give the Step of each of the tensors that one was cut into."""
        single = self.name == "unbind"
        axis = self.kwargs.get("dim", (*self.args[1 if single else 2 :], 0)[0]) % tensor.ndim
        if single:
            return unbound(axis, len(results))
        return cut(axis, (one.shape[axis] for one in results), written(self.pieces()))

    def pieces(self) -> tuple:
        """Return the call as one writes it: texts, and the tensors between them."""
        given: tuple[Any, ...] = self.args or (None,)
        first, *others = given
        if self.full.endswith(".__get__"):
            return (first, f".{self.name}")
        if self.name == "__getitem__":
            return indexed(first, others[0], is_tensor)
        if self.name in SIGNS and len(self.args) == 2 and not self.kwargs:
            return signed(first, SIGNS[self.name], others[0], is_tensor)
        if self.name == "__rsub__":
            return signed(others[0], "-", first, is_tensor)
        if self.name == "neg":
            return ("-", first)
        if self.full.startswith(("torch.Tensor.", "torch._tensor.")):
            return method(self.name, given, self.kwargs, is_tensor)
        of = "F" if self.full.startswith("torch.nn.functional.") else "torch"
        return called(f"{of}.{self.name}", self.args, self.kwargs, is_tensor)
