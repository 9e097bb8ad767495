// SPDX-License-Identifier: MIT
#include "config.hpp"

#include <tropism/base/config_check.hpp>
#include <tropism/diffusion/simulator.hpp>

#include "binding.hpp"
#include "config_source.hpp"

namespace tropism::app {
namespace {

/// What the kernel of continuous contexts needs, and what has no meaning without it.
void check_context_kernel(const Config& config) {
  const auto& score = config.score;
  const bool compact = score.kernel == "compact";
  const auto refuse_kernel = [&](const std::string& reason) {
    base::refuse_value("score", "kernel", base::config_text(score.kernel),
                       "\"gaussian\" " + reason);
  };
  if (config.context.kind != "vector") {
    const std::string without = "without [context] kind = \"vector\", which alone has a kernel";
    if (score.bandwidth > 0.0)
      base::refuse_value("score", "bandwidth", base::config_text(score.bandwidth), "0 " + without);
    if (compact) refuse_kernel(without);
    return;
  }
  if (compact && score.samples > 0 && score.signal == "ratio")
    refuse_kernel("with [score] samples = " + std::to_string(score.samples) +
                  ", for none of a few rows drawn afresh may be within the reach of a compact one; "
                  "samples = 0 takes all rows");
  if (compact && config.data.placement != "replicated" && score.scope == "local")
    refuse_kernel(
        "with [data] placement = " + base::config_text(config.data.placement) +
        " and [score] scope = \"local\", for none of the rows of a rank may be within the "
        "reach of a compact one; scope = \"global\" takes all rows");
  if (compact && config.context.prior == "uniform")
    refuse_kernel(
        "with [context] prior = \"uniform\", for in a gap of the data no row may be within the "
        "reach of a compact one; prior = \"data\" draws contexts that have one");
}

std::string as_toml(const Section& section) {
  std::string text = "[" + section.name + "]  # " + section.description + "\n";
  for (const auto& field : section.fields) {
    const std::string assignment = field.key + " = " + value_text(field);
    constexpr std::size_t column_of_comments = 40;
    const std::size_t used = std::min(assignment.size() + 2, column_of_comments);
    text += assignment + "  " + std::string(column_of_comments - used, ' ') + "# " +
            field.description + "\n";
  }
  return text;
}

/// What an action is must be plain where actions are drawn.
void check_sampled_actions(const Config& config) {
  const bool sampled =
      config.algorithm.policy_update == "sampled" || config.algorithm.actions == "sampled";
  const auto stages = diffusion::make_simulator(config.simulator)->stages();
  if (!sampled || stages == diffusion::Stages::one) return;
  base::refuse_value(
      "simulator", "kind", base::config_text(config.simulator.kind),
      "\"euler-maruyama\", \"exponential\", \"ode-euler\" or \"ddim\" with sampled actions "
      "([algorithm] policy_update or actions = \"sampled\"), for a step of the others is made of "
      "several actions");
}

/// What needs all rows at hand.
void validate_streamed(const score::ScoreConfig& score) {
  const std::string streamed = " where [data] placement = \"streamed\", for ";
  if (score.pruning > 0.0)
    base::refuse_value("score", "pruning", base::config_text(score.pruning),
                       "0" + streamed + "trees of rows are not kept");
  if (score.signal != "ratio")
    base::refuse_value("score", "signal", base::config_text(score.signal),
                       "\"ratio\"" + streamed + "no row can be drawn before all are read");
}

/// What online learning and the algorithms other than q-learning need of other sections.
void check_algorithm(const Config& config) {
  const auto& name = config.algorithm.name;
  const std::string with = " with [algorithm] name = " + base::config_text(name);
  if (config.algorithm.is_online() && config.value.network != "none" &&
      config.value.target != "temporal-difference")
    base::refuse_value("value", "target", base::config_text(config.value.target),
                       "\"temporal-difference\" with [algorithm] learning = \"online\", which does "
                       "not wait for what an episode returns; or [value] network must be \"none\"");
  if (config.algorithm.optimum == "tilted-score" && config.value.network != "none")
    base::refuse_value(
        "value", "network", base::config_text(config.value.network),
        "\"none\" with [algorithm] optimum = \"tilted-score\": what a network learns "
        "of the value is of the solver that it sees");
  if (name == "q-learning") return;
  if (config.algorithm.learns_from_data() && config.value.network != "none")
    base::refuse_value("value", "network", base::config_text(config.value.network),
                       "\"none\"" + with + ", which learns no critic");
  if (config.algorithm.learns_from_data() && config.data.placement == "streamed")
    base::refuse_value("data", "placement", base::config_text(config.data.placement),
                       "\"replicated\" or \"sharded\"" + with + ", which draws rows at every step");
  if (name != "score-matching" && config.reward.kind == "none")
    base::refuse_value("reward", "kind", base::config_text(config.reward.kind),
                       "a reward" + with + ", which learns from nothing else");
  if (config.algorithm.is_policy_gradient() && config.simulator.kind != "euler-maruyama")
    base::refuse_value("simulator", "kind", base::config_text(config.simulator.kind),
                       "\"euler-maruyama\"" + with + ", whose steps must have a density");
  if (config.algorithm.baseline == "value" && config.value.network == "none")
    base::refuse_value("algorithm", "baseline", base::config_text(config.algorithm.baseline),
                       "\"batch-mean\" where [value] network = \"none\"");
}

}  // namespace

void Config::validate() const {
  run.validate();
  data.validate();
  process.validate();
  time_grid.validate();
  simulator.validate();
  score.validate();
  policy.validate();
  value.validate();
  reward.validate();
  context.validate();
  algorithm.validate();
  optimizer.validate();
  average.validate();
  checkpoint.validate();
  if (score.pruning > 0.0 && run.reproducible)
    base::refuse_value("score", "pruning", base::config_text(score.pruning),
                       "0 with [run] reproducible = true, for what is left out depends on how rows "
                       "are dealt to ranks");
  if (run.device != "cpu" && run.reproducible)
    base::refuse_value("run", "device", base::config_text(run.device),
                       "\"cpu\" with [run] reproducible = true, for a GPU rounds differently with "
                       "other numbers of rows");
  check_context_kernel(*this);
  check_algorithm(*this);
  check_sampled_actions(*this);
  if (data.placement == "streamed") validate_streamed(score);
  if (algorithm.updates > time_grid.steps)
    base::refuse_value("algorithm", "updates", base::config_text(std::int64_t{algorithm.updates}),
                       "at most [time_grid] steps, for each update learns from other time steps");
}

Config read_config(const std::string& path) {
  ConfigSource source;
  source.apply_file(path);
  return source.finish();
}

Config parse_config(const std::string& text, const std::string& name) {
  ConfigSource source;
  source.apply_text(text, name);
  return source.finish();
}

std::string to_toml(const Config& config) {
  Config copy = config;  // bind() needs one that may be written to
  std::string text;
  for (const auto& section : bind(copy)) text += (text.empty() ? "" : "\n") + as_toml(section);
  return text;
}

}  // namespace tropism::app
