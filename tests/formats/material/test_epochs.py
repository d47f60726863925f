"""Times of devices, to the microsecond."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palermo.formats.material.epochs import (
    APPLE_NANOS,
    APPLE_SECONDS,
    EARLIEST,
    LATEST,
    UNIX_MICROS,
    UNIX_MILLIS,
    UNIX_SECONDS,
    WEBKIT_MICROS,
    Epoch,
    apple,
    chromium,
    moment,
)

UTC = dt.UTC
DAY = dt.datetime(2015, 11, 22, 18, 9, 46, tzinfo=UTC)
EPOCHS = {
    UNIX_SECONDS: (1_448_215_786, dt.datetime(1970, 1, 1, tzinfo=UTC)),
    UNIX_MILLIS: (1_448_215_786_000, dt.datetime(1970, 1, 1, tzinfo=UTC)),
    UNIX_MICROS: (1_448_215_786_000_000, dt.datetime(1970, 1, 1, tzinfo=UTC)),
    APPLE_SECONDS: (469_908_586, dt.datetime(2001, 1, 1, tzinfo=UTC)),
    APPLE_NANOS: (469_908_586_000_000_000, dt.datetime(2001, 1, 1, tzinfo=UTC)),
    WEBKIT_MICROS: (13_092_689_386_000_000, dt.datetime(1601, 1, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize("epoch", EPOCHS)
def test_one_moment_in_every_count(epoch: Epoch) -> None:
    value, start = EPOCHS[epoch]
    assert moment(value, epoch) == (DAY, None)
    assert moment(str(value), epoch) == (DAY, None)
    assert dt.datetime(1970, 1, 1, tzinfo=UTC) + dt.timedelta(microseconds=epoch.start) == start


@given(st.datetimes(EARLIEST.replace(tzinfo=None), dt.datetime(2099, 12, 31)))  # noqa: DTZ001
def test_no_microsecond_is_lost(clock: dt.datetime) -> None:
    at = clock.replace(tzinfo=UTC)
    since = {
        epoch: (at - start) // dt.timedelta(microseconds=1) for epoch, (_, start) in EPOCHS.items()
    }
    assert moment(since[UNIX_MICROS], UNIX_MICROS).at == at
    assert moment(since[WEBKIT_MICROS], WEBKIT_MICROS).at == at
    assert moment(since[APPLE_NANOS] * 1_000, APPLE_NANOS).at == at
    seconds, micros = divmod(since[UNIX_MICROS], 1_000_000)
    assert moment(f"{seconds}.{micros:06d}", UNIX_SECONDS).at == at
    # A float of seconds has 53 bits: good for a microsecond around our time, and not falsified.
    assert moment(since[APPLE_SECONDS] / 1_000_000, APPLE_SECONDS).at == at


@pytest.mark.parametrize("value", [0, 0.0, "0", "0.0", -0.0])
def test_zero_is_no_time(value: object) -> None:
    assert moment(value, APPLE_SECONDS) == (None, "time not set (0)")


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_nothing(value: object) -> None:
    assert moment(value, UNIX_SECONDS) == (None, None)


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        b"1448215786",
        float("inf"),
        float("nan"),
        "1/2",
        "1_000",
        "9" * 21,
        "1e",
        "1e999999999",
        "1.5.5",
        "٣",
    ],
)
def test_what_is_no_number(value: object) -> None:
    assert moment(value, UNIX_SECONDS) == (None, "the time is no number")


@pytest.mark.parametrize("value", [-1, 1, 2**62, -(2**62), 1e300, 4_102_444_800, 631_151_999])
def test_absurd_times(value: object) -> None:
    at, note = moment(value, UNIX_SECONDS)
    assert at is None
    assert note is not None
    assert note.startswith("time outside 1990 to 2099: ")


def test_the_edges_of_what_is_plausible() -> None:
    assert moment(631_152_000, UNIX_SECONDS).at == EARLIEST
    assert moment("4102444799.999999", UNIX_SECONDS).at == LATEST - dt.timedelta(microseconds=1)


def test_apple_seconds_and_nanoseconds() -> None:
    assert apple(469_908_586).at == apple(469_908_586_000_000_000).at == DAY
    assert apple(0) == (None, "time not set (0)")
    assert apple("x").at is None


def test_chromium_downloads_old_and_new() -> None:
    assert chromium(1_448_215_786).at == chromium(13_092_689_386_000_000).at == DAY


@given(st.one_of(st.integers(), st.floats(), st.text(), st.binary(), st.none()))
def test_never_raises(value: object) -> None:
    for read in (apple, chromium):
        at, note = read(value)
        assert at is None or (at.tzinfo is UTC and EARLIEST <= at < LATEST and note is None)
