// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include <tropism/data/dataset.hpp>
#include <tropism/data/shard_writer.hpp>

namespace tropism::app {

/// "[8, 8]"
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

/// "1797 rows", "1 shard"
[[nodiscard]] std::string count_text(std::int64_t count, const std::string& noun);

/// A number with as many digits as people want to see: "-1", "0.3333", "1.2e-07".
[[nodiscard]] std::string number_text(double value);

/// Smallest and largest of values that come in blocks.
class ValueRange {
 public:
  void add(const torch::Tensor& block);

  /// "-1 to 1", with the number of values that are not finite if there are any.
  [[nodiscard]] std::string text() const;

 private:
  std::int64_t finite_ = 0;
  std::int64_t not_finite_ = 0;
  double smallest_ = 0;
  double largest_ = 0;
};

/// "10 values: 0 (178), 1 (182), ..."; at most 20 of them.
[[nodiscard]] std::string label_text(const torch::Tensor& labels);

/// "unit: stored = (raw - 8) / 8"
[[nodiscard]] std::string scaling_text(const data::Scaling& scaling);

/// Prints on standard output what has been written, in a few lines.
void print_written(const data::Dataset& dataset, const data::ShardWriterConfig& config);

/// Prints the columns of a dataset, one line each.
void print_columns(const data::Dataset& dataset);

}  // namespace tropism::app
