// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include <array>

#include <tropism/data/shard_writer.hpp>
#include <tropism/data/synthetic.hpp>

#include "command_line.hpp"
#include "mixture_options.hpp"
#include "value_summary.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

struct MakeOptions {
  std::string name;
  std::int64_t samples = 0;
  std::uint64_t seed = 0;
  double noise = 0;
  MixtureText mixture;
  std::string mixture_file;
  data::SubspaceConfig subspace;
  std::string scale = "none";
  data::ShardWriterConfig writer = {.directory = "", .name = ""};
  bool force = false;
};

void add_common_options(CLI::App& app, MakeOptions& options) {
  app.add_option(
         "name", options.name,
         "swiss-roll (its angle is the context), mixture-1d, mixture (its component is the label) "
         "or subspace")
      ->required()
      ->type_name("NAME");
  app.add_option("--samples", options.samples, "number of rows, 1 or more")
      ->required()
      ->type_name("INTEGER");
  app.add_option("--out", options.writer.directory, "directory of the shards; created")
      ->required()
      ->type_name("DIR");
  app.add_option("--seed", options.seed, "the same seed gives the same rows")
      ->capture_default_str()
      ->type_name("INTEGER");
  app.add_option("--shards", options.writer.shards, "number of shards, 1 to 99999")
      ->capture_default_str()
      ->type_name("INTEGER");
  app.add_option("--scale", options.scale,
                 "none; unit: all values to [-1, 1]; standard: each column to mean 0, variance 1")
      ->capture_default_str()
      ->type_name("none|unit|standard");
  app.add_flag("--force", options.force, "replace a shard set that is in DIR already");
}

void add_mixture_options(CLI::App& app, MakeOptions& options) {
  const auto list = [&app](const char* name, std::vector<double>& values, const char* help) {
    app.add_option(name, values, help)
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("REAL,...");
  };
  list("--weights", options.mixture.weights,
       "mixture: one per component, divided by their sum; default: all alike");
  app.add_option("--means", options.mixture.means,
                 "mixture: components separated by ;, coordinates by ,")
      ->type_name("\"REAL,...;REAL,...\"");
  list("--stds", options.mixture.stds,
       "mixture: standard deviation, one per component or one for all; default: 1");
  app.add_option("--config", options.mixture_file,
                 "mixture: read weights, means and stds from section [mixture]")
      ->type_name("FILE");
}

void add_other_options(CLI::App& app, MakeOptions& options) {
  app.add_option("--noise", options.noise, "swiss-roll: standard deviation of the noise")
      ->capture_default_str()
      ->type_name("REAL");
  app.add_option("--dimension", options.subspace.dimension, "subspace: dimension of the samples")
      ->capture_default_str()
      ->type_name("INTEGER");
  app.add_option("--latent", options.subspace.latent, "subspace: dimension of the subspace")
      ->capture_default_str()
      ->type_name("INTEGER");
  app.add_option("--labelled", options.subspace.labelled_rows,
                 "subspace: rows with a reward, from the first; -1: all")
      ->capture_default_str()
      ->type_name("INTEGER");
  app.add_option("--label-noise", options.subspace.label_noise,
                 "subspace: standard deviation of the reward's noise")
      ->capture_default_str()
      ->type_name("REAL");
}

/// An option of one set must not be given for another.
void refuse_foreign_options(const CLI::App& app, const std::string& name) {
  using Owner = std::pair<const char*, const char*>;
  constexpr std::array<Owner, 9> owners = {{{"--noise", "swiss-roll"},
                                            {"--weights", "mixture"},
                                            {"--means", "mixture"},
                                            {"--stds", "mixture"},
                                            {"--config", "mixture"},
                                            {"--dimension", "subspace"},
                                            {"--latent", "subspace"},
                                            {"--labelled", "subspace"},
                                            {"--label-noise", "subspace"}}};
  for (const auto& [option, owner] : owners)
    if (app.count(option) > 0 && name != owner)
      throw base::ConfigError(std::string(option) + " belongs to `tropism make " + owner + "`; " +
                              name + " has no such option.");
}

data::MixtureConfig mixture_of(const MakeOptions& options) {
  if (options.mixture_file.empty()) return parse_mixture(options.mixture);
  if (!options.mixture.means.empty() || !options.mixture.weights.empty() ||
      !options.mixture.stds.empty())
    throw base::ConfigError(
        "The mixture comes from --config or from --weights, --means and --stds, not from both.");
  return parse_mixture(read_mixture_file(options.mixture_file));
}

data::Dataset make(const MakeOptions& options) {
  if (options.name == "swiss-roll")
    return data::swiss_roll(options.samples, options.noise, options.seed);
  if (options.name == "mixture-1d") return data::mixture_1d(options.samples, options.seed);
  if (options.name == "mixture")
    return data::mixture(options.samples, mixture_of(options), options.seed);
  if (options.name == "subspace")
    return data::subspace(options.samples, options.subspace, options.seed);
  throw base::ConfigError("There is no synthetic set \"" + options.name +
                          "\"; there are swiss-roll, mixture-1d, mixture and subspace.");
}

void scale(data::Dataset& dataset, const std::string& kind) {
  dataset.scaling = data::fit_scaling(data::scaling_kind(kind), dataset.x);
  dataset.x = dataset.scaling.apply(dataset.x);
}

}  // namespace

base::ExitStatus run_make(const Arguments& arguments) {
  MakeOptions options;
  CLI::App app("Makes a synthetic data set and writes it as HDF5 shards.", "tropism make");
  add_common_options(app, options);
  add_mixture_options(app, options);
  add_other_options(app, options);
  if (parse(app, arguments)) return base::ExitStatus::done;
  auto dataset = make(options);
  refuse_foreign_options(app, options.name);
  scale(dataset, options.scale);
  options.writer.name = options.name;
  if (options.force) options.writer.overwrite = data::Overwrite::shard_sets;
  data::write_shards(dataset, options.writer);
  print_written(dataset, options.writer);
  return base::ExitStatus::done;
}

}  // namespace tropism::app
