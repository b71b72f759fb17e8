"""What somebody registers who wants to be paid for others' works: texts, made from a seed. Measures nothing.

An attacker reads what is registered and outputs of the past, and never those that are measured.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from provenance.attribution.lexical import TELLING, Rarity
from provenance.fingerprints.words import fold_words
from provenance.services.labelled import LabelledOutput, LabelledSource

WORKS = 100
CHANGED_PART = 0.02  # of a copy's words: registering the same text again is refused
LINES_EACH = 24
GRAM_WORDS = range(4, 9)
GRAMS_KEPT = 600
GRAM_DOMAINS_MIN = 2
SENTENCES_KEPT = 12  # of each domain
KEYWORDS_KEPT = 120
KEYWORDS_EACH = 20

STOCK = (
    "Here is a summary of the text.",
    "Sure, here is the rewritten version you asked for:",
    "Certainly! Here's a paraphrased version of the passage.",
    "I hope this helps! Let me know if you have any other questions.",
    "In conclusion, it is important to note that there are many factors to consider.",
    "Overall, this highlights the importance of a balanced approach.",
    "On the other hand, it is worth noting that this may not always be the case.",
    "As a result, it is essential to consider the following points.",
    "In addition, there are a number of other factors that play a role.",
    "First and foremost, it is important to understand the context.",
    "At the end of the day, the most important thing is to stay informed.",
    "For example, one of the most common ways to do this is as follows.",
    "It is important to note that results may vary.",
    "The results of this study suggest that further research is needed.",
    "According to the report, the number of people has increased in recent years.",
    "This website uses cookies to improve your experience. By continuing, you accept our use of cookies.",
    "All rights reserved. No part of this publication may be reproduced without written permission.",
    "Licensed under the Apache License, Version 2.0; you may not use this file except in compliance with the License.",
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software.",
    "The software is provided as is, without warranty of any kind, express or implied.",
    "Terms and conditions apply. Please read our privacy policy for more information.",
    "Subscribe to our newsletter for the latest news and updates.",
    "Once upon a time, there was a small village at the foot of the mountains.",
    "In the meantime, the company said in a statement that it would continue to work with its partners.",
    "Thank you for your time and consideration. We look forward to hearing from you.",
    "Preheat the oven and mix all the ingredients together in a large bowl.",
    "def main(): return None",
    "Patients were randomly assigned to one of two groups.",
    "The game ended with a score that nobody had expected.",
    "He said that he was very pleased with the outcome.",
)


def copies(sources: Sequence[LabelledSource], rng: np.random.Generator) -> Iterator[LabelledSource]:
    """`WORKS` copies of each source, each with about `CHANGED_PART` of its words changed for others, at least one."""
    pool = sorted({word for s in sources for word in s.text.split()})
    for source in sources:
        for number in range(WORKS):
            pieces = source.text.split(" ")
            count = max(1, round(CHANGED_PART * len(pieces)))
            for place in rng.choice(len(pieces), size=min(count, len(pieces)), replace=False).tolist():
                pieces[place] = pool[int(rng.integers(len(pool)))]
            yield _work(f"copy/{source.source_id}/{number}", " ".join(pieces))


def boilerplate(past: Sequence[LabelledOutput], rng: np.random.Generator) -> Iterator[LabelledSource]:
    """`WORKS` works of stock phrases, and of the runs of words that ``past`` outputs of most domains share."""
    grams = [" ".join(gram).capitalize() + "." for gram in _common_grams(past)]
    for number in range(WORKS):
        stock = [STOCK[i] for i in rng.permutation(len(STOCK))[: LINES_EACH // 2].tolist()]
        common = [grams[i] for i in rng.permutation(len(grams))[: LINES_EACH // 2].tolist()]
        lines = [*stock, *common]
        text = " ".join(lines[i] for i in rng.permutation(len(lines)).tolist())
        yield _work(f"boilerplate/{number}", text)


def hubs(
    sources: Sequence[LabelledSource], central: Mapping[str, Sequence[str]], rarity: Rarity, rng: np.random.Generator
) -> Iterator[LabelledSource]:
    """`WORKS` works that lie near every domain: in turn one ``central`` sentence of each, and one list of keywords."""
    keywords = _keywords(sources, rarity)
    for number in range(WORKS):
        lines = []
        for domain in sorted(central):
            if number % 2:
                words = keywords[domain]
                some = [words[i] for i in rng.permutation(len(words))[:KEYWORDS_EACH].tolist()]
                lines.append(" ".join(some).capitalize() + ".")
            elif central[domain]:
                lines.append(central[domain][int(rng.integers(len(central[domain])))])
        yield _work(f"hub/{number}", "\n".join(lines[i] for i in rng.permutation(len(lines)).tolist()))


def paraphrases(rewritten: Sequence[LabelledOutput]) -> list[LabelledSource]:
    """Rewritings of honest sources, as works."""
    return [_work(f"paraphrase/{o.output_id}", o.text) for o in rewritten]


def _common_grams(past: Sequence[LabelledOutput]) -> list[tuple[str, ...]]:
    """The runs of words that stand in outputs of most domains.

    Outputs of one domain may derive from one text, registered or not: what they share can be its own words.
    """
    domains: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for output in past:
        if output.group:
            words = fold_words(output.text).folded
            for k in GRAM_WORDS:
                for first in range(len(words) - k + 1):
                    domains[tuple(words[first : first + k])].add(output.group)
    common = [(gram, len(found)) for gram, found in domains.items() if len(found) >= GRAM_DOMAINS_MIN]
    return [gram for gram, _ in sorted(common, key=lambda c: (-c[1] * len(c[0]), c[0]))[:GRAMS_KEPT]]


def _keywords(sources: Sequence[LabelledSource], rarity: Rarity) -> dict[str, list[str]]:
    """Of each domain the rare words that most of its works have."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for source in sources:
        counts[source.group].update(w for w in set(fold_words(source.text).folded) if rarity(w) >= TELLING)
    return {
        domain: [word for word, _ in sorted(count.items(), key=lambda c: (-c[1], c[0]))[:KEYWORDS_KEPT]]
        for domain, count in counts.items()
    }


def _work(name: str, text: str) -> LabelledSource:
    return LabelledSource(source_id=name, text=text, group=name)
