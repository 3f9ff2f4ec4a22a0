"""What a network ends in, beside the loss: probabilities where logits are expected, or the reverse.

The loss is seen only where a Keras model is compiled with it.
"""

from ..late import np
from .tracebacks import home
from .uses import is_part, tensors_in
from .warned import Warned
from .watching import Pass

OF_KERAS = {  # by its name without underscores and in small letters: the class
    name.lower(): name
    for name in (
        *("BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"),
        *("BinaryFocalCrossentropy", "CategoricalFocalCrossentropy"),
    )
} | {"bce": "BinaryCrossentropy"}
ENDS = ("softmax", "sigmoid")


def compiled_warning(seen: Pass) -> Warned | None:
    """Return the Warned of a Keras model compiled with a loss of something else, or None."""
    name, logits = _compiled_loss(seen)
    results = tensors_in(seen.result, seen.reader)
    if not name or len(results) != 1 or not seen.reader.is_tensor(seen.result):
        return None
    end, numbers = ending(seen), seen.reader.array(results[0])
    facts = {"end": end, "loss": name}
    if logits and end in ENDS:
        instead = f"keras.losses.{name}()"
        return Warned("probabilities", _tell_probabilities, facts=facts, instead=instead)
    if not logits and end not in ENDS and (numbers.min() < 0 or numbers.max() > 1):
        instead = f"keras.losses.{name}(from_logits=True)"
        return Warned("logits", _tell_logits, facts=facts, instead=instead)
    return None


def _compiled_loss(seen):
    """Return the class of the crossentropy that a Keras model is compiled with, by its name, and
    whether it expects logits; ("", False) for no such loss.
    """
    loss = None
    if seen.reader.framework == "keras" and seen.events:
        loss = getattr(seen.events[0].layer, "loss", None)
    known = isinstance(loss, str) or home(type(loss)) == "keras" or callable(loss)
    said = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    name = OF_KERAS.get(said.replace("_", "").lower(), "") if known else ""
    settings = loss.get_config() if name and hasattr(loss, "get_config") else {}
    return name, bool(settings.get("from_logits"))


def ending(seen: Pass) -> str:
    """Return the function that a network ends in, "softmax", "sigmoid"; "" where that is not seen.

    It is seen by the last layer, and a softmax by the numbers too: along an axis they sum to 1.
    """
    made = [one for one in seen.events if one.value is seen.result and not one.inner]
    for event in made:
        if not seen.reader.recurrent(event.layer) and not is_part(event, seen.reader):
            layer = getattr(event.layer, "layer", event.layer)
            named = getattr(getattr(layer, "activation", None), "__name__", type(layer).__name__)
            if named.lower() in ENDS:
                return named.lower()
    numbers = seen.reader.array(seen.result)
    if numbers.ndim > 1 and numbers.dtype.kind == "f" and numbers.min() >= 0:
        axes = [axis for axis in (1, -1) if numbers.shape[axis] > 1]
        if any(np.allclose(numbers.sum(axis), 1, atol=1e-4) for axis in axes):
            return "softmax"
    return ""


def _tell_probabilities(warned):
    end, loss = warned.facts["end"], warned.facts["loss"]
    return f"The network ends in a {end}, and is compiled with a {loss} of logits.", (
        f"That applies a {end} itself. Only on TensorFlow does Keras look for what went into the "
        "first one, and says so."
    )


def _tell_logits(warned):
    loss = warned.facts["loss"]
    return f"The network ends in no softmax or sigmoid, and is compiled with a {loss}.", (
        "That takes its numbers for probabilities. Some are below 0 or above 1, as none is."
    )


def labels_warning(seen: Pass) -> Warned | None:
    """Return the Warned of probabilities of PyTorch beside labels, or None."""
    if seen.reader.framework == "torch" and ending(seen) == "softmax":
        instead = "nll_loss(torch.log(prediction), target)"
        return Warned("probabilities", _tell_softmax, instead=instead)
    return None


def _tell_softmax(_warned):
    return "The network returns the result of a softmax, the target holds labels.", (
        "`cross_entropy` applies a softmax itself: it is to be given what goes into the first one. "
        "With two it can't come near 0, and no error says so."
    )
