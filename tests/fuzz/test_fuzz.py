"""Every reader takes mutilated input to its end: a short run of a fixed seed. `make fuzz` is the long one."""

import random
import zlib

import pytest

from tests.fuzz.mutations import damaged
from tests.fuzz.targets import TARGETS

ROUNDS = 500


@pytest.mark.parametrize("name", TARGETS)
def test_no_damage_shocks_a_reader(name):
    target = TARGETS[name]
    seeds = target.seeds()
    chance = random.Random(zlib.crc32(name.encode()))
    for seed in seeds:
        target.run(seed)
    for _ in range(ROUNDS):
        target.run(damaged(chance.choice(seeds), chance, is_mail=target.is_mail, other=chance.choice(seeds)))
