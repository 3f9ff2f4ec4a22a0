"""The few lines of ordinary framework code that a spec stands for, ready to paste."""

from .shapes import dialect_of, expected


def call(spec, framework="keras"):
    """Return the layer as one writes it: "keras.layers.LSTM(7, return_state=True)"."""
    dialect_of(framework)
    if framework == "torch":
        return f"torch.nn.LSTM({spec.features}, {spec.units}, batch_first=True)"
    flags = [name for name in ("return_sequences", "return_state") if getattr(spec, name)]
    return f"keras.layers.LSTM({', '.join([str(spec.units), *(f'{f}=True' for f in flags)])})"


def code(spec, framework="keras"):
    """Return a few lines that make the layer, call it on a batch and name what comes back.

    The weights are the framework's own random ones and the batch is random too.
    """
    names = _unpacking(spec, framework)
    if framework == "torch":
        lines = [
            "import torch",
            "",
            f"x = torch.rand({spec.batch}, {spec.timesteps}, {spec.features})"
            "  # (batch, timesteps, features)",
            f"lstm = {call(spec, framework)}",
            f"{names} = lstm(x)",
        ]
        lines += [
            f"last = {tensor.expression}  # (batch, units)"
            for tensor in expected(spec, framework).kept
            if tensor.expression == "output[:, -1]"
        ]
    else:
        lines = [
            "import keras",
            "import numpy as np",
            "",
            f'x = np.random.rand({spec.batch}, {spec.timesteps}, {spec.features}).astype("float32")'
            "  # (batch, timesteps, features)",
            f"layer = {call(spec, framework)}",
            f"{names} = layer(x)",
        ]
    return "\n".join(lines)


def _unpacking(spec, framework):
    """Return the left side of the assignment: "output, (h_n, c_n)"."""
    names = [tensor.expression for tensor in expected(spec, framework).tensors]
    if framework == "torch":
        return f"{names[0]}, ({', '.join(names[1:])})"
    return ", ".join(names)
