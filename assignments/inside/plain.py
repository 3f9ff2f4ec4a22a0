"""What may pass the wall between the judge and a submission: text, numbers, arrays, nested.

Both sides use it. `packed` makes JSON of a value; `unpacked` makes the value again, of the few
kinds that stand here and of no others: no pickle, no class of the sender's.
"""

import base64
import importlib
import math

import numpy as np

DTYPES = {
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64"),
}
SETTINGS = {  # what a layer of PyTorch is made of
    "Linear": ("in_features", "out_features"),
    **dict.fromkeys(
        ("LSTM", "GRU", "RNN"),
        ("input_size", "hidden_size", "num_layers", "batch_first", "bidirectional"),
    ),
}


class Other:
    """A value of a kind that does not pass. kind: the name of its type."""

    def __init__(self, kind):
        self.kind = kind


def packed(value):
    """Return a value as data for JSON: a plain value, an array, a tensor, a layer, or a tuple."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return {"is": value}
    if isinstance(value, (tuple, list)):
        return {"row": [packed(one) for one in value]}
    if isinstance(value, (np.ndarray, np.generic)):
        return _array(np.asarray(value))
    if kind.__module__.startswith("torch") and kind.__name__ == "Tensor":
        return {"tensor": _array(value.detach().cpu().numpy())}
    if value is ...:
        return {"ellipsis": True}
    return _layer(value) or {"other": kind.__name__[:80]}


def unpacked(data):
    """Return the value of this data: an array, a plain value, an Other, nested in tuples.

    Raises ValueError, KeyError or TypeError for what `packed` does not make.
    """
    [(kind, content), *_] = data.items()
    if kind == "is" and (content is None or type(content) in (bool, int, float, str)):
        return content
    if kind == "row":
        return tuple(map(unpacked, content))
    if kind == "array":
        return _numbers(data)
    if kind == "ellipsis":
        return ...
    if kind == "other":
        return Other(str(content)[:80])
    raise ValueError(f"no such kind of data: {kind!r}")


def rebuilt(data):
    """Return the value of what the judge has sent, tensors and layers too. Not for the judge."""
    [(kind, content), *_] = data.items()
    if kind == "row":
        return tuple(map(rebuilt, content))
    if kind == "tensor":
        return importlib.import_module("torch").tensor(_numbers(content))
    if kind == "torch":
        return _with_weights(getattr(importlib.import_module("torch.nn"), content), data)
    if kind == "tasks":
        return _with_weights(getattr(importlib.import_module("tasks"), content), data)
    if kind == "keras":
        layer = importlib.import_module("keras").layers.deserialize(content)
        if data["weights"]:
            layer.set_weights(list(map(_numbers, data["weights"])))
        return layer
    return unpacked(data)


def _array(value):
    if value.dtype.name not in DTYPES:
        return {"other": f"array of {value.dtype.name}"}
    content = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"array": content, "dtype": value.dtype.name, "shape": list(value.shape)}


def _numbers(data):
    """Return the array of this data; its sizes must be those of the numbers that came."""
    dtype, shape = data["dtype"], data["shape"]
    if dtype not in DTYPES or len(shape) > 8 or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"no array of ours: {str(dtype)[:20]}, {str(shape)[:80]}")
    content = base64.b64decode(data["array"], validate=True)
    if math.prod(shape) * np.dtype(dtype).itemsize != len(content):
        raise ValueError("the numbers are not as many as the sizes say")
    return np.frombuffer(content, dtype).reshape(shape).copy()


def _layer(value):
    """Return the data of a layer, None for what is none."""
    module, name = type(value).__module__, type(value).__name__
    if module.startswith("torch.nn") and name in SETTINGS:
        settings = {one: getattr(value, one) for one in SETTINGS[name]}
    elif module == "tasks" and hasattr(value, "settings"):
        settings = value.settings
    elif module.startswith("keras."):
        made = importlib.import_module("keras").layers.serialize(value)
        return {"keras": made, "weights": [_array(one) for one in value.get_weights()]}
    else:
        return None
    weights = {key: _array(one.numpy()) for key, one in value.state_dict().items()}
    return {
        "tasks" if module == "tasks" else "torch": name,
        "settings": settings,
        "weights": weights,
    }


def _with_weights(kind, data):
    import torch

    made = kind(**data["settings"])
    made.load_state_dict(
        {name: torch.tensor(_numbers(one)) for name, one in data["weights"].items()}
    )
    return made
