#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Algorithm 1 of [GZZ24] on its Swiss roll, as a careful PyTorch user would write it: what
benchmark_episode and benchmark_sampling are held against. The same batch, steps, networks, update
and optimiser as the setting "swiss-roll" there.

Prints one JSON object per line. Needs python3-torch. Under mpirun the ranks average their gradients
with gloo.
"""
import argparse
import json
import math
import os
import time

import torch

TERMINAL_TIME, STEPS, TEMPERATURE, BETA = 5.0, 20, 5.0, 30.0
DT, DIFFUSION_SQUARED = TERMINAL_TIME / STEPS, 2.0
ACTION_STD = math.sqrt(TEMPERATURE / (2.0 * DIFFUSION_SQUARED))
STATE_STD = math.sqrt(DIFFUSION_SQUARED * DT)
PRIOR_STD = math.sqrt(1.0 - math.exp(-2.0 * TERMINAL_TIME))
ENTROPY = -TEMPERATURE * math.log(math.pi * TEMPERATURE / DIFFUSION_SQUARED)  # D = 2


def swiss_roll(rows):
    angle = 1.5 * math.pi * (1.0 + 2.0 * torch.rand(rows))
    return torch.stack([angle * angle.cos(), angle * angle.sin()], 1)


def network(outputs):
    layers = torch.nn.Linear(3, 64), torch.nn.Tanh(), torch.nn.Linear(64, 64), torch.nn.ReLU()
    return torch.nn.Sequential(*layers, torch.nn.Linear(64, outputs))


class Estimator:
    """Eq. (18) over all rows: one product and a softmax, in which |y|^2 cancels."""

    def __init__(self, rows):
        self.rows, self.transposed = rows, rows.t().contiguous()
        self.squares = rows.square().sum(1)

    def __call__(self, tau, y):
        a, v = math.exp(-tau), -math.expm1(-2.0 * tau)
        logits = torch.addmm(self.squares * (-0.5 * a * a / v), y, self.transposed, alpha=a / v)
        return (a * (logits.softmax(1) @ self.rows) - y) / v


class Run:
    def __init__(self, batch):
        self.batch, self.estimator = batch, Estimator(swiss_roll(300))
        self.policy, self.value = network(2), network(1)
        self.parameters = [*self.policy.parameters(), *self.value.parameters()]
        self.optimiser = torch.optim.Adam(self.parameters, lr=1e-3)
        self.inputs = torch.empty(STEPS, batch, 3)
        self.inputs[:, :, 0] = torch.arange(STEPS)[:, None] * DT
        self.spent = {"rollout": 0.0, "score": 0.0, "learn": 0.0}

    def roll_out(self):
        y = torch.randn(self.batch, 2) * PRIOR_STD
        actions, scores = [], []
        for k in range(STEPS):
            self.inputs[k, :, 1:] = y
            actions.append(self.policy(self.inputs[k]) + ACTION_STD * torch.randn(self.batch, 2))
            start = time.perf_counter()
            scores.append(self.estimator(TERMINAL_TIME - k * DT, y))
            self.spent["score"] += time.perf_counter() - start
            y = y + (y + DIFFUSION_SQUARED * actions[-1]) * DT + STATE_STD * torch.randn_like(y)
        inside = (y[:, 0] >= -5.0) & (y[:, 0] <= 6.0)
        return torch.stack(actions), torch.stack(scores), BETA * inside.float()

    def learn(self, actions, scores, terminal):
        inputs = self.inputs.view(-1, 3)
        value = self.value(inputs).view(STEPS, -1)
        mean = self.policy(inputs).view_as(actions)
        q = ENTROPY - DIFFUSION_SQUARED * (actions - mean).square().sum(2)
        running = -DIFFUSION_SQUARED * (scores - actions).square().sum(2)
        following = torch.cat([value.detach()[1:], terminal[None]])
        loss = (following - value + (running - q) * DT).square().sum(0).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        average_over_ranks(self.parameters)
        self.optimiser.step()

    def episode(self):
        start, score = time.perf_counter(), self.spent["score"]
        with torch.no_grad():
            rolled = self.roll_out()
        middle = time.perf_counter()
        self.learn(*rolled)
        self.spent["rollout"] += middle - start - (self.spent["score"] - score)
        self.spent["learn"] += time.perf_counter() - middle

    @torch.inference_mode()
    def sample(self, count):
        y = torch.randn(count, 2) * PRIOR_STD
        for k in range(STEPS):
            action = self.policy(torch.cat([torch.full((count, 1), k * DT), y], 1))
            y = y + (y + DIFFUSION_SQUARED * action) * DT + STATE_STD * torch.randn_like(y)


def average_over_ranks(parameters):
    if not torch.distributed.is_initialized():
        return
    flat = torch.cat([p.grad.view(-1) for p in parameters])
    torch.distributed.all_reduce(flat)
    flat /= torch.distributed.get_world_size()
    parts = flat.split([p.numel() for p in parameters])
    for parameter, part in zip(parameters, parts):
        parameter.grad.copy_(part.view_as(parameter))


def join_ranks():
    rank, size = (int(os.environ.get(f"OMPI_COMM_WORLD_{n}", d)) for n, d in (("RANK", 0), ("SIZE", 1)))
    if size > 1:
        os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
        os.environ.setdefault("MASTER_PORT", "29511")
        torch.distributed.init_process_group("gloo", rank=rank, world_size=size)
    return rank, size


def time_episodes(run, seconds):
    """Whole episodes for about so many seconds, the same number on every rank."""
    for _ in range(20):
        run.episode()
    start = time.perf_counter()
    for _ in range(10):
        run.episode()
    count = torch.tensor(max(10, int(10 * seconds / (time.perf_counter() - start))))
    if torch.distributed.is_initialized():
        torch.distributed.broadcast(count, 0)
    run.spent = dict.fromkeys(run.spent, 0.0)
    start = time.perf_counter()
    for _ in range(int(count)):
        run.episode()
    return int(count), time.perf_counter() - start


def time_samples(run, count, seconds):
    run.sample(count)
    start, rounds = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        run.sample(count)
        rounds += 1
    return rounds * count / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=300, help="of all ranks together")
    parser.add_argument("--seconds", type=float, default=5.0, help="to measure for")
    parser.add_argument("--samples", type=int, default=20000, help="drawn at once")
    options = parser.parse_args()
    rank, size = join_ranks()
    torch.set_num_threads(1)
    torch.manual_seed(rank)
    run = Run(options.batch // size)
    episodes, seconds = time_episodes(run, options.seconds)
    if rank > 0:
        return
    each = {name: 1e3 * spent / episodes for name, spent in run.spent.items()}
    print(json.dumps({"benchmark": "episode", "setting": "swiss-roll", "by": "pytorch", "ranks": size,
                      "episodes": episodes, "milliseconds": 1e3 * seconds / episodes, **each}))
    print(json.dumps({"benchmark": "sampling", "setting": "swiss-roll", "by": "pytorch",
                      "samples": options.samples,
                      "samples_per_second": time_samples(run, options.samples, options.seconds)}))


if __name__ == "__main__":
    main()
