// SPDX-License-Identifier: MIT
#include "scaling_measure.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include <tropism/comm/collectives.hpp>
#include <tropism/comm/row_split.hpp>

#include "training_run.hpp"

namespace tropism::app {
namespace {

using Clock = std::chrono::steady_clock;
using training::Aggregate;

constexpr int rounds = 3;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Config config_of_measurement(Config config, Aggregate aggregate, std::int64_t batch) {
  config.run.aggregate = aggregate == Aggregate::on_root ? "root" : "all";
  config.run.batch = static_cast<int>(batch);
  config.run.episodes = std::numeric_limits<int>::max();
  config.optimizer.learning_rate = config.optimizer.value_learning_rate = 1e-12;
  config.value.warmup = 0;
  return config;
}

/// Whether any host has more ranks than cores.
bool is_oversubscribed(const comm::Communicator& comm) {
  return !comm::all_agree(comm, comm.split_by_host().size() <= sysconf(_SC_NPROCESSORS_ONLN));
}

int count_hosts(const comm::Communicator& comm) {
  auto hosts = torch::full({1}, comm.split_by_host().is_root() ? 1 : 0, torch::kInt64);
  comm::all_reduce_sum(comm, hosts);
  return static_cast<int>(hosts.item<std::int64_t>());
}

struct Episodes {
  torch::Tensor computed;  // seconds of this rank, [episodes, 3]: rollout, score, learn
  double seconds = 0.0;    // of them all, by the clock
};

/// Episodes until all ranks have spent the time. As in `train`, ranks agree after each whether to
/// stop, and report from time to time.
Episodes train_for(const comm::Communicator& comm, training::Trainer& trainer, int report_every,
                   double seconds) {
  std::vector<double> computed;
  comm.barrier();
  const auto start = Clock::now();
  do {
    trainer.time() = {};
    trainer.advance((trainer.episodes_done() + 1) % report_every == 0);
    const auto& time = trainer.time();
    computed.insert(computed.end(), {time.rollout, time.score, time.learn});
  } while (!comm::all_agree(comm, seconds_since(start) >= seconds));
  return {torch::tensor(computed, torch::kFloat64).view({-1, 3}), seconds_since(start)};
}

/// In each episode the ranks wait for the one that computes longest: no barrier is needed to tell
/// waiting from messages.
EpisodeTime split_of(const comm::Communicator& comm, const Episodes& episodes) {
  auto sums = episodes.computed.sum(0) / comm.size();
  comm::all_reduce_sum(comm, sums);
  auto longest = episodes.computed.sum(1);
  comm::all_reduce_max(comm, longest);
  const auto count = static_cast<double>(episodes.computed.size(0));
  const double compute = longest.sum().item<double>() / count;
  EpisodeTime time;
  time.rollout = sums[0].item<double>() / count;
  time.score = sums[1].item<double>() / count;
  time.learn = sums[2].item<double>() / count;
  time.wait = comm.size() == 1 ? 0.0 : compute - time.compute();
  time.reduce = episodes.seconds / count - compute;
  return time;
}

/// The ranks that take part in one measurement.
struct Group {
  const comm::Communicator& comm;
  bool oversubscribed;
};

/// Fills in what is measured. Collective in the group.
ScalingPoint measure(const Config& config, const Group& group, double seconds, ScalingPoint point) {
  const auto& comm = group.comm;
  const auto own = config_of_measurement(config, point.aggregate, point.batch);
  TrainingRun run(own, comm);
  train_for(comm, run.trainer(), own.run.report_every, 0.2 * seconds);
  const auto episodes = train_for(comm, run.trainer(), own.run.report_every, seconds);
  point.oversubscribed = group.oversubscribed;
  point.episodes = episodes.computed.size(0);
  point.time = split_of(comm, episodes);
  return point;
}

EpisodeWork work_of(const Config& config, std::int64_t parameters) {
  EpisodeWork work;
  work.batch = config.run.batch;
  if (config.run.reproducible) work.multiple = training::reproducible_micro_batch;
  work.updates = config.algorithm.updates_for(config.time_grid.steps);
  work.weight_bytes = 4 * parameters;
  work.gradient_bytes = (config.run.reproducible ? 8 : 4) * parameters;
  work.report_every = config.run.report_every;
  return work;
}

std::int64_t count_parameters(const Config& config, const comm::Communicator& comm) {
  std::int64_t parameters = 0;
  const TrainingRun run(config, comm);
  for (const auto& tensor : run.model().networks->parameters()) parameters += tensor.numel();
  return parameters;
}

ScalingPoint point_of(const EpisodeWork& work, int ranks, Scaling scaling, Aggregate aggregate) {
  ScalingPoint point{.scaling = scaling, .aggregate = aggregate, .ranks = ranks};
  point.batch = work.trajectories(scaling, ranks);
  point.largest_share = work.largest_share(scaling, ranks);
  return point;
}

/// The four ways to run. One rank has nothing to aggregate: they are one.
std::vector<ScalingPoint> measure_training(const EpisodeWork& work, const Config& config,
                                           const Group& group, double seconds) {
  std::vector<ScalingPoint> points;
  for (const auto scaling : {Scaling::strong, Scaling::weak})
    for (const auto aggregate : {Aggregate::on_root, Aggregate::on_all}) {
      auto point = point_of(work, group.comm.size(), scaling, aggregate);
      if (group.comm.size() > 1 || points.empty()) {
        point = measure(config, group, seconds, point);
      } else {
        point.episodes = points.front().episodes;
        point.time = points.front().time;
      }
      points.push_back(point);
    }
  return points;
}

/// Of each run the fastest round, so that a machine's slow spell does not count.
void keep_fastest(std::vector<ScalingPoint>& points, const std::vector<ScalingPoint>& of_round) {
  for (const auto& point : of_round) {
    const auto same = std::find_if(points.begin(), points.end(), [&](const auto& other) {
      return other.ranks == point.ranks && other.scaling == point.scaling &&
             other.aggregate == point.aggregate;
    });
    if (same == points.end())
      points.push_back(point);
    else if (point.time.total() < same->time.total())
      *same = point;
  }
}

/// Shares of 1, B/16 and B/4 trajectories on each rank: what does not shrink with the batch shows.
void measure_batches(ScalingMeasurements& found, const Config& config, const Group& group,
                     double seconds) {
  std::int64_t last = 0;
  for (const std::int64_t parts : {found.work.batch, std::int64_t{16}, std::int64_t{4}}) {
    const auto share = std::max<std::int64_t>(found.work.batch / parts, 1);
    if (share == last || share == found.work.batch) continue;
    last = share;
    ScalingPoint point{.scaling = Scaling::weak, .ranks = group.comm.size()};
    point.batch = share * group.comm.size();
    point.largest_share =
        comm::split_rows(point.batch, group.comm.size(), 0, found.work.multiple).count;
    found.batches.push_back(measure(config, group, seconds, point));
  }
}

void aggregate_once(const comm::Communicator& comm, Aggregate aggregate, torch::Tensor& values) {
  if (aggregate == Aggregate::on_all) return comm::all_reduce_sum(comm, values);
  comm::reduce_sum_on_root(comm, values);
  comm::broadcast(comm, values);
}

/// Mean seconds of `calls` aggregations, of the rank that took longest.
double seconds_of_calls(const comm::Communicator& comm, Aggregate aggregate, torch::Tensor& values,
                        std::int64_t calls) {
  comm.barrier();
  const auto start = Clock::now();
  for (std::int64_t i = 0; i < calls; ++i) aggregate_once(comm, aggregate, values);
  auto seconds = torch::full({1}, seconds_since(start), torch::kFloat64);
  comm::all_reduce_max(comm, seconds);
  return seconds.item<double>() / static_cast<double>(calls);
}

/// The median of 15 times, so that a rank that was kept from working once does not count.
double median_seconds(const comm::Communicator& comm, Aggregate aggregate, std::int64_t numbers,
                      double budget) {
  constexpr int times = 15;
  auto values = torch::zeros({numbers});
  const double first = seconds_of_calls(comm, aggregate, values, 3);
  const auto calls =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(budget / times / first), 3, 1000);
  auto seconds = torch::empty({times}, torch::kFloat64);
  for (int i = 0; i < times; ++i) seconds[i] = seconds_of_calls(comm, aggregate, values, calls);
  return seconds.median().item<double>();
}

/// Around the size of the networks, where the library's choice of a tree is theirs as well.
void measure_messages(ScalingMeasurements& found, const comm::Communicator& comm, double budget) {
  const auto parameters = found.work.weight_bytes / 4;
  for (const auto numbers : {std::int64_t{1}, parameters / 4 + 1, parameters, 4 * parameters})
    for (const auto aggregate : {Aggregate::on_root, Aggregate::on_all})
      found.messages.push_back(
          {aggregate, comm.size(), 4 * numbers, median_seconds(comm, aggregate, numbers, budget)});
}

/// Calls `use` with 1, 2, 4, .. of the ranks, who take part; the others sleep.
/// @return   the most ranks that have a core each
template <class Use>
int with_groups(const comm::Communicator& world, Use&& use) {
  int most_with_cores = 1;
  for (const int ranks : powers_of_two_up_to(world.size())) {
    const bool takes_part = world.rank() < ranks;
    const auto part = world.split(takes_part ? 0 : 1);
    const bool oversubscribed = takes_part ? is_oversubscribed(part) : false;
    if (takes_part) use(Group{part, oversubscribed});
    world.barrier_asleep();
    if (comm::all_agree(world, !oversubscribed)) most_with_cores = ranks;
  }
  return most_with_cores;
}

}  // namespace

std::vector<int> powers_of_two_up_to(int most) {
  std::vector<int> counts;
  for (int count = 1; count < most; count *= 2) counts.push_back(count);
  counts.push_back(most);
  return counts;
}

ScalingMeasurements measure_scaling(const Config& config, const comm::Communicator& world,
                                    double seconds) {
  ScalingMeasurements found;
  found.hosts = count_hosts(world);
  found.work = work_of(config, count_parameters(config, world));
  int most_with_cores = 1;
  for (int round = 0; round < rounds; ++round)
    most_with_cores = with_groups(world, [&](const Group& group) {
      keep_fastest(found.points, measure_training(found.work, config, group, seconds / rounds));
      if (round == 0 && group.comm.size() > 1 && !group.oversubscribed)
        measure_messages(found, group.comm, 0.1 * seconds);
    });
  const bool takes_part = world.rank() < most_with_cores;
  const auto part = world.split(takes_part ? 0 : 1);
  if (takes_part) measure_batches(found, config, {part, false}, seconds);
  world.barrier_asleep();
  return found;
}

}  // namespace tropism::app
