// SPDX-License-Identifier: MIT
#include "memory_plan.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <tropism/base/memory.hpp>
#include <tropism/comm/row_split.hpp>
#include <tropism/network/recorded_mlp.hpp>
#include <tropism/score/posterior_draw.hpp>
#include <tropism/training/trainer.hpp>

#include "text_table.hpp"

namespace tropism::app {
namespace {

constexpr double real = 4.0;  // bytes of a float32
constexpr double wide = 8.0;  // of a float64 or int64

// What LibTorch, HDF5 and MPI take besides when they are first used, measured.
constexpr double first_use = 18e6;

/// Sizes of the largest rank.
struct Sizes {
  double D;             // numbers of a state
  double K;             // steps
  double B;             // trajectories on the rank
  double states;        // K B
  std::int64_t part;    // trajectories of a micro-batch
  std::int64_t parts;   // micro-batches
  std::int64_t learnt;  // states of a micro-batch that an update learns from
  double P, policy_P;   // parameters of both networks, of the policy
  bool tilt;            // a reward is at work in the score signal
};

Sizes sizes_of(const Config& config, const Model& model, int ranks) {
  const auto& networks = *model.networks;
  const bool exact = config.run.reproducible;
  const std::int64_t multiple = exact ? training::reproducible_micro_batch : 1;
  const auto batch = comm::split_rows(config.run.batch, ranks, 0, multiple).count;
  const auto part = exact ? std::min(batch, multiple) : batch;
  const std::int64_t steps = config.time_grid.steps,
                     updates = config.algorithm.updates_for(config.time_grid.steps);
  double parameters = 0.0;
  for (const auto& parameter : networks.parameters())
    parameters += static_cast<double>(parameter.numel());
  return {.D = static_cast<double>(networks.setting().dimension),
          .K = static_cast<double>(steps),
          .B = static_cast<double>(batch),
          .states = static_cast<double>(steps * batch),
          .part = part,
          .parts = (batch + part - 1) / part,
          .learnt = (steps + updates - 1) / updates * part,
          .P = parameters,
          .policy_P = static_cast<double>(networks.policy_size()),
          .tilt = has_tilt(config, model)};
}

/// Bytes of the rows once they are in place, and what is held besides while they are put there.
struct RowBytes {
  double kept = 0.0, while_loading = 0.0;
};

/// A k-d tree of M rows and the rows in its order: M (8 + 4 (D + 1)) bytes, and a box and 40 bytes
/// for each of its nodes, two for each leaf of 64 to 128 rows.
double pruning_bytes(double M, double D) {
  const double leaves = std::exp2(std::ceil(std::log2(M / 128.0)));
  return M * (wide + real * (D + 1.0)) + 2.0 * leaves * (40.0 + 2.0 * real * D);
}

/// Rows as read (x, label, context, reward), and as the estimator has them: centred, |x|^2,
/// numbers, log-weights, contexts in bandwidths, groups.
RowBytes bytes_in_memory(const Config& config, const Model& model, const data::Dataset& data,
                         const Sizes& sizes) {
  const auto M = static_cast<double>(data.rows());
  const double C = data.context ? static_cast<double>(data.context->size(1)) : 0.0;
  const double read = real * (sizes.D + C + (data.reward ? 1.0 : 0.0)) + (data.label ? wide : 0.0);
  const double estimator = real * (sizes.D + 1.0 + (sizes.tilt ? 1.0 : 0.0)) + wide +
                           (model.contexts ? real * C : 0.0) + (model.labels ? wide : 0.0);
  RowBytes bytes = {.kept = M * (read + estimator)};
  // All centred rows beside those of the groups; contexts in float64, twice.
  if (model.labels) bytes.while_loading = M * (real * sizes.D + wide);
  if (model.contexts) bytes.while_loading = 2.0 * wide * M * C;
  if (config.score.pruning > 0.0 && !config.run.reproducible)
    bytes.kept += pruning_bytes(M, sizes.D);
  return bytes;
}

/// The block at work, the one that is read, and with labels the rows of one of them; the last
/// block, which is smaller; the numbers that are being summarised.
RowBytes bytes_in_blocks(const Config& config, const Model& model, const data::RowStream& stream,
                         const Sizes& sizes) {
  const auto bytes_of = [&](std::int64_t rows) {
    return static_cast<double>(rows) * real * sizes.D;
  };
  const std::int64_t all = stream.rows().count, at_once = std::min(stream.block_rows(), all);
  const double places = config.score.samples > 0 ? wide * static_cast<double>(all) : 0.0;
  const auto last = at_once > 0 ? all % at_once : 0;
  return {.kept = bytes_of(at_once) * (model.labels ? 3.0 : 2.0) + bytes_of(last) + places +
                  64.0 * static_cast<double>(training::numbers_summarised_at_once)};
}

RowBytes row_bytes(const Config& config, const Model& model, const TrainingData& data,
                   const Sizes& sizes) {
  if (const auto* in_memory = std::get_if<data::Dataset>(&data))
    return bytes_in_memory(config, model, *in_memory, sizes);
  return bytes_in_blocks(config, model, std::get<data::RowStream>(data), sizes);
}

std::string remedy_for_rows(const Config& config) {
  if (config.data.placement == "streamed") return "lower [data] block_megabytes";
  return config.data.placement == "sharded"
             ? "start more ranks, or set [data] placement = \"streamed\""
             : "set [data] placement = \"sharded\" or \"streamed\"";
}

/// states [K + 1, B, D]; actions, means, scores, the tilt's gradient and the pretrained policy's
/// means [K, B, D]; the tilt's logarithm [K, B]. Online one step is held at a time.
double episode_bytes(const Config& config, const Sizes& sizes) {
  const bool reference =
      config.algorithm.is_policy_gradient() && !config.algorithm.pretrained.empty();
  const double tensors = 4.0 + (sizes.tilt ? 1.0 : 0.0) + (reference ? 1.0 : 0.0);
  const double states = config.algorithm.is_online() ? sizes.B : sizes.states;
  return real * sizes.D * (tensors * states + sizes.B) + (sizes.tilt ? real * states : 0.0);
}

/// Of every micro-batch what its roll-out left (network::RecordedMlp); with several updates only
/// what one of them learns from.
double policy_bytes(const Config& config, const Model& model, const Sizes& sizes) {
  const auto& policy = model.networks->policy();
  if (config.algorithm.updates_for(config.time_grid.steps) > 1)
    return static_cast<double>(policy.tape_bytes(sizes.learnt)) +
           real * sizes.D * static_cast<double>(sizes.learnt);
  return static_cast<double>(sizes.parts * network::RecordedMlp::bytes(policy, sizes.learnt));
}

/// The value network's tape; x0_hat of the skip form is a pass of the policy of its own.
double value_bytes(const Config& config, const Model& model, const Sizes& sizes) {
  if (model.networks->value() == nullptr) return 0.0;
  const auto skip =
      config.value.form == "skip" ? model.networks->policy().tape_bytes(sizes.learnt) : 0;
  return static_cast<double>(model.networks->value()->tape_bytes(sizes.learnt) + skip);
}

/// At once: mu; J_y/2, what of it enters the policy, and the target; mu - target and its square.
/// Without J_y: mu - target, and three factors of its gradient; with the skip form x0_hat and its
/// reward as well. Beside them a dozen numbers of each state. DPOK: how far the means of all steps
/// are from the pretrained ones, and its square.
double loss_bytes(const Config& config, const Model& model, const Sizes& sizes) {
  const bool pull = model.networks->value() != nullptr &&
                    config.algorithm.policy_update == "expected" &&
                    config.run.episodes > config.value.warmup;
  const double with_pull = config.value.form == "skip" ? 9.0 : 6.0;
  const auto states = static_cast<double>(sizes.learnt);
  const double of_all_steps =
      config.algorithm.name == "dpok" ? 2.0 * real * sizes.D * sizes.states : 0.0;
  return real * states * (sizes.D * (pull ? with_pull : 4.0) + 12.0) + of_all_steps;
}

/// With signal = "posterior-draw" and "product" the weights of each query's pieces, seven times
/// while they are added up.
double draw_bytes(const Config& config, double M, double B) {
  if (config.score.signal == "ratio") return 0.0;
  return 7.0 * wide * B * M / static_cast<double>(score::posterior_piece_rows);
}

/// Exact sums: the states of 192 queries over each block.
double exact_sum_bytes(const Config& config, const TrainingData& data, double D, double B) {
  if (!config.run.reproducible || !std::holds_alternative<data::Dataset>(data)) return 0.0;
  const auto rows = static_cast<double>(std::get<data::Dataset>(data).rows());
  const double blocks = std::ceil(rows / static_cast<double>(score::reproducible_block_rows));
  return std::min(B, 192.0) * blocks * real * (D + 4.0);
}

/// Of a step of the roll-out, [B, D] each: the centred states, the same in the lanes of the kernel,
/// the weighted sums in float64 and float32, the input of a network, a noise; rows that are drawn
/// afresh.
double step_bytes(const Config& config, const Model& model, const TrainingData& data,
                  const Sizes& sizes, int ranks) {
  const bool global = scope_of(config) == score::Scope::global;
  const double queries = global ? static_cast<double>(config.run.batch) : sizes.B;
  const double M = std::holds_alternative<data::Dataset>(data)
                       ? static_cast<double>(std::get<data::Dataset>(data).rows())
                       : 0.0;
  const double groups = model.labels ? static_cast<double>(model.labels->size()) : 1.0;
  const double drawn = config.score.signal == "ratio"
                           ? std::min(M, groups * config.score.samples / (global ? ranks : 1))
                           : 0.0;
  return sizes.B * sizes.D * (5.0 * real + wide) + drawn * real * (sizes.D + 1.0) +
         draw_bytes(config, M, queries) + exact_sum_bytes(config, data, sizes.D, queries);
}

/// Weights, gradients, two moments; the average; the sums of the gradients, in fixed point also
/// those of each micro-batch; the gradients of one network while a backward pass or Adam is at
/// them.
double weight_bytes(const Config& config, const Sizes& sizes) {
  const double sums = config.run.reproducible
                          ? sizes.P * (real * static_cast<double>(sizes.parts + 1) + wide)
                          : sizes.P * real;
  const double larger = std::max(sizes.policy_P, sizes.P - sizes.policy_P);
  const double moment = config.optimizer.clip_norm > 0.0 ? 2.0 : 1.0;
  return real * (4.0 * sizes.P + sizes.policy_P + moment * larger) + sums;
}

/// What the terms are counted of.
struct Run {
  const Config& config;
  const Model& model;
  const TrainingData& data;
  int ranks;
  Sizes sizes;
};

const std::string lower = "lower [run] batch or [time_grid] steps";

/// What is held from the first step of an episode to its last update.
std::vector<MemoryTerm> all_along(const Run& run) {
  const auto& [config, model, data, ranks, sizes] = run;
  return {{"rows of the data", row_bytes(config, model, data, sizes).kept, remedy_for_rows(config)},
          {"episode", episode_bytes(config, sizes), lower},
          {"weights, gradients, moments", weight_bytes(config, sizes), "lower [policy] width"}};
}

MemoryTerm passes_of_policy(const Run& run) {
  return {"passes of the policy", policy_bytes(run.config, run.model, run.sizes),
          lower + ", or [policy] width"};
}

std::vector<MemoryTerm> while_learning(const Run& run) {
  auto terms = all_along(run);
  terms.push_back(passes_of_policy(run));
  terms.push_back({"passes of the value network", value_bytes(run.config, run.model, run.sizes),
                   lower + ", or [value] width"});
  terms.push_back({"losses", loss_bytes(run.config, run.model, run.sizes), lower});
  return terms;
}

std::vector<MemoryTerm> while_rolling_out(const Run& run) {
  const auto& [config, model, data, ranks, sizes] = run;
  auto terms = all_along(run);
  if (config.algorithm.updates_for(config.time_grid.steps) == 1)  // they are recorded
    terms.push_back(passes_of_policy(run));
  terms.push_back({"a step of the roll-out", step_bytes(config, model, data, sizes, ranks),
                   "lower [run] batch"});
  return terms;
}

std::vector<MemoryTerm> while_loading(const Run& run) {
  const auto rows = row_bytes(run.config, run.model, run.data, run.sizes);
  return {{"rows of the data while they are loaded", rows.kept + rows.while_loading,
           remedy_for_rows(run.config)},
          {"weights", real * run.sizes.P, "lower [policy] width"}};
}

double sum_of(const std::vector<MemoryTerm>& terms) {
  double sum = 0.0;
  for (const auto& term : terms) sum += term.bytes;
  return sum;
}

std::string in_megabytes(double bytes) {
  return std::to_string(std::llround(bytes * 1e-6));
}

}  // namespace

std::vector<MemoryTerm> memory_terms(const Config& config, const Model& model,
                                     const TrainingData& data, int ranks) {
  const Run run = {config, model, data, ranks, sizes_of(config, model, ranks)};
  auto terms = std::max({while_learning(run), while_rolling_out(run), while_loading(run)},
                        [](const auto& a, const auto& b) { return sum_of(a) < sum_of(b); });
  std::sort(terms.begin(), terms.end(),
            [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return terms;
}

std::string plan_of_memory(std::vector<MemoryTerm> terms, double process) {
  const auto remedy = terms.front().remedy;
  const MemoryTerm own = {"program and libraries", process + first_use, ""};
  terms.insert(std::find_if(terms.begin(), terms.end(),
                            [&](const auto& term) { return term.bytes < own.bytes; }),
               own);
  std::vector<Cells> lines = {{"peak memory of the largest rank", "MB"}};
  for (const auto& [what, bytes, key] : terms)
    if (bytes >= 0.5e6) lines.push_back({what, in_megabytes(bytes)});
  lines.push_back({"all", in_megabytes(sum_of(terms))});
  std::istringstream table(text_table(lines));
  std::string text;
  for (std::string line; std::getline(table, line);) text += "# " + line + "\n";
  const auto available = static_cast<double>(base::available_memory());
  return text + "# If that is more than a rank can have" +
         (available < 0.0 ? "" : " (" + in_megabytes(available) + " MB are free on this machine)") +
         ", " + remedy + ".\n";
}

}  // namespace tropism::app
