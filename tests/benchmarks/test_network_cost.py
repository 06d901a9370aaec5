"""The candidates of the study of networks: each has a name, the outputs released, another cost."""

from benchmarks.network_cost import candidates


def test_every_candidate_has_a_name_of_its_own_and_the_released_outputs() -> None:
    found = list(candidates())
    assert len(dict(found)) == len({config for _, config in found}) == len(found) >= 20
    assert {config.further_outputs for _, config in found} == {
        ("presence", "expression", "visibility")
    }
