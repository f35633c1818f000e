"""What tells an operator how the server is: `/healthz`, `/readyz`, and metrics for Prometheus at their own address.

in: what the server counts of itself, the release, `harvests/` of the data folder; out: states, reasons and numbers, in
which nobody's question and nobody's address stands.
"""
