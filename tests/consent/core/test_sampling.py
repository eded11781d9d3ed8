"""A draw is fair, and can be repeated from its seed."""

from collections import Counter
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from consent.core.sampling import draw

LIST = [f"recipient {number}".encode() for number in range(200)]
digests = st.lists(st.binary(min_size=16, max_size=16), max_size=60)


@given(digests, st.integers(0, 40), st.binary(min_size=1, max_size=16), st.randoms(use_true_random=False))
def test_the_order_of_the_list_changes_nothing(recipients, size, seed, chance):
    shuffled = list(recipients)
    chance.shuffle(shuffled)
    drawn = draw(recipients, size, seed)
    assert draw(shuffled, size, seed) == drawn
    assert len(drawn) == len(set(drawn)) == min(size, len(set(recipients)))


@given(digests, st.binary(min_size=16, max_size=16), st.integers(1, 40))
def test_who_joins_the_list_moves_nobody_else(recipients, newcomer, size):
    others = [one for one in recipients if one != newcomer]
    before, after = draw(others, size, b"seed"), draw([*others, newcomer], size, b"seed")
    assert [one for one in after if one != newcomer] == before[: len(after) - (newcomer in after)]


def test_another_seed_draws_others():
    assert draw(LIST, 10, b"one") != draw(LIST, 10, b"two")


def test_everybody_is_drawn_about_as_often_as_the_others():
    times = Counter(
        one for number in range(2000) for one in draw(LIST, 10, sha256(bytes([number % 251, number // 251])).digest())
    )
    assert set(times) == set(LIST)
    assert 50 < min(times.values()) <= max(times.values()) < 160  # 100 on average, ten its standard deviation
