"""contributions: what people send with a form, from its fields to a row of the source `contributions`.

In: the fields of a form, a release. Out: files below `inbox/contributions/`: a submission each, the decisions on them,
and `accepted.jsonl`, which `clirld run contributions` harvests as any other source.
"""
