"""Typical mistakes for `layers_and_padding`: {grade_id of the solution: {label: (source, points)}}.

Each replaces one solution; the points are those of the test below it, for any student.
"""

VARIANTS = {
    "as-keras": {
        "lower-layer": (
            "def as_keras(stack, x):\n"
            "    _, (h_n, c_n) = stack(x)\n"
            '    made = {"sum": h_n[0] + h_n[1], "mul": h_n[0] * h_n[1]}\n'
            '    made["ave"] = (h_n[0] + h_n[1]) / 2\n'
            "    return made[merge], h_n[0], c_n[0], h_n[1], c_n[1]\n",
            2.0,
        ),
        "nested": (
            "def as_keras(stack, x):\n"
            "    _, (h_n, c_n) = stack(x)\n"
            "    return h_n[-2] + h_n[-1], (h_n[-2], c_n[-2]), (h_n[-1], c_n[-1])\n",
            0.0,
        ),
    },
    "after": {
        "one-timestep": ("def after(both, x, read):\n    return both(x)[:, read - 1]\n", 2.0),
    },
    "mended": {
        "reshape": (
            "def mended(lstm, x):\n"
            "    output, (h_n, c_n) = lstm(x.reshape(x.shape[1], x.shape[0], -1))\n"
            '    last = h_n if tasks.state(paper) == "h" else c_n\n'
            "    return output.reshape(x.shape[0], x.shape[1], -1), last[-1]\n",
            2.0,
        ),
        "as-given": (
            "def mended(lstm, x):\n"
            "    output, (h_n, c_n) = lstm(x)\n"
            '    return output, (h_n if tasks.state(paper) == "h" else c_n)[-1]\n',
            0.0,
        ),
    },
    "pooled": {
        "no-mask-for-layer": (
            "def pooled(lstm, x, valid):\n"
            "    output, rows = np.array(lstm(x)), []\n"
            "    for every, which in zip(output, valid, strict=True):\n"
            "        rows.append(every[which])\n"
            '    pick = np.max if tasks.extreme(paper) == "largest" else np.min\n'
            "    return np.stack([pick(row, axis=0) for row in rows])\n",
            2.0,
        ),
    },
    "frozen": {
        "no-mask": ("def frozen(lstm, x, valid):\n    return lstm(x)[0]\n", 2.5),
        "h-only": (
            "def frozen(lstm, x, valid):\n"
            "    h = c = torch.zeros(1, len(x), lstm.hidden_size)\n"
            "    every = []\n"
            "    for step in range(x.shape[1]):\n"
            "        _, (new, c) = lstm(x[:, [step]], (h, c))\n"
            "        h = torch.where(valid[None, :, step, None], new, h)\n"
            "        every.append(h[0])\n"
            "    return torch.stack(every, dim=1)\n",
            2.5,
        ),
        "error": ("def frozen(lstm, x, valid):\n    return lstm(x, mask=valid)\n", 0.0),
    },
    "last-of-both": {
        "packed-as-it-is": (
            "def last_of_both(both, x, lengths):\n"
            "    packed = torch.nn.utils.rnn.pack_padded_sequence(\n"
            "        x, lengths, batch_first=True, enforce_sorted=False\n"
            "    )\n"
            "    h_n = both(packed)[1][0]\n"
            "    return torch.cat([h_n[-2], h_n[-1]], dim=-1)\n",
            2.0,
        ),
    },
}

RIGHT = {
    "frozen": (
        "def frozen(lstm, x, valid):\n"
        "    output = torch.zeros(*x.shape[:2], lstm.hidden_size)\n"
        "    for row, counts in enumerate(valid):\n"
        "        every = lstm(x[row][counts][None])[0][0]\n"
        "        read = counts.cumsum(dim=0)  # how many have been read at each timestep\n"
        "        output[row][read > 0] = every[read[read > 0] - 1]\n"
        "    return output\n"
    ),
    "last-of-both": (
        "def last_of_both(both, x, lengths):\n"
        "    pairs = zip(x, lengths.tolist(), strict=True)\n"
        "    rows = [both(one[None, -length:])[1][0] for one, length in pairs]\n"
        "    return torch.stack([torch.cat([h_n[-2, 0], h_n[-1, 0]]) for h_n in rows])\n"
    ),
}
