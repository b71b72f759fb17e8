"""Evidence of reuse: which registered works a text derives from, where, and how sure that is.

    segments of a part + nearest source segments --> evidence --> scores --> decision, with calibrated confidence

Pure: vectors, texts and models come in as values. It says *evidence of reuse*, never *causal influence*.
"""
