"""How much each way of farming payouts gains, on labelled outputs: python -m benchmarks.gaming [--json] [--limit N].

Honest works are registered first, then an attacker's. A payout is the sum of a work's shares over the outputs.

- ``gaming_copies``: what a source and its 100 near copies are paid together, less what it is paid alone, as a part of
  that; with the part that the original keeps (``_original_kept``) and what all other works lose of theirs
  (``_others_lost``).
- ``gaming_boilerplate`` and ``gaming_hub``: what 100 works of stock phrases, or of every domain's commonest sentences
  and keywords, are paid together, in payouts of one honest work: the mean over the sample's true sources. ``_part`` is
  the same as a part of all that is paid.
- ``gaming_paraphrases``: as for copies, where other generators' rewritings of the same sources are registered.
- ``gaming_late``: what copies, boilerplate and hubs are paid if they were registered after the outputs, and ``_moved``
  the shares that others have then and don't have where the works don't exist: exactly 0.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from benchmarks import gaming_works as attacks
from benchmarks.shared import arguments, missing, read_lines, show
from provenance.attribution.shares import roll_up
from provenance.attribution.timely import Registered
from provenance.bootstrap import System
from provenance.services.attribute import Attributor
from provenance.services.labelled import LabelledOutput, LabelledSource, parse_output, parse_source
from provenance.services.memory_index import IndexedText, MemoryIndex, indexed_text
from provenance.services.train import Remembering

SEED = 0
OUTPUTS = 120
COPIED_SOURCES = 10
PARAPHRASED_OUTPUTS = 40

Payouts = Counter[str]


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    args = arguments(__doc__, argv)
    bench = args.data / "bench" / "attribution" / "dev"
    if missing(bench):
        return
    sources = [parse_source(x) for x in read_lines(bench / "sources.jsonl.gz")]
    outputs = [parse_output(x) for x in read_lines(bench / "outputs.jsonl.gz")]
    figures = Gaming(System(), sources, outputs, sample=args.limit or OUTPUTS).figures()
    if args.json:
        print(json.dumps(figures))
    else:
        show(f"{args.limit or OUTPUTS} outputs", ["gain"], {name: [value] for name, value in figures.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The honest works, and the attribution of outputs against them and whatever was registered after them."""

    system: System
    encoder: Remembering
    honest: Sequence[IndexedText]

    def encoded(self, works: Sequence[LabelledSource]) -> list[IndexedText]:
        """Works as an index holds them."""
        return [indexed_text(w.source_id, w.text, self.encoder, self.system.rarity) for w in works]

    def payouts(
        self, outputs: Sequence[LabelledOutput], later: Sequence[IndexedText] = (), *, as_of_outputs: bool = False
    ) -> Payouts:
        """Shares by work, summed over the outputs, in parts per billion; the outputs are older than ``later`` or newer.

        A share is what `Attributor` decides with the calibration of the installation.
        """
        index = MemoryIndex([*self.honest, *later], self.encoder.identity.name)
        attributor = Attributor(self.encoder, index, self.system.rarity, self.system.calibration)
        too_late = {work.work: () for work in later} if as_of_outputs else {}
        paid: Counter[str] = Counter()
        for output in outputs:
            # Works that came later as a whole have no earlier revision whose text could be asked for.
            timely = attributor.as_of(Registered(later=too_late, text=str))
            for attribution in roll_up([timely.attribute(output.text)]).attributions:
                paid[attribution.work] += attribution.share_ppb
        return paid


class Gaming:
    """All attacks on one sample of outputs."""

    def __init__(
        self, system: System, sources: Sequence[LabelledSource], outputs: Sequence[LabelledOutput], *, sample: int
    ) -> None:
        self._sources, self._outputs = sources, outputs
        self._sample = sorted(outputs, key=lambda o: _digest(o.output_id))[:sample]
        self._true = sorted({work for o in self._sample for work in o.labels}, key=_digest)
        encoder = Remembering(system.encoder)
        self._registry = Registry(system=system, encoder=encoder, honest=())
        self._registry = Registry(system=system, encoder=encoder, honest=self._registry.encoded(sources))
        self._rng = np.random.default_rng(SEED)

    def figures(self) -> dict[str, float]:
        """Every figure by its name."""
        fair = self._registry.payouts(self._sample)
        copies, boilerplate, hubs = map(self._registry.encoded, (self._copies(), self._boilerplate(), self._hubs()))
        return {
            **self._copied(copies),
            **self._farmed("gaming_boilerplate", fair, boilerplate),
            **self._farmed("gaming_hub", fair, hubs),
            **self._paraphrased(),
            **self._late(fair, [*copies, *boilerplate, *hubs]),
        }

    def _copies(self) -> list[LabelledSource]:
        copied = set(self._true[:COPIED_SOURCES])
        return list(attacks.copies([s for s in self._sources if s.source_id in copied], self._rng))

    def _boilerplate(self) -> list[LabelledSource]:
        return list(attacks.boilerplate(self._past(), self._rng))

    def _hubs(self) -> list[LabelledSource]:
        return list(attacks.hubs(self._sources, self._central(), self._registry.system.rarity, self._rng))

    def _copied(self, copies: Sequence[IndexedText]) -> dict[str, float]:
        """Measured on all outputs of the copied sources: in the sample, each has about one."""
        copied = set(self._true[:COPIED_SOURCES])
        outputs = [o for o in self._outputs if copied & o.labels.keys()]
        fair, paid = self._registry.payouts(outputs), self._registry.payouts(outputs, copies)
        others = fair.keys() - copied
        lost = sum(max(0, fair[w] - paid[w]) for w in others)
        return {
            **_gained("gaming_copies", copied, {c.work for c in copies}, fair, paid),
            "gaming_copies_others_lost": lost / max(1, sum(fair[w] for w in others)),
        }

    def _farmed(self, name: str, fair: Payouts, works: Sequence[IndexedText]) -> dict[str, float]:
        paid = self._registry.payouts(self._sample, works)
        honest = sum(fair[work] for work in self._true) / max(1, len(self._true))
        farmed = sum(paid[w.work] for w in works)
        return {name: farmed / max(1.0, honest), f"{name}_part": farmed / max(1, sum(paid.values()))}

    def _paraphrased(self) -> dict[str, float]:
        """Measured on outputs of their own: the first rewriting of those sources that have several."""
        first: dict[str, LabelledOutput] = {}
        again: dict[str, LabelledOutput] = {}
        for output in self._outputs:
            if output.kind == "rewrite" and len(output.labels) == 1:
                (source,) = output.labels
                if first.setdefault(source, output) is not output:
                    again.setdefault(source, output)
        chosen = sorted(again, key=_digest)[: min(PARAPHRASED_OUTPUTS, len(self._sample))]
        measured = [first[source] for source in chosen]
        works = self._registry.encoded(attacks.paraphrases([again[source] for source in chosen]))
        fair, paid = self._registry.payouts(measured), self._registry.payouts(measured, works)
        return _gained("gaming_paraphrases", set(chosen), {w.work for w in works}, fair, paid)

    def _late(self, fair: Payouts, works: Sequence[IndexedText]) -> dict[str, float]:
        paid = self._registry.payouts(self._sample, works, as_of_outputs=True)
        moved = sum(abs(paid[work] - fair[work]) for work in fair.keys() | paid.keys())
        return {"gaming_late": float(sum(paid[w.work] for w in works)), "gaming_late_moved": float(moved)}

    def _past(self) -> list[LabelledOutput]:
        """Outputs that aren't measured and derive from no source that a measured one derives from."""
        measured, true = {o.output_id for o in self._sample}, set(self._true)
        return [o for o in self._outputs if o.output_id not in measured and not true & o.labels.keys()]

    def _central(self) -> dict[str, list[str]]:
        """Of each domain, the sentences of its works that lie nearest to the middle of them all."""
        group = {s.source_id: s.group for s in self._sources}
        central = {}
        for domain in sorted(set(group.values())):
            works = [t for t in self._registry.honest if group[t.work] == domain]
            vectors = np.concatenate([t.vectors for t in works]).astype(np.float64)
            sentences = [span.of(t.text) for t in works for span in t.spans]
            nearest = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")
            central[domain] = [sentences[i] for i in nearest[: attacks.SENTENCES_KEPT].tolist()]
        return central


def _gained(name: str, originals: Set[str], added: Set[str], fair: Payouts, paid: Payouts) -> dict[str, float]:
    alone = max(1, sum(fair[w] for w in originals))
    kept = sum(paid[w] for w in originals)
    together = kept + sum(paid[w] for w in added)
    return {name: together / alone - 1, f"{name}_original_kept": kept / alone}


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


if __name__ == "__main__":
    main()
