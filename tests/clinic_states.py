"""Errors of states of PyTorch in which something is no tensor, in the form of clinic.py."""

# ruff: noqa: B008 (defaults are what is wrong)

from functools import partial

from clinic import C0, H0, TORCH_FIRST, T, case
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

LSTM, GRU = nn.LSTM(6, 7, batch_first=True), nn.GRU(6, 7, batch_first=True)
DEEP = nn.LSTM(6, 7, 2, batch_first=True)
CELL, GRU_CELL = nn.LSTMCell(6, 7), nn.GRUCell(6, 7)
STEP, ROWS = T[:, 0], [[0.0] * 7] * 3  # one timestep; a state of a cell, in lists
BY_LENGTH = pack_padded_sequence(T, [5, 4, 2], batch_first=True)

no_tensor = partial(case, "An array or a list where a state belongs")


def begun(layer, x=T, then="(3, 5, 7)", **names):
    """Return what a case says of a layer: its line, put in place, makes the call run."""
    state = next(iter(names))
    call = f"LAYER(X_, {state})" if len(names) == 1 else f"LAYER(X_, ({', '.join(names)}))"
    return {"then": f"shape_of({call}) == {then}", "LAYER": layer, "X_": x, **names}


for states in ((H0.numpy(), C0.numpy()), [H0.numpy(), C0.numpy()], (H0, C0.tolist())):
    no_tensor(
        lambda states=states: LSTM(T, states),
        "x is a tensor. Where a state belongs, the layer got",
        line="states = tuple(torch.as_tensor(one, dtype=torch.float32) for one in states)",
        **begun(LSTM, states=states),
    )


def of_two_names():
    h, c = H0.numpy(), C0.numpy()
    LSTM(T, (h, c))


no_tensor(
    of_two_names,
    "the layer got numpy.ndarray",
    line="h, c = torch.as_tensor(h, dtype=torch.float32), torch.as_tensor(c, dtype=torch.float32)",
    **begun(LSTM, h=H0.numpy(), c=C0.numpy()),
)
no_tensor(
    lambda states=([H0[0], H0[0]], [C0[0], C0[0]]): DEEP(T, states),
    "the layer got list",
    line="states = tuple(torch.stack(one) for one in states)",
    **begun(DEEP, states=([H0[0], H0[0]], [C0[0], C0[0]])),
)
for state in (H0.numpy(), H0.tolist()):
    no_tensor(
        lambda state=state: GRU(T, state),
        "of another layer h_0 alone",
        line="state = torch.as_tensor(state, dtype=torch.float32)",
        **begun(GRU, state=state),
    )
no_tensor(
    lambda state=ROWS: GRU(T, state),
    "the layer got list",
    line="state = torch.as_tensor(state, dtype=torch.float32)[None]",
    **begun(GRU, state=ROWS),
)
no_tensor(
    lambda state=[H0]: GRU(T, state),
    "the layer got list",
    line="state = state[0]",
    **begun(GRU, state=[H0]),
)
no_tensor(
    lambda states=[H0, C0]: GRU(T, states),
    "the layer got list",
    line="output, states = layer(x)",
    then="layer(x, states)[0].shape == (3, 5, 7)",
    **TORCH_FIRST | {"layer": GRU},
)
for layer, state in ((LSTM, H0.tolist()), (LSTM, ROWS), (DEEP, [ROWS, ROWS])):
    no_tensor(
        lambda layer=layer, state=state: layer(T, state),
        "layer(x, (state, torch.zeros_like(state)))",
        line="state = torch.as_tensor(state, dtype=torch.float32)",
        then="shape_of(LAYER(T, (state, torch.zeros_like(state)))) == (3, 5, 7)",
        LAYER=layer,
        state=state,
    )
for layer, state in ((LSTM, (None, None)), (LSTM, [None, None])):
    no_tensor(
        lambda layer=layer, state=state: layer(T, state),
        "the layer got NoneType",
        line="layer(x)",
        then="value[0].shape == (3, 5, 7)",
        **TORCH_FIRST | {"layer": layer},
    )
no_tensor(
    lambda: LSTM(T, 0),
    "the layer got int",
    line="output, states = layer(x)",
    then="layer(x, states)[0].shape == (3, 5, 7)",
    **TORCH_FIRST | {"layer": LSTM},
)

# Of cells, and of a packed x.

no_tensor(
    lambda states=(ROWS, ROWS): CELL(STEP, states),
    "the layer got list",
    line="states = tuple(torch.as_tensor(one, dtype=torch.float32) for one in states)",
    **begun(CELL, STEP, "(3, 7)", states=(ROWS, ROWS)),
)
no_tensor(
    lambda states=([0.0] * 7, [0.0] * 7): CELL(STEP, states),
    "the layer got list",
    line="states = cell(x)",
    then="cell(x, states)[0].shape == (3, 7)",
    cell=CELL,
    x=STEP,
)
no_tensor(
    lambda state=ROWS: GRU_CELL(STEP, state),
    "the layer got list",
    line="state = torch.as_tensor(state, dtype=torch.float32)",
    **begun(GRU_CELL, STEP, "(3, 7)", state=ROWS),
)
for state in (H0.numpy(), H0.tolist()):
    no_tensor(
        lambda state=state: GRU(BY_LENGTH, state),
        "of another layer h_0 alone",
        line="state = torch.as_tensor(state, dtype=torch.float32)",
        then="GRU(BY_LENGTH, state)[1].shape == (1, 3, 7)",
        GRU=GRU,
        BY_LENGTH=BY_LENGTH,
        state=state,
    )
    no_tensor(
        lambda states=(state, state): LSTM(BY_LENGTH, states),
        "where a state belongs",
        line="states = tuple(torch.as_tensor(one, dtype=torch.float32) for one in states)",
        then="LSTM(BY_LENGTH, states)[1][0].shape == (1, 3, 7)",
        LSTM=LSTM,
        BY_LENGTH=BY_LENGTH,
        states=(state, state),
    )

# What is no tensor is x, and the state is as it should be.

case(
    "An array or a list where a tensor belongs",
    lambda x=T.numpy(): LSTM(x, (H0, C0)),
    "A layer of PyTorch got numpy.ndarray",
    line="x = torch.as_tensor(x, dtype=torch.float32)",
    gives=(3, 5, 7),
)
