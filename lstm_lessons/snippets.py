"""The few lines of ordinary framework code that a spec stands for, ready to paste."""

from .rule import DIALECTS, dialect_of, expected, input_axes, sizes
from .spec import Spec, a_spec, whole
from .weights import MOST_LAYERS


def call(spec, framework="keras"):
    """Return the layer as one writes it: "keras.layers.LSTM(7, return_state=True)".

    Raises ValueError, in one line, for a framework that is not known, and for more layers than can
    be run.
    """
    dialect_of(framework)
    whole("layers", a_spec(spec).layers, highest=MOST_LAYERS, advice=1)
    if framework == "torch":
        return _torch(spec)
    layers = _stack(spec)
    return layers[0] if len(layers) == 1 else f"keras.Sequential([{', '.join(layers)}])"


def _torch(spec):
    options = {
        "num_layers": spec.layers,
        "bidirectional": spec.bidirectional,
        "batch_first": spec.batch_first and not spec.unbatched,
        "proj_size": spec.proj_size,
    }
    usual = {"num_layers": 1, "bidirectional": False, "batch_first": False, "proj_size": 0}
    named = [f", {name}={value}" for name, value in options.items() if value != usual[name]]
    cell = DIALECTS["torch"].cells[spec.cell]
    return f"torch.nn.{cell}({spec.features}, {spec.units}{''.join(named)})"


def _stack(spec):
    return [_keras(spec, top=number == spec.layers - 1) for number in range(spec.layers)]


def _keras(spec, top):
    """Return one layer of a stack; below the top one it hands on every h and nothing else."""
    flags = {
        "return_sequences": spec.return_sequences or not top,
        "return_state": spec.return_state and top,
    }
    given = [str(spec.units), *(f"{name}=True" for name, flag in flags.items() if flag)]
    layer = f"keras.layers.{DIALECTS['keras'].cells[spec.cell]}({', '.join(given)})"
    if not spec.bidirectional:
        return layer
    merge = "" if spec.merge_mode == "concat" else f", merge_mode={spec.merge_mode!r}"
    return f"keras.layers.Bidirectional({layer}{merge})"


def code(spec: Spec, framework: str = "keras") -> str:
    """Return a few lines that make the layer, call it on a batch and name what comes back.

    The weights are the framework's own random ones and the batch is random too.
    """
    returned = _unpacking(spec, framework)
    axes, known = input_axes(spec), sizes(spec)
    shape, names = ", ".join(str(known[axis]) for axis in axes), ", ".join(axes)
    if framework == "torch":
        lines = [
            "import torch",
            "",
            f"x = torch.rand({shape})  # ({names})",
            f"{spec.cell} = {call(spec, framework)}",
            f"{returned} = {spec.cell}(x)",
        ]
        lines += [
            f"last = {tensor.expression.replace('concat', 'torch.cat')}  "
            f"# ({', '.join(tensor.axes)})"
            for tensor in expected(spec, framework).kept
            if tensor.expression not in ("output", "h_n", "c_n")
        ]
    else:
        lines = [
            "import keras",
            "import numpy as np",
            "",
            f'x = np.random.rand({shape}).astype("float32")  # ({names})',
            *_named(spec, call(spec)),
            f"{returned} = {'layer' if spec.layers == 1 else 'stack'}(x)",
        ]
    return "\n".join(lines)


def _named(spec, made):
    """Return the lines that make Keras' layer, or its stack, a layer to a line."""
    if spec.layers == 1:
        return [f"layer = {made}"]
    return ["stack = keras.Sequential([", *(f"    {layer}," for layer in _stack(spec)), "])"]


def _unpacking(spec, framework):
    """Return the left side of the assignment: "output, (h_n, c_n)"."""
    names = [tensor.expression for tensor in expected(spec, framework).tensors]
    if dialect_of(framework).one_tensor and len(names) > 2:
        return f"{names[0]}, ({', '.join(names[1:])})"
    return ", ".join(names)
