"""Questions about Keras layers one after the other: their code, and each step of it."""

from .. import frameworks


def through(shape, make):
    """Return run and chain of a question about Keras layers on Input(shape), one after the other.

    make: gets keras.layers, and returns the layers.
    """

    def output_shape():
        keras = frameworks.keras
        return keras.Sequential([keras.Input(shape), *make(keras.layers)]).output_shape

    def chain():
        keras = frameworks.keras
        handed = keras.Input(shape)
        steps = [(f"keras.Input({shape})", tuple(handed.shape))]
        for layer in make(keras.layers):
            written = f"{type(layer).__name__}({layer.units})"
            try:
                handed = layer(handed)
            except ValueError:  # the question says that it may raise
                return [*steps, (written, ())]
            steps.append((written, tuple(handed.shape)))
        return steps

    return {"run": output_shape, "chain": chain}
