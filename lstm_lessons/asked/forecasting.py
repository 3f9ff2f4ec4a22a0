"""The questions and tasks of lesson 11: windows, scaling, forecasts. Each function returns one."""

from functools import partial

from ..asking.checking import Task
from ..asking.questions import Seen, question, seen_alike
from ..data import prices, windows
from ..late import np
from ..spec import Spec
from ..weights import inputs
from ._chains import through


def cut(days=250, timesteps=10, ahead=5, features=3):
    """Return the question which shapes come of cutting a table of days into windows."""
    samples = days - timesteps - ahead + 1

    def shaped(count):
        return (count, timesteps, features), (count, ahead)

    overlap = "How many days after a window does the next one begin?"
    beyond = "Which days would the last of these windows have to forecast?"
    small = (
        f"Try it on a table of {timesteps + ahead} days: is there one window, or none? And on "
        f"one of {timesteps + ahead + 1} days?"
    )
    last = "Slide the window on until what it forecasts ends with the table. Where is it then?"
    first = "How many features are forecast, and does `y` need an axis for that?"
    each = "What is asked of a window: a number for each day ahead, or one for all of them?"
    x = (samples, timesteps, features)

    hint = "This is one window and what follows it. How many does `windows` hand back?"
    which = "Which days may a forecaster see when it forecasts?"

    return question(
        text=f"A table of {days} days with {features} features is cut into windows of {timesteps} "
        f"days, to forecast {ahead} days of the first feature: `x, y = windows(table, "
        f"timesteps={timesteps}, ahead={ahead})`. What are the shapes of `x` and `y`?",
        run=lambda: _shapes(windows(np.zeros((days, features)), timesteps, ahead)),
        table_as_batch=[
            (shaped(days), "a window for every day", last),
            (shaped(days // timesteps), "windows laid end to end", overlap),
            (shaped(days // (timesteps + ahead)), "windows laid end to end", overlap),
            (shaped(days // ahead), "a window for each stretch of days to forecast", overlap),
            (((samples, timesteps + ahead, features), (samples, ahead)), "both in x", which),
            (((days, features), (days,)), "the table as it is", hint),
            (shaped(days - timesteps + 1), "windows up to the last day of the table", beyond),
            (shaped(days - timesteps), "windows nearly up to the last day of the table", beyond),
            (shaped(days - ahead), "a window for every day that has days to forecast", last),
            (shaped(samples - 1), "one window fewer than there is", small),
            (shaped(samples + 1), "one window more than there is", small),
        ],
        time_axis_in_head=[
            ((x, (samples, ahead, features)), "all features to be forecast", first),
            ((x, (samples, ahead, 1)), "an axis for the one feature that is forecast", first),
            ((x, (samples, 1)), "one number for all the days ahead", each),
            ((x, (samples,)), "one number for all the days ahead", each),
        ],
        batch_in_shape=[(((timesteps, features), (ahead,)), "no axis for the windows", hint)],
        sizes=(("timesteps", timesteps), ("features", features)),
        clause=f"{days} − {timesteps} − {ahead} + 1 windows fit into the table",
    )


def five_days():
    """Return the question which shape a forecaster of five days returns."""

    hint = "A dense layer makes numbers side by side of one vector. Which vector does it get?"
    every = "five numbers after every timestep", "Which h does `LSTM(8)` hand to the dense layer?"
    return question(
        text="A forecaster of the next five days: `keras.Input((10, 3))`, then `LSTM(8)`, then "
        "`Dense(5)`. What is `output_shape`? Write the batch as Keras does, `None`.",
        **through((10, 3), lambda layers: [layers.LSTM(8), layers.Dense(5)]),
        sequence_by_default=[
            (((None, 10, 5),), *every),
            (((None, 10, 8),), "every h of the LSTM", every[1]),
            (((None, 10, 1),), "one number after every timestep", every[1]),
        ],
        time_axis_in_head=[
            (((None, 15, 3),), "the days that were read, and five more", hint),
            (((None, 5, 1),), "five timesteps of one number", hint),
            (((None, 5, 3),), "every feature of the five days", hint),
            (((None, 1),), "one number for five days", "How many numbers does `Dense(5)` make?"),
        ],
        units_as_steps=[(((None, 8, 5),), "five numbers for each unit")],
        batch_in_shape=[
            (((5,),), "no axis for the windows"),
            (((10, 5),), "the first number of `keras.Input` to be the batch"),
        ],
        sizes=(("batch", None), ("timesteps", 10), ("features", 3), ("units", 8)),
        clause="one h for each window reaches the dense layer, and it makes 5 numbers of each",
    )


def scaled_before_split():
    """Return the question whether scaling the whole series lets the test part into the training."""

    def same():
        _, dollars = prices()
        series = dollars[~np.isnan(dollars)][-1000:]
        other = np.append(series[:800], 2 * series[800:])
        parts = ((one[:800] - one.mean()) / one.std() for one in (series, other))
        return seen_alike("the two training parts", *parts)

    return question(
        text="A whole series is scaled: its own mean is taken off, and it is divided by its own "
        "standard deviation. Then the last fifth of the days is put aside for testing. True or "
        "False: had the prices of those last days been twice as high, the training part would be "
        "the same numbers.",
        run=same,
        test_days_leak=[(True, "the training part to be scaled by its own days alone")],
        clause="the mean and the deviation of the whole series know the last days",
    )


def naive_looks():
    """Return the question how near the naive forecast comes to the price, seen as a correlation."""

    def near():
        dates, dollars = prices()
        price = dollars[~np.isnan(dollars) & (dates >= np.datetime64("2017"))]
        correlation = np.corrcoef(price[:-1], price[1:])[0, 1]
        return Seen(bool(correlation > 0.98), f"the correlation is {correlation:.3f}")

    far = "a forecast that only repeats today's price to follow what comes less closely than that"
    return question(
        text="The naive forecast says that tomorrow costs what today costs. True or False: over "
        "the two years of the test part, its correlation with the price that comes is above 0.98.",
        run=near,
        hint="How far does the price go from one day to the next, and how far in two years?",
        naive_is_weak=[(False, far)],
        clause="from one day to the next the price goes a short way, in two years a long one",
    )


def beats_naive(forecaster, naive):
    """Return the question whether a forecaster's error on the test part is below the naive one.

    forecaster, naive: the two mean absolute errors, in dollars.
    """
    pattern = "ten days of prices to tell more of the next one than the last day does"
    found = "ten days of prices told nothing of where the next one goes"
    return question(
        text="Here is the comparison: one day ahead, on the test part, in dollars. True or False: "
        "the forecaster's mean absolute error is below that of the naive forecast.",
        run=lambda: Seen(
            bool(forecaster < naive),
            f"the forecaster is {forecaster:.2f} dollars off, the naive forecast {naive:.2f}",
        ),
        hint="Whoever could see in ten days of prices where the next one goes would buy or sell "
        "today. What would that do to today's price?",
        naive_is_weak=[(True, pattern)],
        clause="" if forecaster < naive else found,
    )


def beats_mean(network, mean):
    """Return the question whether a network's error on sizes is below that of their mean.

    network, mean: the two mean squared errors, that of the naive forecast = 1.
    """
    lost = "a network to come nearer than one number that is said for every day"
    won = "one number that is said for every day to come nearer than a network"
    wins = network < mean
    found = "the mean does not jump with the size of one day, and it is what the network came near"
    return question(
        text="The size of the move, one day ahead, on the test part. True or False: the network's "
        "mean squared error is below that of the training part's mean, said for every day.",
        run=lambda: Seen(
            bool(network < mean), f"the network's is {network:.3f}, the mean's {mean:.3f}"
        ),
        hint="The naive forecast repeats the size of one day, whatever happened on it. How far off "
        "is it on the day after a wild one, and how far off is a number in the middle?",
        naive_is_weak=[(False, won) if wins else (True, lost)],
        clause="" if wins else found,
    )


def windowing():
    """Return the task to cut a series into windows."""

    def overlapping(series, timesteps, ahead):
        x, y = windows(series, timesteps, ahead)
        return x, np.concatenate([x[:, -1:, 0], y[:, :-1]], axis=1)

    def features_first(series, timesteps, ahead):
        x, y = windows(series, timesteps, ahead)
        return x.swapaxes(1, 2), y

    def every_feature(series, timesteps, ahead):
        x, y = windows(series, timesteps, ahead)
        return x, np.stack([series[timesteps + first :][:ahead] for first in range(len(y))])

    def end_to_end(series, timesteps, ahead):
        return tuple(part[::timesteps] for part in windows(series, timesteps, ahead))

    def one_fewer(series, timesteps, ahead):
        return windows(series[:-1], timesteps, ahead)

    def too_many(made, more, series, timesteps, ahead):
        """Raise what NumPy says of days to forecast that end before there are enough."""
        starts = range(timesteps, len(series) + more)
        made([series[start : start + ahead, 0] for start in starts])

    def part_of(of_x, of_y):
        def part(series, timesteps, ahead):
            x, y = windows(series, timesteps, ahead)
            return of_x(x), of_y(y)

        return part

    def whole(array):
        return array

    forgotten = (
        "`ahead` was forgotten where the windows end: behind the last ones too few days follow. "
        "How many windows have `ahead` days behind them?"
    )

    return Task(
        right=windows,
        inputs=tuple(
            (_table(days, features), timesteps, ahead)
            for days, features, timesteps, ahead in ((12, 3, 5, 2), (20, 6, 7, 3), (9, 3, 5, 1))
        ),
        wrong=(
            (
                overlapping,
                "what follows a window began with the window's own last day: a leak. The first "
                "window is `series[:timesteps]`. Which day comes next?",
            ),
            (
                features_first,
                "the axes of x were (samples, features, timesteps). `sliding_window_view` puts the "
                "window last; `swapaxes` moves it.",
            ),
            (every_feature, "y had every feature. Only the first one, `[:, 0]`, is forecast."),
            (end_to_end, "the windows were laid end to end. The next one begins a day later."),
            (one_fewer, "the last window was left out. Its last day to forecast ends the series."),
            *((partial(too_many, np.array, more), forgotten) for more in (0, 1)),
            (partial(too_many, np.stack, 1), forgotten),
            (
                part_of(lambda x: x[:, :, 0], whole),
                "x had the first feature alone. A window has every feature; `[:, 0]` is for y.",
            ),
            *(
                (part_of(whole, of_y), "y had only the last day. All `ahead` days are forecast.")
                for of_y in (lambda y: y[:, -1], lambda y: y[:, -1:])
            ),
            *(
                (part_of(whole, of_y), "y had only the first day. All `ahead` days are forecast.")
                for of_y in (lambda y: y[:, 0], lambda y: y[:, :1])
            ),
            (lambda *given: windows(*given)[0], "x came back alone. Return both, x and y."),
            (lambda *given: windows(*given)[::-1], "y came first. Return x, then y."),
        ),
        axes=dict(
            series=("days", "features"),
            returned=(("samples", "timesteps", "features"), ("samples", "days")),
        ),
        hints=(
            "Say the first window is `series[0:timesteps]`. Which slice is what follows it, "
            "`ahead` days long? And both for a window that begins at `start`?",
            "`start` goes from 0 as long as `start + timesteps + ahead` is no more than "
            "`len(series)`. `np.array([… for start in range(…)])` makes one array of the slices.",
        ),
    )


def scaling():
    """Return the task to scale a series by the mean and standard deviation of its first days."""

    def scaled(series, part, axis=0, ddof=0):
        return (series - part.mean(axis)) / part.std(axis, ddof=ddof)

    def right(series, days):
        return scaled(series, series[:days])

    return Task(
        right=right,
        inputs=((_table(12, 3), 8), (_table(20, 6), 5)),
        wrong=(
            (
                lambda series, days: scaled(series, series),
                "mean and standard deviation were those of all days. The days after the first "
                "`days` leak into the training.",
            ),
            (
                lambda series, days: scaled(series, series[:days], axis=None),
                "all features had one mean and one standard deviation. Each has its own: `axis=0`.",
            ),
            (
                lambda series, days: scaled(series, series[days:]),
                "they were taken from the days after the first `days`.",
            ),
            (
                lambda series, days: right(series, days)[:days],
                "the first days were returned alone. All days are scaled, by what the first ones "
                "say.",
            ),
            (
                lambda series, days: scaled(series, series[:days], ddof=1),
                "`ddof=1` was set. Leave NumPy's default.",
            ),
            (
                lambda series, days: series - series[:days].mean(axis=0),
                "the mean was taken off, and nothing was divided.",
            ),
            (
                lambda series, days: (
                    (series - series[:days].min(axis=0)) / np.ptp(series[:days], axis=0)
                ),
                "the smallest became 0 and the largest 1. Here the mean becomes 0 and the standard "
                "deviation 1.",
            ),
            (
                lambda series, days: (series - series.min(axis=0)) / np.ptp(series, axis=0),
                "the smallest became 0 and the largest 1, of all days. Take the mean and the "
                "standard deviation, of the first `days`.",
            ),
            (
                lambda series, days: np.concatenate(
                    [scaled(part, part) for part in (series[:days], series[days:])]
                ),
                "each part was scaled by itself. The days after the first `days` are scaled by "
                "what the first ones say, too.",
            ),
            (
                lambda series, days: (
                    (series - series[:days].mean(axis=0)) / series[:days].var(axis=0)
                ),
                "it was divided by the variance. Its root, the standard deviation, is wanted.",
            ),
            (
                lambda series, days: series / series[:days].std(axis=0),
                "it was divided, and the mean was not taken off.",
            ),
        ),
        axes=dict(series=("days", "features"), returned=(("days", "features"),)),
        hints=(
            "Two numbers for each feature: `series[:days].mean(axis=0)`, and what else? Which days "
            "may have a say in them?",
            "Take the mean off all of `series`, then divide all of it by the standard deviation, "
            "`series[:days].std(axis=0)`.",
        ),
    )


def naive():
    """Return the task to measure the naive forecast, some days ahead."""
    price = 50 + _table(30, 3)[:, 0]

    def error(price, ahead):
        return abs(price[ahead:] - price[:-ahead]).mean()

    def around(price, ahead):
        return abs(price - np.roll(price, ahead)).mean()

    return Task(
        right=error,
        inputs=((price, 5), (price[:20], 1), (price, 3)),
        wrong=(
            (
                around,
                "the first days were compared with the last ones. `np.roll` goes round; "
                "a slice does not.",
            ),
            (
                lambda price, ahead: (price[ahead:] - price[:-ahead]).mean(),
                "rises and falls had cancelled. Take `abs` before the mean.",
            ),
            (
                lambda price, ahead: error(price, 1),
                "it was always one day ahead. How far back does the forecast for `ahead` days "
                "look?",
            ),
            (
                lambda price, ahead: ((price[ahead:] - price[:-ahead]) ** 2).mean(),
                "the errors were squared. Here the mean absolute error is wanted.",
            ),
            (
                lambda price, ahead: abs(price[ahead:] - price[:-ahead]),
                "there was an error for each day. Their mean is wanted.",
            ),
            (
                lambda price, ahead: ((price[ahead:] - price[:-ahead]) ** 2).mean() ** 0.5,
                "it was the root of the squared errors. Here the mean absolute error is wanted.",
            ),
            (
                lambda price, ahead: abs(price[ahead:] - price[:-ahead]).sum(),
                "the errors were added up. Their mean is wanted.",
            ),
            (
                lambda price, ahead: abs(price[ahead:] - price[:-ahead]).sum() / len(price),
                "it was divided by the number of all days. There are fewer errors than days.",
            ),
            (
                lambda price, ahead: np.median(abs(price[ahead:] - price[:-ahead])),
                "it was the median. Here the mean is wanted.",
            ),
            (
                lambda price, ahead: abs(price - price.mean()).mean(),
                "the forecast was the mean of all days. The naive one is the price `ahead` days "
                "before.",
            ),
        ),
        axes=dict(price=("days",)),
        hints=(
            "The forecast for a day is the price `ahead` days before. Which slice of `price` has "
            "the days that there is a forecast for, and which one has the forecasts?",
            "The days are `price[ahead:]`, the forecasts `price[:-ahead]`. What becomes of their "
            "differences?",
        ),
    )


def _table(days, features):
    """Return a series without a pattern, (days, features)."""
    return inputs(Spec(batch=1, timesteps=days, features=features))[0].astype(float)


def _shapes(arrays):
    return tuple(array.shape for array in arrays)
