"""Roll the decisions on the parts of a generation up into shares that add up to exactly one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from provenance.attribution.decision import Match, PartDecision
from provenance.kernel.parts import WHOLE_PPB, split_exactly, to_ppm


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The decided share of a generation for one work: parts per billion, confidence in millionths.

    ``matches`` pairs each match with the number of the part (from 0) that it lies in.
    """

    work: str
    share_ppb: int
    confidence_ppm: int
    matches: tuple[tuple[int, Match], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationShares:
    """Shares of all works, by work id, and of nobody; together exactly `WHOLE_PPB`."""

    attributions: tuple[Attribution, ...]
    unattributed_ppb: int

    def __post_init__(self) -> None:
        total = sum(a.share_ppb for a in self.attributions) + self.unattributed_ppb
        assert total == WHOLE_PPB, f"shares add up to {total}"


def roll_up(decisions: Sequence[PartDecision]) -> GenerationShares:
    """Weigh each part by its characters.

    A work found in several parts has the highest of their confidences: each is a reason to believe that it was used.
    """
    chars: dict[str, int] = defaultdict(int)
    confidence: dict[str, float] = defaultdict(float)
    matches: dict[str, list[tuple[int, Match]]] = defaultdict(list)
    for number, decision in enumerate(decisions):
        for finding in decision.findings:
            chars[finding.work] += finding.chars
            confidence[finding.work] = max(confidence[finding.work], finding.confidence)
            matches[finding.work] += [(number, match) for match in finding.matches]
    works = sorted(chars)
    nobody = sum(d.chars for d in decisions) - sum(chars.values())
    if not works and not nobody:
        return GenerationShares(attributions=(), unattributed_ppb=WHOLE_PPB)
    *shares, unattributed = split_exactly(WHOLE_PPB, [*(chars[w] for w in works), nobody])
    return GenerationShares(
        attributions=tuple(
            Attribution(
                work=work,
                share_ppb=share,
                confidence_ppm=to_ppm(confidence[work]),
                matches=tuple(matches[work]),
            )
            for work, share in zip(works, shares, strict=True)
        ),
        unattributed_ppb=unattributed,
    )
