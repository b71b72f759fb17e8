"""K-grams that stand in many places: which of these are named."""

from collections.abc import Mapping, Sequence

import numpy as np

from provenance.fingerprints.crowded import FURTHER_MAX, Look, sharing_places
from provenance.fingerprints.exact import PLACES_MAX, Hashes

LATE = 10_000


def over(places: Mapping[int, Sequence[int]]) -> Look:
    """Looks them up in a table."""

    def look(hashes: Hashes, places_max: int) -> list[list[int]]:
        return [list(places.get(int(h), ()))[:places_max] for h in hashes]

    return look


def hashes(*values: int) -> Hashes:
    return np.array(values, np.uint64)


def test_a_run_in_one_late_place_is_found_though_each_of_its_kgrams_stands_in_many_earlier_ones() -> None:
    places = {n: [*range(100 * n, 100 * n + 80), LATE] for n in (1, 2, 3)}
    for first, found in zip((100, 200, 300), sharing_places(hashes(1, 2, 3), over(places)), strict=True):
        assert found == [*range(first, first + PLACES_MAX), LATE]


def test_a_rare_kgram_leads_to_the_place_of_a_crowded_one() -> None:
    places = {1: [LATE], 2: [*range(80), LATE]}
    assert sharing_places(hashes(1, 2), over(places)) == [[LATE], [*range(PLACES_MAX), LATE]]


def test_the_same_kgram_twice_in_a_text_leads_nowhere_else() -> None:
    assert sharing_places(hashes(2, 2), over({2: [*range(80), LATE]})) == [[*range(PLACES_MAX)]] * 2


def test_of_further_places_the_first_are_named_so_that_later_ones_push_none_out() -> None:
    everywhere = {1: range(1_000), 2: range(1_000)}
    first = [*range(PLACES_MAX + FURTHER_MAX)]
    assert sharing_places(hashes(1, 2), over(everywhere)) == [first, first]


def test_what_stands_in_few_places_is_named_as_it_is() -> None:
    places = {1: [3, 5], 2: [5]}
    assert sharing_places(hashes(1, 2, 9), over(places)) == [[3, 5], [5], []]
    assert sharing_places(hashes(), over(places)) == []
