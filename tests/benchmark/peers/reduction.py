#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long PyTorch takes to sum a flat float32 gradient over ranks with gloo: what
benchmark_reduction is held against. "all": all_reduce; "root": reduce, then broadcast.

Run it under mpirun. Prints one JSON object per line. Needs python3-torch.
"""
import json
import time

import torch
import torch.distributed as dist

from q_learning import join_ranks


def slowest_time(calls, action):
    """Seconds of so many calls that all ranks make together, as the slowest rank saw them."""
    dist.barrier()
    start = time.perf_counter()
    for _ in range(calls):
        action()
    seconds = torch.tensor(time.perf_counter() - start, dtype=torch.float64)
    dist.all_reduce(seconds, dist.ReduceOp.MAX)
    return float(seconds)


def slowest_best_time(action):
    """As in slowest_time.hpp."""
    slowest_time(1, action)
    calls = min(max(int(0.02 / slowest_time(1, action)), 1), 1000)
    return min(slowest_time(calls, action) / calls for _ in range(10))


def reduce_and_broadcast(gradient, values):
    dist.reduce(gradient, 0)
    dist.broadcast(values, 0)


def main():
    torch.set_num_threads(1)
    rank, size = join_ranks()
    if size == 1:
        return  # nothing travels
    for parameters in 1000, 10000, 100000, 1000000:
        gradient, values = torch.zeros(parameters), torch.zeros(parameters)
        actions = {"root": lambda: reduce_and_broadcast(gradient, values),
                   "all": lambda: dist.all_reduce(gradient)}
        for aggregate, action in actions.items():
            seconds = slowest_best_time(action)
            if rank == 0:
                print(json.dumps({"benchmark": "reduction", "by": "pytorch-gloo", "ranks": size,
                                  "parameters": parameters, "aggregate": aggregate,
                                  "microseconds": 1e6 * seconds,
                                  "megabytes_per_second": 4e-6 * parameters / seconds}), flush=True)


if __name__ == "__main__":
    main()
