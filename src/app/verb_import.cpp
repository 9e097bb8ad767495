// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include <tropism/data/shard_writer.hpp>

#include "command_line.hpp"
#include "import_rows.hpp"
#include "value_summary.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

struct ImportOptions {
  std::vector<std::string> files;
  ImportColumns columns;
  std::vector<std::int64_t> shape;
  std::string scale = "none";
  data::ShardWriterConfig writer;
  bool force = false;
};

void add_input_options(CLI::App& app, ImportOptions& options) {
  app.add_option("files", options.files,
                 "CSV files (with or without a header; .gz too) or NumPy .npy arrays [N, ...]; "
                 "several are joined")
      ->required()
      ->type_name("FILE...");
  app.add_option("--label-column", options.columns.label,
                 "CSV: column of integer labels; default: none")
      ->type_name("NAME|INDEX");
  app.add_option("--context-columns", options.columns.context,
                 "CSV: columns of the context; default: none")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME|INDEX,...");
  app.add_option("--reward-column", options.columns.reward,
                 "CSV: column of rewards, empty or nan where unknown; default: none")
      ->type_name("NAME|INDEX");
  app.add_option("--label", options.columns.label_file, "labels, integers [N]; default: none")
      ->type_name("FILE.npy");
  app.add_option("--context", options.columns.context_file, "contexts [N] or [N, C]; default: none")
      ->type_name("FILE.npy");
  app.add_option("--reward", options.columns.reward_file,
                 "rewards [N], NaN where unknown; default: none")
      ->type_name("FILE.npy");
}

void add_output_options(CLI::App& app, ImportOptions& options) {
  app.add_option("--out", options.writer.directory, "directory of the shards; created")
      ->required()
      ->type_name("DIR");
  app.add_option("--name", options.writer.name, "what the shards are called")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--shards", options.writer.shards, "number of shards, 1 to 99999")
      ->capture_default_str()
      ->type_name("INTEGER");
  app.add_option("--scale", options.scale,
                 "none; unit: all values to [-1, 1] by the smallest and largest; standard: each "
                 "column to mean 0, "
                 "variance 1. Stored, and undone when sampling")
      ->capture_default_str()
      ->type_name("none|unit|standard");
  app.add_option("--shape", options.shape,
                 "shape of one sample, for instance 8,8 for images; default: that of the files")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("INTEGER,...");
  app.add_flag("--force", options.force, "replace a shard set that is in DIR already");
}

}  // namespace

base::ExitStatus run_import(const Arguments& arguments) {
  ImportOptions options;
  CLI::App app("Turns CSV and NumPy files into HDF5 shards that `train` reads.", "tropism import");
  add_input_options(app, options);
  add_output_options(app, options);
  if (parse(app, arguments)) return base::ExitStatus::done;
  if (options.force) options.writer.overwrite = data::Overwrite::shard_sets;
  const auto dataset =
      dataset_of(read_rows(options.files, options.columns), options.scale, options.shape);
  data::write_shards(dataset, options.writer);
  print_written(dataset, options.writer);
  return base::ExitStatus::done;
}

}  // namespace tropism::app
