// SPDX-License-Identifier: MIT
// The estimate over the streamed rows of all ranks against that over rows in memory on one.
#include <algorithm>
#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/score/streamed_signal.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/shards.hpp"
#include "support/shared_directory.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using score::Scope;
using score::Summation;
using test::world;

constexpr std::int64_t num_rows = 2300, dimension = 8, num_queries = 90, micro_batch = 48;
constexpr double noise_time = 0.4;

/// Rows sorted by label, so that ranks lack whole groups.
data::Dataset whole_set() {
  auto set = data::whole_dataset(test::normal_points(num_rows, dimension, 1));
  set.label = torch::arange(num_rows).div(900, "floor");
  return set;
}

/// Shards of 900, 0, 1,300 and 100 rows.
void write_shards(const test::SharedDirectory& directory) {
  test::on_root([&] {
    std::int64_t first = 0;
    for (const auto& [name, rows] :
         {std::pair{"/a.h5", 900}, {"/b.h5", 0}, {"/c.h5", 1300}, {"/d.h5", 100}}) {
      const auto part = data::narrow(whole_set(), first, rows);
      test::write_foreign(directory.path() + name, {{"x", part.x}, {"label", *part.label}});
      first += rows;
    }
  });
}

score::DataRows as_rows(const data::Dataset& data) {
  return {.x = data.x,
          .groups = *data.label,
          .num_groups = 3,
          .log_weights = -0.3 * (data.x - 1.0).square().sum(1)};
}

score::RatioSetting setting(const comm::Communicator& comm, Summation summation, int samples) {
  return {&comm,
          test::toy_process(),
          nullptr,
          {.samples = samples, .scope = "global"},
          {9, base::Purpose::estimator_rows},
          summation,
          micro_batch};
}

torch::Tensor queries() {
  return test::normal_points(num_queries, dimension, 2);
}

/// What some queries see.
score::Observation observe(const score::RatioSetting& setting, comm::RowRange rows) {
  const auto part = [&](const torch::Tensor& all) { return all.narrow(0, rows.first, rows.count); };
  const auto signal = score::make_signal(std::make_shared<score::RatioSetting>(setting),
                                         part(torch::arange(num_queries) * 7 % 3));
  return signal->observe(part(queries()), noise_time, {5, 3});
}

score::Observation in_memory_on_one_rank(score::RatioSetting shared, comm::RowRange rows) {
  const auto alone = comm::Communicator::alone();
  shared.comm = &alone;
  shared.streamed = nullptr;
  shared.data =
      std::make_shared<score::RatioData>(alone, Scope::local, as_rows(whole_set()),
                                         torch::zeros({dimension}), score::reproducible_block_rows);
  auto whole = observe(shared, {0, num_queries});
  const auto part = [&](const torch::Tensor& all) { return all.narrow(0, rows.first, rows.count); };
  whole.score = part(whole.score);
  whole.tilt_gradient = part(whole.tilt_gradient);
  whole.log_tilt = part(whole.log_tilt);
  whole.effective_sample_size = part(whole.effective_sample_size);
  return whole;
}

enum class Deal { even, all_to_the_last };

/// This rank's share of the rows, cut at multiples.
comm::RowRange share(Deal deal, std::int64_t multiple) {
  if (deal == Deal::even)
    return comm::split_rows(num_rows, world().size(), world().rank(), multiple);
  const bool last = world().rank() == world().size() - 1;
  return {0, last ? num_rows : 0};
}

data::RowStream open_stream(const test::SharedDirectory& directory, comm::RowRange rows,
                            std::int64_t block_rows) {
  return {std::make_shared<data::ShardSet>(test::data_at(directory.path()), world()), rows,
          block_rows};
}

std::shared_ptr<const score::StreamedData> streamed_data(const data::RowStream& stream,
                                                         Scope scope) {
  return std::make_shared<score::StreamedData>(
      world(), scope, std::make_shared<score::ShardRows>(stream, as_rows),
      torch::zeros({dimension}), score::RowPlaces::remembered);
}

comm::RowRange my_queries(std::int64_t multiple) {
  return comm::split_rows(num_queries, world().size(), world().rank(), multiple);
}

TEST_CASE("Streamed over all ranks, the estimate is that in memory on one up to round-off") {
  const auto deal = GENERATE(Deal::even, Deal::all_to_the_last);
  const std::int64_t block_rows = GENERATE(70, 1000);
  const test::SharedDirectory directory;
  write_shards(directory);
  auto shared = setting(world(), Summation::running, GENERATE(0, 100));
  shared.streamed =
      streamed_data(open_stream(directory, share(deal, 1), block_rows), Scope::global);

  const auto ours = observe(shared, my_queries(1));

  const auto whole = in_memory_on_one_rank(shared, my_queries(1));
  CHECK(torch::allclose(ours.score, whole.score, 1e-4, 1e-4));
  CHECK(torch::allclose(ours.tilt_gradient, whole.tilt_gradient, 1e-4, 1e-4));
  CHECK(torch::allclose(ours.log_tilt, whole.log_tilt, 1e-4, 1e-3));
  CHECK(torch::allclose(ours.effective_sample_size, whole.effective_sample_size, 1e-3));
}

TEST_CASE("Streamed over all ranks, the exact estimate is that in memory on one bit for bit") {
  const auto deal = GENERATE(Deal::even, Deal::all_to_the_last);
  const std::int64_t block_rows = score::reproducible_block_rows * GENERATE(1, 3);
  const test::SharedDirectory directory;
  write_shards(directory);
  auto shared = setting(world(), Summation::exact, GENERATE(0, 100));
  shared.streamed =
      streamed_data(open_stream(directory, share(deal, score::reproducible_block_rows), block_rows),
                    Scope::global);

  const auto ours = observe(shared, my_queries(micro_batch));

  const auto whole = in_memory_on_one_rank(shared, my_queries(micro_batch));
  CHECK(ours.score.equal(whole.score));
  CHECK(ours.tilt_gradient.equal(whole.tilt_gradient));
  CHECK(ours.log_tilt.equal(whole.log_tilt));
  CHECK(ours.effective_sample_size.equal(whole.effective_sample_size));
}

TEST_CASE("With local scope a rank sees its own streamed rows alone") {
  const test::SharedDirectory directory;
  write_shards(directory);
  const comm::RowRange third = {900 * (world().rank() % 2), 900};  // all of one label
  auto shared = setting(world(), Summation::running, 0);
  shared.streamed = streamed_data(open_stream(directory, third, 256), Scope::local);
  const auto signal =
      score::make_signal(std::make_shared<score::RatioSetting>(shared),
                         torch::full({num_queries}, world().rank() % 2, torch::kInt64));

  const auto seen = signal->observe(queries(), noise_time, {0, 0});

  const score::RatioScore own(test::toy_process(), whole_set().x.narrow(0, third.first, 900),
                              torch::Tensor());
  const auto expected =
      own.score(queries(), torch::full({num_queries}, noise_time, torch::kFloat64));
  CHECK(torch::allclose(seen.score, expected, 1e-4, 1e-4));
}

TEST_CASE("A shard that goes away after the start is the same error on all ranks") {
  const test::SharedDirectory directory;
  write_shards(directory);
  auto shared = setting(world(), GENERATE(Summation::running, Summation::exact), GENERATE(0, 100));
  shared.streamed =
      streamed_data(open_stream(directory, share(Deal::even, 512), 512), Scope::global);
  const auto mine = my_queries(micro_batch);
  const auto signal =
      score::make_signal(std::make_shared<score::RatioSetting>(shared),
                         (torch::arange(num_queries) * 7 % 3).narrow(0, mine.first, mine.count));
  const auto path = directory.path() + "/d.h5";
  test::on_root([&] { std::filesystem::remove(path); });

  const auto message = test::message_of<base::IoError>([&] {
    return signal->observe(queries().narrow(0, mine.first, mine.count), noise_time, {0, 0});
  });

  CHECK(test::contains(message, path + ": cannot open the HDF5 file"));
}

}  // namespace
