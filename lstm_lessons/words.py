"""How people put it: the words of a text, as the course calls them, and what an entry is asked as.

It is long since these words stand here.
"""

import re
from functools import cache

# The course's word, and what else it is called. An underscore or a space in a name is the same.
SAME = """
units: hidden size, hidden dim, hidden dimension, num units, n hidden, n units, unit number,
    hidden units, hidden nodes, hidden neurons, neuron, nb units, h out
timestep: time step, step, time point, seq len, sequence length, seq length, input length, max len,
    maxlen, time dimension, time axis, bptt, lookback, look back
feature: input size, input dim, n features, num features, channel, variable, h in
batch: sample, batch size, minibatch, nb samples
layer: num layers, n layers, multilayer
direction: bidirectional, bilstm, birnn, bigru
backward: reverse, go backwards, backwards
target: label, y, y true, ground truth, category, tag, annotation
encoder: seq2seq, encoder decoder
autoencoder: vae, auto encoder
every: each, per
sequence: sentence
unpack: unpad, pad packed, pad packed sequence
slice: cut out
r: rstudio, reticulate
gpu: cuda, data parallel, multi gpu
pad: zero padded, pad sequences, fill up, filled up, post padded
axis: dimension, dim, ndim, rank, axes, 1d, 2d, 3d, 4d, 5d, 6d, 2 d, 3 d, 4 d
state: hidden state, cell state, hidden, hx, hn, h n, c n, hc
first state: initial state, initial hidden state, initial cell state, initial hidden,
    h 0, c 0, h0, c0
weight: parameter, param, kernel, weight ih, weight hh
dense: linear, fully connected, time distributed dense, nn linear
return sequences: every output, all outputs, sequence output
last: final
average: mean
picture: image, frame, video
number: count
manytoone: many to one
manytomany: many to many
onetomany: one to many
gradient: backprop, backpropagation, back propagation, backpropagate, backpropagated
normalisation: layer norm, layernorm, layer normalization, layer normalisation, batch norm,
    batchnorm, batch norm1d, batch normalization, batch normalisation
convlstm2d: convlstm, conv lstm, conv lstm2d
"""
# One timestep, and not one at a time: of a number nothing else is kept.
ALONE = re.compile(
    r"\b(?:one|1|single) time[ _-]?steps?\b(?! at a time)"
    r"|\btime[ _-]?steps?(?: ?=+ ?| of | is )(?:one|1)\b(?!\d)",
    re.IGNORECASE,
)
# Words that stand in any question.
COMMON = """
a an and any are as at be but by can could did do does for from get give given gives got had has
have how i if in into is it its just many me my no not of on one only or our out so than that the
their them then there these they this to too us use used using want wants was we what when where
which who why will with without would you your
"""
# In which words an entry of the appendix is asked for, beside those of its own question; so a
# heading is found that shares no word with what is typed. Those of one entry lie between bars.
ASKED_AS = """
What does units mean:
    what is the units parameter of an LSTM | hidden nodes, blocks, cells or neurons of a layer
    | how many units, number of hidden units | meaning of num_units, hidden_size explained
    | output shape (samples, 1) expected, got (samples, units)
    | why is the result (samples, units) without return_sequences | units equal to time steps
    | how many LSTM cells in a layer | expected features, got another size | units in Keras
    | difference between time steps and units, hidden_dim and hidden state
What does one unit read:
    how features are shared among units | is every feature connected to every unit
    | LSTM equations, gates by hand | inside one LSTM unit
    | activation and recurrent_activation, tanh and sigmoid
How many weights does an LSTM have:
    number of parameters of an LSTM, how calculated | count_params, parameter count, formula
    | param # in summary | why two biases
Which way round are the weights in PyTorch:
    shape of weight_ih_l0 and weight_hh_l0 | weight matrix transposed
    | order of the gates in the weights
    | input size of the second layer, weight_ih_l1
What does proj_size change:
    LSTM with projections, LSTMP | output smaller than hidden_size
What does return_sequences change:
    return_sequences True or False | when to use return_sequences | one output or every output
    | last unit is not the last timestep
    | trained with one label, predict at every time step, many to one and many to many
    | output is 3D instead of 2D, one value per sequence wanted
How do I take the last timestep:
    output[:, -1, :] meaning | get the last output of an LSTM | last hidden state of each sequence
    | last time step only
Why must the lower layer return sequences:
    stacked LSTM, several layers of LSTM, one on top of the other | add a second LSTM layer
    | stack LSTMs | different hidden sizes per layer | multiple LSTM layers | deep LSTM
    | expected ndim=3, found ndim=2. Full shape received: (None, units)
    | num_layers or separate layers, one by one
What comes back with return_state:
    return_state, return_sequences, difference between both | state_h and state_c
    | hidden state or cell state to go on with, which of them for a classifier
    | three outputs of an LSTM | output, hidden state, cell state
    | range of the output, between -1 and 1, bounded by tanh, larger values
Into how many names may I unpack:
    too many values to unpack, expected 2 | not enough values to unpack | output, (hidden, cell)
How do I get c of every timestep:
    all cell states | cell state at each time step
    | hidden state at every time step, all hidden states of a PyTorch LSTM
    | hidden states of a trained model, of an intermediate layer, of each layer
Does a GRU return the same:
    GRU output and state, GRU instead of LSTM | replace LSTM with GRU | LSTM vs GRU
    | difference between GRU and LSTM
What is the difference between a cell and a layer:
    LSTMCell vs LSTM, GRUCell vs GRU | RNN of cells | nn.LSTM and nn.LSTMCell | wrap a cell
Does a layer run a cell over time:
    loop over time steps | LSTMCell in a for loop | is an LSTM computed in parallel
    | unroll=True, unrolling | forward pass of an LSTM by hand, in NumPy
Why can nothing follow an LSTM in Sequential:
    nn.Sequential with LSTM and Linear | tuple into the next layer | extract tensor in Sequential
Which shape goes in and which comes out:
    LSTM input shape, RNN input shape, GRU input shape | LSTM output shape, output dimension
    | shape of input and output of an LSTM | which dimensions does an LSTM take and return
    | input_shape for an LSTM layer | batch size, batch_size of an LSTM
    | samples, time steps, features | what is the 3D input of an LSTM
    | understanding LSTM input and output | seq_len, batch, input_size
    | input and output sizes of nn.LSTM | time steps, sequence length of an LSTM
    | input size, input dimension of an RNN | an LSTM expects 3 dimensions | shape of the time steps
Does the shape include the batch:
    input_shape=X.shape, found ndim=4 | is batch size part of input_shape
    | input_shape without batch | batch_size in Input, None in the shape
    | dimensions are broken, asks for 3 dimensions whatever I give
How do I add the axis of features:
    univariate series, expand_dims, unsqueeze(-1) | reshape (n, 15) to (n, 15, 1)
    | 2D to 3D with one feature | one feature per step
    | timesteps=1, only one time step, a time step of 1
    | input shape (1, features) or (steps, 1)
Are my columns timesteps or features:
    time steps vs features | columns of a csv as features | swap time steps and features
    | difference between timesteps and features
    | tabular data, rows that are no sequence
How do I make sequences of a table:
    reshape data for LSTM, reshape my dataset, reshape input | dataframe, pandas, csv to LSTM input
    | 2D array to 3D array | create sequences, sliding window, windows from rows
    | prepare data for LSTM
    | cannot reshape array of size into shape (samples, time steps, features)
    | understand input data of an LSTM | split a long series into samples with time steps
    | one row of data, expected shape with three axes | convert time series to supervised samples
    | time series to LSTM input | look_back, lookback
    | irregular time intervals, unevenly spaced, missing time steps
Where do several series go:
    multiple time series, panel data, many shops, stores, stocks, sensors, users | parallel series
    | several entities in one model | group id
    | multiple ids, groupby
Can I leave the batch out:
    unbatched input of nn.RNN | input (seq, features) without a batch, unbatched
    | initial parameters of nn.RNN | input must have 3 dimensions, got 2 | batch of one
Do my vectors need an Embedding:
    Embedding before LSTM, one-hot encoded words | Embedding output has 4 dimensions
    | word vectors, word2vec, glove
    | expected ndim=3, found ndim=4. Full shape received: (1, words, vocabulary, size)
    | pretrained embeddings
What if a timestep has axes of its own:
    4D input to an LSTM | matrix at each time step | grid, graph, nodes at every step
    | input of more than 3 dimensions
How does nested text become sequences:
    hierarchical LSTM, documents of sentences | sentences of words of characters
How does a convolution feed an LSTM:
    CNN LSTM, CNN then LSTM, Conv2D before LSTM | video frames into LSTM | TimeDistributed(Conv2D)
    | Conv1D then LSTM, MaxPooling | reshape feature map for LSTM | images as sequence
What goes into ConvLSTM2D:
    ConvLSTM2D input shape, 5D input | ConvLSTM for video, precipitation
    | ConvLSTM, output shape of ConvLSTM
How are two inputs joined:
    static features and a time series in one model
    | metadata, numerical features, age beside a sequence
    | multiple inputs, two branches, merge, concatenate inputs | add non-sequential features
    | two LSTMs concatenated | auxiliary input
    | categorical features beside numbers
Which axis is the batch in PyTorch:
    batch_first True or False, what does batch_first do
    | batch dimension is wrong, in the wrong place
    | (seq_len, batch, features) or (batch, seq_len, features) | permute, transpose input
Why does batch_first not move the states:
    h_n shape with batch_first
    | documented output shape (seq_len, batch, num_directions * hidden_size)
    | hidden state has batch second
What does h_n hold:
    difference between output and hidden of a PyTorch LSTM | output vs h_n, hidden vs output
    | what are output and h_n | order of layers in h_n, num_layers | h_n[-1]
Where does the backward direction end:
    last hidden state of a bidirectional LSTM | BiLSTM output and hidden state mismatch, not equal
    | concatenate forward and backward hidden state | last output of a BiLSTM for classification
    | bidirectional for a forecast, does the future leak, is it cheating
What does a backward layer return:
    go_backwards=True output order | reversed sequence
How do I merge the directions by hand:
    merge_mode sum, concat | sum forward and backward outputs
    | split the directions of a BiLSTM output
Which states go into a bidirectional layer:
    initial_state of Bidirectional, four states | bidirectional encoder to decoder states
    | encoder bidirectional, decoder one direction
In which order come the states of a tower:
    states of stacked bidirectional RNN cells
How do I batch sequences of different lengths:
    variable length sequences, variable sequence length, varying time steps
    | sequences of unequal length, pad to the same length
    | different number of time steps per sample
    | list of arrays instead of one array, got array with shape (steps, 1)
    | masking, padding before LSTM | None as time steps
    | pad_sequences, padding pre or post, pad in front or behind, mask_value
    | sequence_length of dynamic_rnn in Keras, lengths as an argument
What does collate_fn have to do:
    DataLoader with variable length, stack expects each tensor to be equal size
What comes out at padded timesteps:
    masked outputs, output of masked steps | output at padding positions
How do I take the last real output:
    last non-padded output, last valid step | gather by lengths | output at the true length
Which layers lose the mask:
    does not support masking | mask propagation, Flatten, Conv1D with masking
Which lengths does packing take:
    lengths on the CPU | sort by length, enforce_sorted | length zero
Why is my sequence shorter after unpacking:
    pad_packed_sequence returns fewer steps, total_length | batch_first of pad_packed_sequence
What may follow a packed sequence:
    Linear, dropout, batch norm on a PackedSequence | attribute of PackedSequence
Start mark:
    start token, end token, sos, eos, bos, go symbol
Teacher forcing:
    decoder input is the target shifted by one, decoder_input_data and decoder_target_data
Packed sequence:
    batch_sizes of a packed sequence, what do the numbers mean | why pack padded sequences
Why do results differ with and without packing:
    packed vs padded outputs not equal
    | what is packing for, why pack sequences
How do I average over the real timesteps:
    mean pooling with mask, masked average | average pooling over an LSTM
    | max pooling over time, GlobalMaxPooling1D
How do I leave padding out of a softmax:
    masked softmax, attention on padding
How do I leave padding out of the loss:
    ignore_index, masked loss, sample_weight | ignore padding in the loss
    | padding counted in accuracy
    | accuracy and metrics with masking
    | sample_weight_mode temporal
Which shape must the first states have:
    Expected hidden size, got | initial hidden state shape, init_hidden | zeros h0 c0
    | h_0 with the batch first is rejected | is the first state zero, random or learned
    | initialize hidden state
    | set the initial state, give an initial_state, h0 has the wrong size
How do I carry states from batch to batch:
    repackage_hidden, detach hidden | hidden state between batches, reset hidden or keep it
    | truncated backpropagation through time, TBPTT, length of a piece
    | zero the hidden state each epoch
    | how far back do gradients go, how many steps are backpropagated
When do I need stateful:
    stateful vs stateless | stateful LSTM, when | shuffle with stateful
    | stateless: is the state reset after each batch
    | do samples of a batch share a state, state from sample to sample
    | does an LSTM remember the previous sample, the window before
What does stateful need:
    stateful batch size, batch_input_shape | batch size must be divisible | reset_states missing
How do I feed one timestep at a time:
    online, streaming, real time prediction step by step | different batch size for prediction
    | predict with batch size 1
    | keep the state between calls, between inferences, in production
    | exported model, ONNX, TFLite, is not stateful, loses its state, state as input and output
Do I need a label for every timestep:
    many to one, many to many | sequence labelling, sequence tagging, named entities, part of speech
    | classify every step, every character, each word, each frame | sequence classification
    | labels per sequence | one output per time step
    | TimeDistributed after return_sequences, wrong labels
Does Dense need TimeDistributed:
    TimeDistributed(Dense) vs Dense | is TimeDistributed necessary | Dense on 3D input
    | BatchNormalization, LayerNormalization after an LSTM | axis of batch norm, layer norm
May Flatten follow an LSTM:
    Flatten after LSTM, before Dense | flatten all hidden states
    | Linear after LSTM, LSTM output into a linear layer, fully connected layer
How can the output have another length:
    predict several steps ahead, multi-step forecast, horizon
    | output length differs from input length | 100 steps in, 5 steps out
    | next n days from the last m days | RepeatVector for a longer or shorter output
    | feed the prediction back, recursive forecast
    | one to many, sequence from one vector, image captioning, image features as initial state
    | predict the future, forecast beyond the data, unknown future values
How do I build an autoencoder:
    LSTM autoencoder, RepeatVector | reconstruct a sequence, anomaly | encoder decoder on one series
Which states start which decoder layer:
    multi-layer seq2seq, encoder states to decoder | decoder hidden size differs from the encoder
    | number of layers of encoder and decoder
How do I write step by step with attention:
    inference decoder with attention | graph disconnected
How do I put attention above an LSTM:
    attention layer after LSTM, BiLSTM with attention, self attention | weights of each time step
Which shape must the target have:
    shape of y, y_train, labels | output and target shapes do not match, different shapes
    | target for a single value per sequence | logits and labels must have the same shape
    | expected time_distributed_1 to have 3 dimensions, but got array with shape (samples, 1)
    | size of tensor a must match the size of tensor b in the loss | mean_squared_error dimensions
Which loss takes which target:
    categorical_crossentropy vs sparse_categorical_crossentropy | one-hot or integer labels
    | Shapes (None, 1) and (None, classes) are incompatible | binary_crossentropy, BCELoss, sigmoid
    | dense expected to have shape (1,) but got array with shape (classes,)
    | Target is out of bounds | which loss function, loss for classification
    | binary classification, last layer, sigmoid or softmax
What is inside CrossEntropyLoss:
    softmax before CrossEntropyLoss | Expected target size | from_logits | NLLLoss
    | cross entropy on 3D output, class dimension
Which target belongs to a window:
    target is shifted by one | timeseries_dataset_from_array targets | TimeseriesGenerator
    | number of windows and targets differ
    | shuffle windows, shuffle=True with a time series, does shuffling destroy the order
    | split into train and test, train_test_split, overlapping windows leak
How do I undo the scaling:
    inverse_transform, MinMaxScaler, StandardScaler | predictions back to real values
    | data leakage of a scaler, fit_transform before the split, look-ahead bias
    | normalize, normalization of the data, scale train and test
Why is my forecast a day late:
    prediction is shifted, lagged, delayed by a step | forecast copies the last value
    | plot shifted to the right
Why are my predictions all alike:
    predicts the same value, same class, constant output, mean | model does not learn
    | loss does not decrease | straight line
Why is the loss NaN:
    nan loss, inf, exploding gradient | loss becomes nan
Why is the validation loss better:
    val_loss lower than loss
Where does dropout act:
    dropout between layers, recurrent_dropout | dropout of nn.LSTM warning with num_layers=1
Why do two calls differ:
    different results every run, not reproducible | predict twice, eval mode
    | reproducible results, set the seed, random, deterministic
Why does a batch of one fail:
    squeeze removes the batch | last batch of size 1 fails | BatchNorm with one sample
Why do the frameworks differ:
    Keras vs PyTorch results differ | same model in PyTorch is worse | forget bias, unit_forget_bias
    | weight initialization, initialize the weights, orthogonal, xavier
How do I move weights between the frameworks:
    convert, port, load weights Keras to PyTorch | copy the gate order
What changed from Keras 2 to Keras 3:
    upgrade, old version, old code | Unrecognized keyword arguments | load an old h5 model
How do I export it for any batch:
    ONNX export, TFLite, TorchScript | dynamic axes
Does mixed precision change a shape:
    float16, half precision, autocast
How do I do this in R:
    R keras, layer_lstm
"""


@cache
def asked_as() -> dict[str, tuple[str, ...]]:
    """Return in which words each entry is asked for, by its title."""
    rows = [block.partition(":") for block in re.split(r"\n(?! )", ASKED_AS.strip())]
    return {
        title: tuple(" ".join(one.split()) for one in said.split("|")) for title, _, said in rows
    }


def tokens(text: str) -> list[str]:
    """Return the words of a text, each as the course calls it and without its ending.

    Of a name such as return_sequences or LSTMCell also its parts.
    """
    whole = names(text)
    text = re.sub(r"\[[^\]\n]{0,20}-1[^\]\n]{0,20}\]", " last ", text)
    text = re.sub(r"\b(?:(expected|found) )?ndim ?= ?(\d)", r" axis \1axes\2 ", text)
    text = ALONE.sub(" single timestep ", text)
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_-]+", " ", text).lower()
    said = _called().sub(lambda one: _same()[one[1]], apart)
    words = re.findall(r"[a-z]\w+|[hcrx]", said)
    common = _common()
    return [*whole, *(_stem(word) for word in words if word not in common)]


def names(text: str) -> list[str]:
    """Return the names in a text that have parts, as return_sequences and LSTMCell, each whole."""
    whole = re.findall(r"[A-Za-z]\w*", text)
    return [one.replace("_", "").lower() for one in whole if re.search(r"_|.[A-Z].*[a-z]", one)]


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.split())


@cache
def _same() -> dict[str, str]:
    """Return the course's word for each other one."""
    rows = [line.split(":") for line in SAME.strip().replace(",\n", ",").splitlines()]
    return {one.strip(): row[0] for row in rows for one in row[1].split(",")}


@cache
def _called() -> re.Pattern:
    longest_first = sorted(_same(), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(longest_first)})s?\b")


def _stem(word):
    """Return a word without its ending: steps, stepped and stepping are step."""
    for ending, longest in (("ies", 3), ("ing", 4), ("ed", 4), ("es", 4), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= longest and word[-2:] != "ss":
            word = word[: -len(ending)]
            break
    word = word[:-1] if word[-1:] == word[-2:-1] and word[-1] in "bdgmnprt" else word
    return word[:-1] if len(word) > 4 and word[-1] in "ey" else word
