"""Private variants: what they are made of, and solutions for every wish of theirs."""

import re


def private(text, salt):
    """Return the text of a `tasks.py` with another SALT."""
    new = rf'PUBLISHED = \1\nSALT = "{salt}"'
    text, changed = re.subn(r'^SALT = PUBLISHED = ("\w+")', new, text, flags=re.M)
    assert changed == 1
    return text


SCENARIOS = {
    "flags": """
last, every, states = (False, False), (True, False), (False, True)
wanted = [last, last, every, every, states, states, (True, True)]
wanted = dict(zip(tasks.OTHER_JOBS, wanted, strict=True))
flags = [wanted[job] for job in tasks.jobs(paper)]
""",
    "collect": """
def collect(lstm, x):
    output, h, c = lstm(x)
    made = {"output": output, "h": h, "c": c, "first": output[:, 0], "before": output[:, -2]}
    made["largest"] = keras.ops.max(output, axis=1)
    return tuple(made[name] for name in names)
""",
    "collect-torch": """
def collect_torch(lstm, x):
    output, (h_n, c_n) = lstm(x)
    made = {"output": output, "h": h_n[-1], "c": c_n[-1], "first": output[:, 0]}
    made |= {"before": output[:, -2], "largest": output.amax(dim=1)}
    return tuple(made[name] for name in names)
""",
    "two-heads": """
def two_heads(lstm, tag, score, x):
    output, (_, c_n) = lstm(x)
    made = {"first": output[:, 0], "c": c_n[-1], "mean": output.mean(dim=1)}
    return tag(output), score(made[tasks.scored(paper)])
""",
    "forgetful": """
def forgetful(lstm, x, kept):
    _, h, c = lstm(x[:, :kept])
    states = [keras.ops.zeros_like(h), c if tasks.forgotten(paper) == "h" else 0 * c]
    return lstm(x[:, kept:], initial_state=states)[1]
""",
}
LAYERS_AND_PADDING = {
    "as-keras": """
def as_keras(stack, x):
    _, (h_n, c_n) = stack(x)
    one, other = h_n[0], h_n[1]
    made = {"sum": one + other, "mul": one * other, "ave": 0.5 * (one + other)}
    return made[merge], one, c_n[0], other, c_n[1]
""",
    "after": """
def after(both, x, read):
    every = both(x)
    units = every.shape[-1] // 2
    halves = {"forward": every[:, -read - 1, :units], "backward": every[:, read, units:]}
    return keras.ops.concatenate([halves[name] for name in order], axis=-1)
""",
    "mended": """
def mended(lstm, x):
    output = lstm(x.transpose(0, 1))[0].transpose(0, 1)
    return output, output[:, 0] if tasks.state(paper) == "first" else output.mean(dim=1)
""",
    "pooled": """
def pooled(lstm, x, valid):
    output = keras.ops.convert_to_numpy(lstm(x, mask=valid))
    if tasks.extreme(paper) == "first":
        return output[np.arange(len(x)), valid.argmax(axis=1)]
    return (output * valid[..., None]).sum(axis=1) / valid.sum(axis=1)[:, None]
""",
    "frozen": """
def frozen(lstm, x, valid):
    wished = tasks.masked(paper)
    h = c = torch.zeros(1, len(x), lstm.hidden_size)
    every = []
    for step in range(x.shape[1]):
        _, (new_h, new_c) = lstm(x[:, [step]], (h, c))
        counts = valid[None, :, step, None]
        h = torch.where(counts, new_h, h if wished == "h" else 0 * h)
        c = torch.where(counts, new_c, c if wished == "c" else 0 * c)
        every.append(h[0])
    return torch.stack(every, dim=1)
""",
    "last-of-both": """
def last_of_both(both, x, lengths):
    rows = []
    for one, length in zip(x, lengths.tolist(), strict=True):
        output, (_, c_n) = both(one[None, -length:])
        units = output.shape[-1] // 2
        halves = [output[0, 0, :units], output[0, -1, units:]]
        rows.append(torch.cat(halves if tasks.end(paper) == "first" else [c_n[-2, 0], c_n[-1, 0]]))
    return torch.stack(rows)
""",
}
FINAL = {
    "scale": """
def scale(training, later):
    low, high = tasks.scaled_to(paper)
    made = {"smallest": training.min(axis=0), "largest": training.max(axis=0)}
    made["mean"] = training.mean(axis=0)
    zero, one = (made[name] for name in tasks.ends(paper))
    return tuple(low + (high - low) * (part - zero) / (one - zero) for part in (training, later))
""",
    "cut": """
def cut(series, timesteps, ahead):
    first = timesteps + tasks.skipped(paper)
    column = series[:, tasks.FEATURES.index(tasks.target(paper))]
    x, y = [], []
    for start in range(len(series) - first - ahead + 1):
        x.append(series[start : start + timesteps])
        ends = column[start + first : start + first + ahead]
        since = column[start + timesteps - 1]
        if tasks.value(paper) == "step":
            since = column[start + first - 1 : start + first + ahead - 1]
        y.append(ends - since)
    return np.stack(x), np.stack(y)
""",
    "baseline-errors": """
def baseline_errors(x, y):
    values = x[:, :, 0]
    said = {"median": np.median(values, axis=1), "largest": values.max(axis=1)}
    said["two"] = values[:, -2:].mean(axis=1)
    [wished] = (name for name in said if name in tasks.baseline(paper))
    return abs(y - said[wished][:, None]).mean(axis=0)
""",
    "across": """
def across(encoder, decoder, x, before):
    _, state = encoder(torch.tensor(x))
    states = state if cell == "lstm" else [state]
    lower = tasks.remembered(paper) == "lower"
    picked = [one[0] if lower else one.sum(dim=0) for one in states]
    return decoder(before, initial_state=[one.numpy() for one in picked])
""",
    "late": """
def late(target, characters):
    in_front = tasks.mark(paper) == tasks.MARKS[0]
    start = np.full((len(target), 1), 0 if in_front else characters)
    numbers = np.concatenate([start, target[:, :0:-1] + in_front], axis=1)
    return np.eye(characters + 1)[numbers]
""",
    "unroll": """
def unroll(decoder, head, h, c, today, days):
    value, made = today, []
    factor = "multiplied" in tasks.head(paper)
    for _ in range(days):
        output, (h, c) = decoder(value, (h, c))
        value = value * head(output) if factor else today + head(output)
        made.append(value[:, 0])
    return torch.cat(made, dim=1)
""",
    "read-by": """
def read_by(network, x):
    read = [call.input for call in explain(network, x).layers]
    sizes = [dict(zip(one.axes, one.shape, strict=True)) for one in read]
    [others] = {"batch", "timesteps"} - {tasks.axis(paper)}
    return tuple(int(np.prod(list(one.values()))) // one[others] for one in sizes)
""",
    "translate": """
def translate(encoder, decoder, attention, head, source, before):
    every, h, c = encoder(source)
    states = [h, 0 * c] if tasks.begun(paper) == "h" else [0 * h, c]
    written = decoder(before, initial_state=states)
    looked = attention([written, every])
    return head(keras.ops.concatenate([written, looked], axis=-1))
""",
}
SOLUTIONS = {  # {assignment: {grade_id: source}}
    "scenarios": SCENARIOS,
    "layers_and_padding": LAYERS_AND_PADDING,
    "final": FINAL,
}
