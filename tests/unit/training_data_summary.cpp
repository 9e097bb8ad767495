// SPDX-License-Identifier: MIT
#include <tropism/training/data_summary.hpp>

#include <tropism/base/error.hpp>
#include <tropism/io/hdf5_file.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/temporary_directory.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using training::DataSummary;

constexpr std::int64_t num_rows = 50;

data::Dataset points() {
  auto dataset = data::whole_dataset(test::normal_points(num_rows, 6, 1).view({num_rows, 2, 3}));
  dataset.label = torch::arange(num_rows) % 3 * 5 - 4;
  return dataset;
}

DataSummary written_and_read(const DataSummary& summary) {
  const test::TemporaryDirectory directory;
  auto file = io::Hdf5File::create(directory / "a.h5");
  summary.write(file);
  file.close();
  return DataSummary::read(io::Hdf5File::open(directory / "a.h5"));
}

void check_same(const DataSummary& a, const DataSummary& b) {
  CHECK(a.rows == b.rows);
  CHECK(a.shape == b.shape);
  CHECK(a.scaling.kind == b.scaling.kind);
  CHECK(a.scaling.offset.equal(b.scaling.offset));
  CHECK(a.scaling.factor.equal(b.scaling.factor));
  CHECK(a.moments.mean.equal(b.moments.mean));
  CHECK(a.moments.variance == b.moments.variance);
  CHECK(a.label_values == b.label_values);
  CHECK(a.label_counts == b.label_counts);
}

TEST_CASE("A summary holds the moments of the rows and counts their labels") {
  const auto set = points();

  const auto summary = training::summarise(comm::Communicator::alone(), set, false);

  const auto x = set.x.to(torch::kFloat64);
  const double variance = (x - x.mean(0)).square().mean().item<double>();
  CHECK(summary.rows == num_rows);
  CHECK(summary.dimension() == 6);
  CHECK(summary.shape == std::vector<std::int64_t>{2, 3});
  CHECK(test::largest_difference(summary.moments.mean, x.mean(0)) < 1e-7);
  CHECK(summary.moments.variance == Approx(variance).epsilon(1e-9));
  CHECK(summary.label_values == std::vector<std::int64_t>{-4, 1, 6});
  CHECK(summary.label_counts == std::vector<std::int64_t>{17, 17, 16});
}

TEST_CASE("A summary comes back from a file as it was written") {
  auto set = points();
  const auto kind =
      GENERATE(data::ScalingKind::none, data::ScalingKind::unit, data::ScalingKind::standard);
  set.scaling = data::fit_scaling(kind, set.x * 3.0 + 1.0);

  const auto summary = training::summarise(comm::Communicator::alone(), set, false);

  check_same(summary, written_and_read(summary));
}

TEST_CASE("A summary of data without labels comes back without labels") {
  const auto set = data::whole_dataset(test::normal_points(num_rows, 1, 1));

  const auto summary = training::summarise(comm::Communicator::alone(), set, false);

  CHECK(summary.label_values.empty());
  check_same(summary, written_and_read(summary));
}

TEST_CASE("A summary of data with contexts comes back with what is kept of them") {
  auto set = points();
  set.context = test::normal_points(num_rows, 3, 2);
  set.context->select(1, 1).fill_(0.1);

  const auto summary = training::summarise(comm::Communicator::alone(), set, false);
  const auto read = written_and_read(summary);

  REQUIRE(read.contexts.has_value());
  CHECK(summary.contexts->kept.equal(*set.context));
  CHECK(summary.contexts->sd[1].item<double>() == 0.0);
  CHECK(read.contexts->kept.equal(summary.contexts->kept));
  CHECK(read.contexts->low.equal(summary.contexts->low));
  CHECK(read.contexts->high.equal(summary.contexts->high));
  CHECK(read.contexts->mean.equal(summary.contexts->mean));
  CHECK(read.contexts->sd.equal(summary.contexts->sd));
}

TEST_CASE("A summary of data without contexts comes back without contexts") {
  const auto summary = training::summarise(comm::Communicator::alone(), points(), false);

  CHECK_FALSE(summary.contexts.has_value());
  CHECK_FALSE(written_and_read(summary).contexts.has_value());
}

TEST_CASE("Rows that are all the same point are refused") {
  const auto set = data::whole_dataset(torch::full({4, 2}, 0.1));

  const auto message = test::message_of<base::IoError>(
      [&] { return training::summarise(comm::Communicator::alone(), set, false); });

  CHECK(test::contains(message, "All 4 rows of the data are the same point"));
}

}  // namespace
