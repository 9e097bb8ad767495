// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include <bit>
#include <cmath>
#include <filesystem>
#include <random>

#include "app/binding.hpp"
#include "app/command_line.hpp"
#include "app/config.hpp"
#include "app/config_options.hpp"
#include "support/catch.hpp"

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

namespace tropism::app {
namespace {

Config valid_config() {
  Config config;
  config.run.directory = "runs/a";
  config.data.path = "data/a";
  return config;
}

/// Random values of every type; what makes no sense is left out by not calling validate().
struct Randomise {
  std::mt19937_64& generator;

  void operator()(bool* value) const { *value = generator() % 2 == 0; }
  void operator()(int* value) const { *value = static_cast<int>(generator() % 100000) - 50000; }
  void operator()(std::int64_t* value) const { *value = static_cast<std::int64_t>(generator()); }
  void operator()(double* value) const {
    do {
      *value = std::bit_cast<double>(generator());
    } while (!std::isfinite(*value));
  }
  void operator()(std::string* value) const {
    constexpr std::string_view alphabet = "ab #'\"\\\t\n,=[]%\x01\xC3\xA9";
    value->clear();
    for (std::uint64_t i = generator() % 12; i > 0; --i) {
      *value += alphabet[generator() % alphabet.size()];
    }
  }
  void operator()(std::vector<double>* value) const {
    value->resize(generator() % 4);
    for (auto& number : *value) (*this)(&number);
  }
};

/// Reads a text into a fresh config by the table alone.
Config read_unchecked(const std::string& text) {
  Config config;
  const auto sections = bind(config);
  for (const auto& entry : read_toml(text, "text")) {
    for (const auto& section : sections)
      for (const auto& field : section.fields)
        if (section.name == entry.section && field.key == entry.key)
          assign(section.name, field, entry.value);
  }
  return config;
}

/// The config of the arguments of a verb named `tropism train`.
Config config_of(const Arguments& arguments) {
  CLI::App app("trains", "tropism train");
  const ConfigOptions options(app);
  REQUIRE_FALSE(parse(app, arguments));
  return options.read();
}

std::string temporary_file(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("tropism_app_config_" + std::to_string(std::random_device()()) + ".toml");
  io::write_text_atomically(path.string(), text);
  return path.string();
}

const std::string smallest_file = "[run]\ndirectory = \"runs/a\"\n[data]\npath = \"data/a\"\n";

}  // namespace

TEST_CASE("The effective config of the defaults reads back to the same effective config") {
  const std::string text = to_toml(valid_config());

  const Config again = parse_config(text, "text");

  CHECK(to_toml(again) == text);
}

TEST_CASE("The effective config names every key of the table") {
  Config config = valid_config();

  const std::string text = to_toml(config);

  for (const auto& section : bind(config)) {
    CHECK(text.find("[" + section.name + "]") != std::string::npos);
    for (const auto& field : section.fields)
      CHECK(text.find("\n" + field.key + " = ") != std::string::npos);
  }
}

TEST_CASE("Values of every type and any bits survive writing and reading") {
  std::mt19937_64 generator(7);
  for (int trial = 0; trial < 200; ++trial) {
    Config config;
    for (const auto& section : bind(config))
      for (const auto& field : section.fields) std::visit(Randomise{generator}, field.value);

    const Config again = read_unchecked(to_toml(config));

    REQUIRE(to_toml(again) == to_toml(config));
    REQUIRE(std::bit_cast<std::uint64_t>(again.optimizer.learning_rate) ==
            std::bit_cast<std::uint64_t>(config.optimizer.learning_rate));
    REQUIRE(again.data.path == config.data.path);
    REQUIRE(again.reward.target == config.reward.target);
    REQUIRE(again.run.seed == config.run.seed);
  }
}

TEST_CASE("A file may leave out what it does not change") {
  const Config config = parse_config(smallest_file + "[time_grid]\nsteps = 7", "text");

  CHECK(config.time_grid.steps == 7);
  CHECK(config.optimizer.learning_rate == training::OptimizerConfig().learning_rate);
}

TEST_CASE("Comments, literal strings, signs, underscores and long lists are read as TOML says") {
  const std::string text =
      "\xEF\xBB\xBF# first line\r\n[run] # the run\r\ndirectory = 'runs\\#1' # "
      "'quoted'\r\nepisodes = 1_000\r\n"
      "[data]\npath = \"a # b, \\\"c\\\" \\u00e9\"# comment\n"
      "[reward]\nkind = \"linear\"\nbeta = +1e-3\nweights = [ -0.5, # first\n  2, \n 1e+2, ]\n";

  const Config config = parse_config(text, "text");

  CHECK(config.run.directory == "runs\\#1");
  CHECK(config.run.episodes == 1000);
  CHECK(config.data.path == "a # b, \"c\" \xC3\xA9");
  CHECK(config.reward.beta == 1e-3);
  CHECK(config.reward.weights == std::vector<double>{-0.5, 2.0, 100.0});
}

TEST_CASE("The command line overrides the file, and the file the defaults") {
  const std::string path =
      temporary_file(smallest_file + "[optimizer]\nlearning_rate = 0.5\nbeta1 = 0.25\n");

  const Config config =
      config_of({"--config", path, "optimizer", "--learning_rate", "3e-4", "run", "--seed", "7"});

  CHECK(config.optimizer.learning_rate == 3e-4);
  CHECK(config.optimizer.beta1 == 0.25);
  CHECK(config.optimizer.beta2 == training::OptimizerConfig().beta2);
  CHECK(config.run.seed == 7);
  std::filesystem::remove(path);
}

TEST_CASE(
    "The command line takes lists, booleans, texts that look like numbers, and --config last") {
  const std::string path = temporary_file(smallest_file);

  const Config config =
      config_of({"reward", "--kind", "box", "--low=-1,-0.5", "--high", "[0, 2.5]", "run",
                 "--directory", "17", "--reproducible", "true", "--config", path});

  CHECK(config.reward.low == std::vector<double>{-1.0, -0.5});
  CHECK(config.reward.high == std::vector<double>{0.0, 2.5});
  CHECK(config.run.directory == "17");
  CHECK(config.run.reproducible);
  std::filesystem::remove(path);
}

TEST_CASE("Help lists every section and key with its default") {
  const std::string help = config_help();

  Config defaults;
  for (const auto& section : bind(defaults)) {
    CHECK(help.find("[" + section.name + "]") != std::string::npos);
    for (const auto& field : section.fields) {
      CHECK(help.find(field.key + " " + type_name(field)) != std::string::npos);
      CHECK(help.find(field.description + " [" + value_text(field) + "]") != std::string::npos);
    }
  }
}

}  // namespace tropism::app
