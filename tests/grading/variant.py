"""A solution of `scenarios` for every wish of a private variant."""

SOLUTION = {
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
