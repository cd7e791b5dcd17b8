"""Benchmarks (``make bench``): what the checks, the wall and the access log cost beside the same work by hand."""
