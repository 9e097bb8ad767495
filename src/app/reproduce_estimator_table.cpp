// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "estimator_study.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr StudySize full_size = {500000, 10000, 100, 10};
constexpr StudySize quick_size = {20000, 500, 20, 1};

/// A row as printed in [GZZ24 v2]: L1 bias, trace variance, MSE.
struct Published {
  int t;  // as printed
  std::int64_t m;
  double bias, variance, squared_error;
};

constexpr std::array<Published, 9> published = {{{1, 30, 6.178e-2, 5.036e-2, 5.348e-2},
                                                 {1, 90, 3.346e-2, 1.515e-2, 1.938e-2},
                                                 {1, 300, 2.151e-2, 4.458e-3, 8.682e-3},
                                                 {2, 30, 2.294e-2, 7.504e-3, 8.273e-3},
                                                 {2, 90, 1.393e-2, 2.440e-3, 3.213e-3},
                                                 {2, 300, 8.723e-3, 7.302e-4, 1.501e-3},
                                                 {4, 30, 3.069e-3, 1.015e-3, 1.112e-3},
                                                 {4, 90, 2.524e-3, 3.386e-4, 4.504e-4},
                                                 {4, 300, 1.457e-3, 1.024e-4, 3.209e-4}}};

/// The noise time at which our variance is the printed one. No distribution of the states and no
/// scaling of the roll brings the printed rows t = 1 and 2 there at noise times 1 and 2 (they are 5
/// and 6 times too small), while t = 4 fits the unscaled roll to 2 %. Noise times 2, 3, 4 fit all
/// three, as if some rows told the noise time and others the time T - t of the reverse process,
/// T = 5.
int fitting_noise_time(int t) {
  return t == 4 ? 4 : t + 1;
}

const StudyRow& row_at(const std::vector<StudyRow>& rows, int noise_time, std::int64_t m) {
  return *std::find_if(rows.begin(), rows.end(), [&](const StudyRow& row) {
    return row.noise_time == static_cast<double>(noise_time) && row.m == m;
  });
}

std::string with_error(const Measured& measured) {
  return with_standard_error(measured.value, measured.standard_error);
}

std::string number(double value) {
  return scientific(value, 4);
}

Cells errors_cells(const EstimatorErrors& errors) {
  return {with_error(errors.bias), with_error(errors.variance), with_error(errors.squared_error)};
}

Cells key_of(const StudyRow& row) {
  return {significant(row.noise_time, 3), std::to_string(row.m)};
}

Cells operator+(Cells first, const Cells& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// The printed MSE exceeds the printed variance by what a truth from 300 rows would add.
double error_against_300_rows(const StudyRow& row) {
  return row.ratio.squared_error.value +
         row.predicted_variance * static_cast<double>(row.m) / 300.0;
}

std::string comparison_table(const std::vector<StudyRow>& rows) {
  std::vector<Cells> lines = {{"t printed", "m", "L1 bias", "variance", "MSE", "noise time",
                               "our L1 bias", "our variance", "our MSE", "L1 of 20 repeats",
                               "MSE, 300-row truth"}};
  for (const auto& theirs : published) {
    for (const int time : std::set<int>{theirs.t, fitting_noise_time(theirs.t)}) {
      const auto& ours = row_at(rows, time, theirs.m);
      lines.push_back(
          Cells{std::to_string(theirs.t), std::to_string(theirs.m), number(theirs.bias),
                number(theirs.variance), number(theirs.squared_error), std::to_string(time)} +
          errors_cells(ours.ratio) +
          Cells{number(ours.predicted_bias_of_20), number(error_against_300_rows(ours))});
    }
  }
  return text_table(lines);
}

std::string theory_table(const std::vector<StudyRow>& rows) {
  std::vector<Cells> lines = {
      {"noise time", "m", "L1 bias", "predicted", "variance", "predicted", "large t", "MSE"}};
  for (const auto& row : rows)
    lines.push_back(key_of(row) +
                    Cells{with_error(row.ratio.bias), number(row.predicted_bias),
                          with_error(row.ratio.variance), number(row.predicted_variance),
                          number(row.large_time_variance), with_error(row.ratio.squared_error)});
  return text_table(lines);
}

std::string draws_table(const std::vector<StudyRow>& rows) {
  std::vector<Cells> lines = {
      {"noise time", "draws", "L1 bias", "without bias", "variance", "predicted", "MSE"}};
  for (const auto& row : rows)
    lines.push_back(key_of(row) +
                    Cells{with_error(row.draws.bias), number(row.predicted_draws_bias),
                          with_error(row.draws.variance), number(row.predicted_draws_variance),
                          with_error(row.draws.squared_error)});
  return text_table(lines);
}

json to_json(const Measured& measured) {
  return {{"value", measured.value}, {"standard_error", measured.standard_error}};
}

json to_json(const EstimatorErrors& errors) {
  return {{"l1_bias", to_json(errors.bias)},
          {"variance", to_json(errors.variance)},
          {"mse", to_json(errors.squared_error)}};
}

json to_json(const StudyRow& row) {
  return {
      {"noise_time", row.noise_time},
      {"m", row.m},
      {"ratio", to_json(row.ratio)},
      {"ratio_predicted", {{"l1_bias", row.predicted_bias}, {"variance", row.predicted_variance}}},
      {"large_time_variance", row.large_time_variance},
      {"mse_against_300_rows", error_against_300_rows(row)},
      {"posterior_draw", to_json(row.draws)},
      {"posterior_draw_predicted",
       {{"l1_bias", row.predicted_draws_bias}, {"variance", row.predicted_draws_variance}}}};
}

json published_json() {
  auto rows = json::array();
  for (const auto& row : published)
    rows.push_back({{"t", row.t},
                    {"m", row.m},
                    {"l1_bias", row.bias},
                    {"variance", row.variance},
                    {"mse", row.squared_error},
                    {"fits_noise_time", fitting_noise_time(row.t)}});
  return rows;
}

std::string choices_text(const StudySize& size) {
  return "Swiss roll, no noise, two coordinates, unscaled; a = e^-t, v = 1 - e^-2t. States: " +
         std::to_string(size.states) + " from p_t. Truth: the ratio over all " +
         std::to_string(size.rows) + "\nrows; " + std::to_string(size.repeats) +
         " repeats, each with m rows drawn afresh from these. L1 bias: summed over the two "
         "coordinates, of the mean over repeats\n(so it is not 0 without a bias); variance: trace; "
         "± standard error by the jackknife over repeats.\n";
}

std::string comparison_text() {
  return "\nThe printed table (arXiv 2409.04832 v2) beside ours, at the printed t as noise time "
         "and "
         "at the noise time whose\nvariance fits. The printed MSE exceeds the variance by about "
         "the variance at 300 rows, as if the truth came from 300:\nthe last column adds that to "
         "ours. The printed L1 biases at t = 1 and 2 are about those that 20 repeats leave.\n\n";
}

std::string theory_text(const StudySize& size) {
  return "\nOurs beside the delta method, first order in 1/m: bias -(a/v)(kappa/m)(xbar_2 - "
         "xbar_1), and what " +
         std::to_string(size.repeats) +
         " repeats of this variance\nadd to its L1. At noise time 1 with m = 30 the first order is "
         "not enough. Large t: (a/v)^2 tr Cov(x_0)/m, as E2 has it.\n\n";
}

std::string draws_text(const StudySize& size) {
  const auto where = size.draw_every > 1
                         ? ", at one in " + std::to_string(size.draw_every) + " of the states"
                         : std::string();
  return "\nThe same with m draws from the softmax weights over all rows (signal = "
         "\"posterior-draw\") in place of m rows" +
         where + ":\nno bias, and the variance (a/v)^2 tr Cov(x_0 | x)/m.\n\n";
}

std::string text_of(const std::vector<StudyRow>& rows, const StudySize& size) {
  return choices_text(size) + comparison_text() + comparison_table(rows) + theory_text(size) +
         theory_table(rows) + draws_text(size) + draws_table(rows);
}

/// Columns: m, ratio, its standard error, prediction, draws; one block per noise time.
torch::Tensor curve_of(const std::vector<StudyRow>& rows, double noise_time, int quantity) {
  std::vector<torch::Tensor> lines;
  for (const auto& row : rows) {
    if (row.noise_time != noise_time) continue;
    const std::array<const Measured*, 3> ratio = {&row.ratio.bias, &row.ratio.variance,
                                                  &row.ratio.squared_error};
    const std::array<const Measured*, 3> draws = {&row.draws.bias, &row.draws.variance,
                                                  &row.draws.squared_error};
    const auto i = static_cast<std::size_t>(quantity);
    lines.push_back(torch::tensor(
        {static_cast<double>(row.m), ratio[i]->value, ratio[i]->standard_error, draws[i]->value},
        torch::kFloat64));
  }
  return torch::stack(lines);
}

/// Columns: m, value; one block per printed t.
torch::Tensor published_curve(int t, int quantity) {
  std::vector<torch::Tensor> lines;
  for (const auto& row : published) {
    const std::array<double, 3> values = {row.bias, row.variance, row.squared_error};
    if (row.t == t)
      lines.push_back(
          torch::tensor({static_cast<double>(row.m), values[static_cast<std::size_t>(quantity)]},
                        torch::kFloat64));
  }
  return torch::stack(lines);
}

std::string panel_of(const std::vector<StudyRow>& rows, int quantity) {
  const std::array<const char*, 3> titles = {"L1 bias", "trace of the variance",
                                             "mean squared error"};
  std::string blocks, plots;
  for (const int t : {1, 2, 4}) {
    const int time = fitting_noise_time(t);
    const auto name = "q" + std::to_string(quantity) + "t" + std::to_string(t);
    blocks += data_block("ours" + name, curve_of(rows, time, quantity)) +
              data_block("theirs" + name, published_curve(t, quantity));
    const auto rgb = " lc rgb '" + colour(static_cast<std::size_t>(time)) + "'";
    plots += (plots.empty() ? "plot " : ", ") + ("$ours" + name) +
             " using 1:2:3 with yerrorlines pt 7 ps 0.6 lw 1.6" + rgb +
             " title 'ratio, noise time " + std::to_string(time) + "', $theirs" + name +
             " with points pt 4 ps 1.6 lw 1.6" + rgb + " title 'printed, t = " + std::to_string(t) +
             "', $ours" + name + " using 1:4 with lines dt 2 lw 1.4" + rgb +
             " title 'posterior draws'";
  }
  return blocks + "set title " + quoted(titles[static_cast<std::size_t>(quantity)]) +
         " font 'Sans,12' offset 0,-0.5\n" + (quantity == 2 ? "set key\n" : "unset key\n") + plots +
         "\n";
}

Plot plot_of(const std::vector<StudyRow>& rows) {
  Plot plot;
  plot.width = 1560;
  plot.height = 520;
  plot.commands = begin_panels("The ratio estimator with m rows on the Swiss roll") + light_axes() +
                  "set logscale xy\nset format y '%.0e'\nset xrange [25:360]\nset xtics (30, 90, "
                  "300)\nset xlabel 'm' offset 0,0.3\nset key outside right center font 'Sans,9'\n";
  for (int quantity = 0; quantity < 3; ++quantity)
    plot.commands +=
        place({80.0 + 440.0 * quantity, 84.0, 340.0, 360.0}, plot) + panel_of(rows, quantity);
  plot.commands += end_panels();
  return plot;
}

}  // namespace

std::optional<Results> reproduce_estimator_table(const ReproduceSetting& setting,
                                                 const comm::Communicator& comm) {
  const auto size = setting.effort == Effort::quick ? quick_size : full_size;
  const auto rows = study_estimator(size, {1.0, 2.0, 3.0, 4.0}, comm, setting.progress);
  if (!comm.is_root()) return Results();
  auto all = json::array();
  for (const auto& row : rows) all.push_back(to_json(row));
  return Results{text_of(rows, size),
                 {{"rows", all},
                  {"published", published_json()},
                  {"choices", choices_text(size)},
                  {"truth_rows", size.rows},
                  {"states", size.states},
                  {"repeats", size.repeats}},
                 plot_of(rows)};
}

}  // namespace tropism::app
