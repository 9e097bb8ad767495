// SPDX-License-Identifier: MIT
#include "kernel_report.hpp"

#include <algorithm>

#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/conditional/context_kernel.hpp>

#include "value_summary.hpp"

namespace tropism::app {
namespace {

constexpr std::int64_t num_probes = 256;
constexpr double growth = 1.25;  // of the bandwidths that are tried
constexpr int most_trials = 40;  // up to 7,500 times the bandwidth

/// The kernel over the rows of a run, at any bandwidth.
class Trial {
 public:
  Trial(const Config& config, const comm::Communicator& comm, const Model& model,
        const TrainingData& data)
      : comm_(comm),
        contexts_(*model.contexts),
        rows_(comm::together(comm, [&] { return contexts_of(data); })),
        choice_(choose_context_kernel(config, comm, model, total_rows(data))),
        scope_(scope_of(config)),
        split_rows_(config.data.placement != "replicated" && scope_ == score::Scope::local) {
    if (config.score.samples > 0 && config.score.signal == "ratio")
      share_ = std::min(1.0, config.score.samples / static_cast<double>(choice_.rows));
  }

  /// Effective rows of each step's estimate, float64 [q].
  [[nodiscard]] torch::Tensor effective_rows(const torch::Tensor& probes, double bandwidth) const {
    auto least =
        -conditional::effective_rows(comm_, scope_, contexts_.in_bandwidths(probes, bandwidth),
                                     contexts_.in_bandwidths(rows_, bandwidth), choice_.kernel);
    if (split_rows_) comm::all_reduce_max(comm_, least);
    return -least * share_;
  }

  /// A wider bandwidth that leaves `least` rows at all probes, if there is one.
  [[nodiscard]] std::optional<double> enough(const torch::Tensor& probes, double least) const {
    double bandwidth = choice_.bandwidth;
    for (int i = 0; i < most_trials; ++i) {
      bandwidth *= growth;
      if (effective_rows(probes, bandwidth).min().item<double>() >= least) return bandwidth;
    }
    return std::nullopt;
  }

  [[nodiscard]] double bandwidth() const { return choice_.bandwidth; }

 private:
  const comm::Communicator& comm_;
  const conditional::Contexts& contexts_;
  torch::Tensor rows_;  // contexts of this rank's
  ContextKernelChoice choice_;
  score::Scope scope_;
  bool split_rows_;
  double share_ = 1.0;  // of the rows, that are drawn for a step
};

std::string point_text(const torch::Tensor& point) {
  std::string text;
  for (std::int64_t i = 0; i < point.size(0); ++i)
    text += (i == 0 ? "" : ",") + number_text(point[i].item<double>());
  return text;
}

std::string bandwidth_text(const Config& config, const KernelReport& report) {
  return "bandwidth " + number_text(report.bandwidth) + " standard deviations (" +
         (config.score.bandwidth > 0.0 ? "[score] bandwidth" : "by Scott's rule") + ")";
}

std::string remedy(const KernelReport& report) {
  const std::string silence = "least_effective_rows = 0 silences this warning.";
  if (!report.enough)
    return " No bandwidth leaves enough: more rows, or a larger [score] samples, would; " + silence;
  return " [score] bandwidth = " + number_text(*report.enough) +
         " leaves enough of them everywhere and smooths the more over the context; " + silence;
}

}  // namespace

std::optional<KernelReport> report_on_kernel(const Config& config, const comm::Communicator& comm,
                                             const Model& model, const TrainingData& data) {
  if (!model.contexts) return std::nullopt;
  const Trial trial(config, comm, model, data);
  KernelReport report;
  report.bandwidth = trial.bandwidth();
  report.contexts = model.contexts->probes(num_probes);
  report.effective_rows = trial.effective_rows(report.contexts, report.bandwidth);
  const double least = config.score.least_effective_rows;
  if (report.effective_rows.min().item<double>() < least)
    report.enough = trial.enough(report.contexts, least);
  return report;
}

std::string warning_about_kernel(const Config& config, const KernelReport& report) {
  const double least = config.score.least_effective_rows;
  const double share = report.effective_rows.lt(least).to(torch::kFloat64).mean().item<double>();
  if (share == 0.0) return "";
  const auto where = report.effective_rows.argmin().item<std::int64_t>();
  return "the context kernel leaves fewer than " + number_text(least) +
         " effective rows of data ([score] least_effective_rows) at " + number_text(100.0 * share) +
         " % of the contexts, fewest, " + number_text(report.effective_rows[where].item<double>()) +
         ", at context=" + point_text(report.contexts[where]) + ", with " +
         bandwidth_text(config, report) + ". The scores there follow these few rows." +
         remedy(report);
}

std::string plan_of_kernel(const Config& config, const KernelReport& report) {
  return "# context kernel: " + config.score.kernel + ", " + bandwidth_text(config, report) +
         ", effective rows at " + std::to_string(report.contexts.size(0)) +
         " contexts of the data: smallest " +
         number_text(report.effective_rows.min().item<double>()) + ", median " +
         number_text(report.effective_rows.median().item<double>()) + "\n";
}

}  // namespace tropism::app
