"""Typical mistakes for `final`: {grade_id of the solution cell: {label: (source, points)}}.

Each replaces one solution; the points are those of the test below it, for any student.
"""

VARIANTS = {
    "scale": {
        "standard": (
            "def scale(training, later):\n"
            "    mean, std = training.mean(axis=0), training.std(axis=0)\n"
            "    return (training - mean) / std, (later - mean) / std\n",
            1.0,
        ),
        "one-tensor": ("def scale(training, later):\n    return training\n", 0.0),
    },
    "cut": {
        "no-gap": (
            "from lstm_lessons.data import windows\n\n\n"
            "def cut(series, timesteps, ahead):\n"
            "    column = tasks.FEATURES.index(tasks.target(paper))\n"
            "    _, y = windows(series[:, [column]], timesteps, ahead)\n"
            "    return windows(series, timesteps, ahead)[0], y\n",
            0.0,
        ),
    },
    "baseline-errors": {
        "one-error": (
            "def baseline_errors(x, y):\n    return abs(y - x[:, -1:, 0]).mean()\n",
            0.0,
        ),
    },
    "across": {
        "from-zeros": (
            "def across(encoder, decoder, x, before):\n    return decoder(before)\n",
            2.0,
        ),
        "lower-layer": (
            "def across(encoder, decoder, x, before):\n"
            "    _, state = encoder(torch.tensor(x))\n"
            '    states = state if cell == "lstm" else [state]\n'
            "    return decoder(before, initial_state=[one[0].numpy() for one in states])\n",
            2.0,
        ),
        "with-layers": (
            "def across(encoder, decoder, x, before):\n"
            "    _, state = encoder(torch.tensor(x))\n"
            "    return decoder(before, initial_state=state)\n",
            0.0,
        ),
    },
    "late": {
        "rolled": (
            "def late(target, characters):\n"
            "    in_front = tasks.mark(paper) == tasks.MARKS[0]\n"
            "    return np.eye(characters + 1)[np.roll(target, 1, axis=1) + in_front]\n",
            1.5,
        ),
    },
    "unroll": {
        "states-not-handed-on": (
            "def unroll(decoder, head, h, c, today, days):\n"
            "    value, made = today, []\n"
            "    for _ in range(days):\n"
            "        output, _ = decoder(value, (h, c))\n"
            "        change = tasks.head(paper) == tasks.HEADS[1]\n"
            "        value = value * change + head(output)\n"
            "        made.append(value[:, 0])\n"
            "    return torch.cat(made, dim=1)\n",
            2.0,
        ),
    },
    "read-by": {
        "as-meant": (
            "def read_by(network, x):\n"
            '    size = x.shape[0 if tasks.axis(paper) == "batch" else 1]\n'
            "    return size, size\n",
            0.0,
        ),
    },
    "translate": {
        "states-only": (
            "def translate(encoder, decoder, attention, head, source, before):\n"
            "    every, h, c = encoder(source)\n"
            "    written = decoder(before, initial_state=[c, h])\n"
            "    looked = attention([written, every])\n"
            "    return head(keras.ops.concatenate([written, looked], axis=-1))\n",
            2.0,
        ),
        "as-given": (
            "def translate(encoder, decoder, attention, head, source, before):\n"
            "    every, h, c = encoder(source)\n"
            "    written = decoder(before, initial_state=[c, h])\n"
            "    looked = attention([every, written])\n"
            "    return head(keras.ops.concatenate([written, looked], axis=-1))\n",
            0.5,
        ),
    },
}

RIGHT = {
    "translate": (
        "def translate(encoder, decoder, attention, head, source, before):\n"
        "    every, *states = encoder(source)\n"
        "    written = decoder(before, initial_state=states)\n"
        "    looked = attention([written, every])\n"
        "    return head(keras.ops.concatenate([written, looked], axis=-1))\n"
    ),
}
