// SPDX-License-Identifier: MIT
#include "training_data.hpp"

#include <tropism/comm/agreement.hpp>
#include <tropism/data/shard_set.hpp>
#include <tropism/score/ratio_data.hpp>

namespace tropism::app {
namespace {

/// Multiples of what ranks and blocks begin at.
std::int64_t row_multiple(const Config& config) {
  return config.run.reproducible ? score::reproducible_block_rows : 1;
}

}  // namespace

TrainingData load_data(const Config& config, const comm::Communicator& comm) {
  auto shards = std::make_shared<const data::ShardSet>(config.data, comm);
  if (config.data.placement == "replicated") return data::load(*shards, config.data, comm);
  const auto multiple = row_multiple(config);
  const auto rows = comm::split_rows(shards->rows(), comm.size(), comm.rank(), multiple);
  if (config.data.placement == "sharded")
    return comm::together(comm, [&] { return shards->read(rows); });
  const auto dimension = c10::multiply_integers(shards->row_shape());
  return data::RowStream(std::move(shards), rows,
                         data::rows_per_block(config.data.block_megabytes, dimension, multiple));
}

training::DataSummary summarise(const Config& config, const comm::Communicator& comm,
                                const TrainingData& data) {
  if (const auto* in_memory = std::get_if<data::Dataset>(&data))
    return training::summarise(comm, *in_memory, config.data.placement == "replicated");
  return training::summarise(comm, std::get<data::RowStream>(data));
}

std::int64_t total_rows(const TrainingData& data) {
  if (const auto* in_memory = std::get_if<data::Dataset>(&data)) return in_memory->total_rows;
  return std::get<data::RowStream>(data).shards().rows();
}

torch::Tensor contexts_of(const TrainingData& data) {
  if (const auto* in_memory = std::get_if<data::Dataset>(&data)) return *in_memory->context;
  const auto& stream = std::get<data::RowStream>(data);
  std::vector<torch::Tensor> contexts = {torch::empty({0, *stream.shards().context_size()})};
  stream.each_block([&](data::Dataset&& block) { contexts.push_back(*block.context); });
  return torch::cat(contexts);
}

}  // namespace tropism::app
