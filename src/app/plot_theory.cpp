// SPDX-License-Identifier: MIT
#include "plot_theory.hpp"

#include <cmath>

namespace tropism::app {
namespace {

using Rows = std::vector<std::array<double, 4>>;

constexpr double largest_beta = 1.2, smallest_beta = 0.008;

std::string block(const std::string& name, const Rows& rows) {
  auto table = torch::empty({static_cast<std::int64_t>(rows.size()), 4}, torch::kFloat64);
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (std::size_t column = 0; column < 4; ++column)
      table[static_cast<std::int64_t>(row)][static_cast<std::int64_t>(column)] = rows[row][column];
  return data_block(name, table);
}

/// beta, reward and cost of q-learning's optimum; of DPOK's beta the half.
Rows optima() {
  Rows rows;
  for (int i = 0; i <= 100; ++i) {
    const double beta = smallest_beta * std::pow(largest_beta / smallest_beta, i / 100.0);
    rows.push_back({beta, directed_reward(directed_optimum(exact_mixture(), beta)),
                    directed_cost(exact_mixture(), beta), 0.5 * beta});
  }
  return rows;
}

/// beta, reward, its half width, and cost.
Rows found(const Theory& theory, const std::string& method) {
  Rows rows;
  for (const auto& response : theory.responses)
    if (response.method == method)
      rows.push_back({response.beta, *response.law.reward.mean,
                      *evaluation::half_width(*response.law.reward.standard_error), response.cost});
  return rows;
}

std::string titled(const std::string& title, const std::string& x, const std::string& y) {
  return "set title " + quoted(title) + " font 'Sans,12' offset 0,-0.5\nset xlabel " + quoted(x) +
         " offset 0,0.6\nset ylabel " + quoted(y) + " offset 0.3,0\n";
}

std::string points(const std::string& from, std::size_t hue, const std::string& title) {
  return from + " with points pt 7 ps 1.1 lc rgb '" + colour(hue) + "' title '" + title + "'";
}

const std::string grey = " with lines lw 1.8 lc rgb '#374151' title ";

std::string response_panel(const Plot& plot) {
  return place({70.0, 84.0, 610.0, 350.0}, plot) +
         titled("The response to beta (D3)", "beta", "mean reward") +
         "set logscale x\nset key bottom right\nset xrange [0.008:1.2]\nplot $optima using "
         "1:2" +
         grey +
         "'q-learning: p_0 e^{beta h/2}, exact', $optima using 4:2 with lines dt 2 "
         "lw 1.8 lc rgb '#374151' title 'DPOK: p_0 e^{beta h}, exact', " +
         points("$learned using 1:2", 0, "q-learning, samples") + ", " +
         points("$dpok using 1:2", 1, "DPOK, samples") + "\nunset logscale x\n";
}

std::string frontier_panel(const Plot& plot) {
  return place({780.0, 84.0, 610.0, 350.0}, plot) +
         titled("Mean reward at what divergence", "mean reward", "KL from the data law, nats") +
         "set key top left\nset xrange [-50:0]\nplot $optima using 2:3" + grey +
         "'the least possible', " + points("$learned using 2:4", 0, "q-learning, samples") + ", " +
         points("$dpok using 2:4", 1, "DPOK, samples") + "\n";
}

struct Curves {
  torch::Tensor LearnedFunctions::*exact;
  torch::Tensor LearnedFunctions::*learned;
};

/// The exact curve of each noise time, and ours as points; states where the process hardly comes
/// are left out.
std::string function_panel(const std::vector<LearnedFunctions>& functions, const Curves& curves,
                           const std::string& prefix) {
  std::string blocks, list;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const auto& at = functions[i];
    const auto seen = at.weight.gt(1e-4 * at.weight.max().item<double>());
    const auto table = torch::stack({at.y, at.*curves.exact, at.*curves.learned}, 1)
                           .index({seen.nonzero().squeeze(1)});
    const auto name = prefix + std::to_string(i);
    blocks += data_block(name, table);
    list += std::string(i == 0 ? "plot" : ",") + " $" + name +
            " using 1:2 with lines lw 1.8 lc rgb '" + colour(i) +
            "' title 'tau = " + significant(at.noise_time, 2) + "', $" + name +
            " using 1:3 every 6 with points pt 6 ps 0.8 lc rgb '" + colour(i) + "' notitle";
  }
  return blocks + list + "\n";
}

}  // namespace

Plot plot_theory(const Theory& theory, double shown_beta) {
  std::vector<LearnedFunctions> shown;
  for (const auto& at : theory.functions)
    if (at.beta == shown_beta) shown.push_back(at);
  const auto beta = significant(shown_beta, 2);
  Plot plot;
  plot.width = 1440;
  plot.height = 970;
  plot.commands =
      block("optima", optima()) + block("learned", found(theory, "q-learning")) +
      block("dpok", found(theory, "dpok")) +
      begin_panels(
          "1-D mixture with the reward -(y - 6)^2: closed forms as lines, "
          "what was learned as points") +
      light_axes() + response_panel(plot) + frontier_panel(plot) +
      "set xrange [*:*]\nset key top right\n" + place({70.0, 540.0, 610.0, 350.0}, plot) +
      titled("Policy mean, beta = " + beta + " (D4)", "y", "mu") +
      function_panel(shown, {&LearnedFunctions::optimal_policy, &LearnedFunctions::policy},
                     "policy") +
      "set key bottom right\n" + place({780.0, 540.0, 610.0, 350.0}, plot) +
      titled("Value, beta = " + beta + " (D2)", "y", "J") +
      function_panel(shown, {&LearnedFunctions::optimal_value, &LearnedFunctions::value}, "value") +
      end_panels();
  return plot;
}

}  // namespace tropism::app
