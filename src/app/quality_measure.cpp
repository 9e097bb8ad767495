// SPDX-License-Identifier: MIT
#include <sys/resource.h>

#include <chrono>
#include <iostream>

#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/evaluation/report.hpp>

#include "quality_study.hpp"
#include "sample_file.hpp"
#include "training_run.hpp"

namespace tropism::app {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

/// That this process has spent so far.
double cpu_seconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

/// Trains to the last episode, with the reports that `train` makes.
QualityRun train(const training::RunConfig& config, training::Trainer& trainer,
                 const comm::Communicator& comm) {
  QualityRun run;
  comm.barrier();
  const auto start = Clock::now();
  const double cpu_before = cpu_seconds();
  while (trainer.episodes_done() < config.episodes)
    trainer.advance((trainer.episodes_done() + 1) % config.report_every == 0);
  comm.barrier();
  run.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  auto cpu = torch::full({1}, cpu_seconds() - cpu_before, torch::kFloat64);
  comm::all_reduce_sum(comm, cpu);
  run.cpu_seconds = cpu.item<double>();
  return run;
}

sampling::SampleSet draw(const Config& config, TrainingRun& run, DrawOptions options,
                         const comm::Communicator& comm) {
  run.trainer().use_average();
  if (run.model().labels) options.conditions = {"label=all"};
  return draw_from_model(options, {config, run.model(), run.summary()}, comm, ProgressMode::none);
}

/// Where batches have no mean, the samples as a whole are the batch.
void judge_divergence(const evaluation::MatchedDivergence& divergence, QualityRun& run) {
  const auto value = divergence.mean ? divergence.mean : divergence.whole.value;
  run.standard_error =
      divergence.mean ? divergence.standard_error : divergence.whole.standard_error;
  if (!value) throw base::IoError("The samples are all alike: their divergence is infinite.");
  run.quality = *value;
}

void judge(const Config& config, const sampling::SampleSet& samples, const data::Dataset& data,
           QualityRun& run) {
  evaluation::ReportConfig report_config;
  report_config.reward = config.reward;
  report_config.metrics = {"reward", "kl", "labels", "memorisation"};
  const auto all =
      evaluation::make_report({samples.x.flatten(1), samples.label}, data, report_config).all;
  run.nearest = all.nearest.ratio;
  if (all.samples.reward) run.reward = all.samples.reward->moments.mean;
  if (!all.agreement) return judge_divergence(all.divergence, run);
  run.quality = *all.agreement->fraction;
  run.standard_error = all.agreement->standard_error;
}

/// Tells how far the work is, for it may take long.
void tell(const QualityPoint& point, const QualityRun& run, const comm::Communicator& comm) {
  if (!comm.is_root()) return;
  std::cerr << "tropism: " << point.variant << ", " << point.episodes
            << " episodes: " << run.seconds << " s, quality " << run.quality << '\n';
}

class Measurement {
 public:
  Measurement(const QualityPlan& plan, const data::Dataset& data, const comm::Communicator& comm)
      : plan_(plan), data_(data), comm_(comm) {}

  [[nodiscard]] QualityPoint measure(const QualityVariant& variant, int episodes) const {
    QualityPoint point = {variant.name, episodes, {}, plan_.target.has_value(), false};
    try {
      for (int seed = 0; seed < plan_.seeds; ++seed) add_run(point, variant.config, seed);
    } catch (const base::NumericalError& error) {
      if (!training::all_ranks_know(error, comm_)) throw;
      if (comm_.is_root())
        std::cerr << "tropism: " << variant.name << " diverges. " << error.what() << '\n';
      point.diverged = true;
      point.reached = false;
      point.runs.clear();
    }
    return point;
  }

 private:
  void add_run(QualityPoint& point, Config config, int seed) const {
    config.run.episodes = point.episodes;
    config.run.seed += seed;
    const auto run = train_and_judge(config);
    point.reached = point.reached && reaches(config, run.quality);
    tell(point, run, comm_);
    point.runs.push_back(run);
  }

  [[nodiscard]] QualityRun train_and_judge(const Config& config) const {
    TrainingRun training(config, comm_);
    auto run = train(config.run, training.trainer(), comm_);
    const auto samples = draw(config, training, plan_.draw, comm_);
    comm::together(comm_, [&] {
      if (comm_.is_root()) judge(config, samples, data_, run);
    });
    auto quality = torch::full({1}, run.quality, torch::kFloat64);
    comm::broadcast(comm_, quality);
    run.quality = quality.item<double>();
    return run;
  }

  [[nodiscard]] bool reaches(const Config& config, double quality) const {
    return config.context.kind == "label" ? quality >= *plan_.target : quality <= *plan_.target;
  }

  const QualityPlan& plan_;
  const data::Dataset& data_;  // on rank 0
  const comm::Communicator& comm_;
};

}  // namespace

QualityStudy measure_quality(const std::vector<QualityVariant>& variants, const QualityPlan& plan,
                             const comm::Communicator& comm) {
  const auto& first = variants.front().config;
  QualityStudy study = {first.context.kind == "label", plan, {}};
  const auto data = comm::together(
      comm, [&] { return comm.is_root() ? read_whole_data(first.data) : data::Dataset(); });
  const Measurement measurement(plan, data, comm);
  for (const auto& variant : variants)
    for (const int episodes : plan.episodes) {
      study.points.push_back(measurement.measure(variant, episodes));
      if (study.points.back().reached || study.points.back().diverged) break;
    }
  return study;
}

}  // namespace tropism::app
