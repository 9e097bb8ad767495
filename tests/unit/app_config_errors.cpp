// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "app/command_line.hpp"
#include "app/config.hpp"
#include "app/config_options.hpp"
#include "support/catch.hpp"

#include <tropism/base/error.hpp>

namespace tropism::app {
namespace {

using Catch::Matchers::Contains;

std::string message_of(const std::string& text) {
  try {
    (void)parse_config(text, "run.toml");
  } catch (const base::ConfigError& error) {
    return error.what();
  }
  return "(no error)";
}

std::string message_of_arguments(const Arguments& arguments) {
  CLI::App app("trains", "tropism train");
  const ConfigOptions options(app);
  try {
    if (parse(app, arguments)) return "(help)";
    (void)options.read();
  } catch (const base::ConfigError& error) {
    return error.what();
  }
  return "(no error)";
}

struct Malformed {
  const char* text;
  const char* place;
  const char* sentence;
};

}  // namespace

TEST_CASE("Every malformed line is refused with its line and what is allowed") {
  const auto bad = GENERATE(values<Malformed>({
      {"[optimizer]\nlearning_rat = 1", "run.toml:2: ", "Did you mean learning_rate?"},
      {"[optimiser]\n", "run.toml:1: ", "Did you mean optimizer?"},
      {"\n[bogus]\nx = 1", "run.toml:2: ", "[bogus] is not a section. There are: run, data,"},
      {"[run]\nlearning_rate = 1", "run.toml:2: ", "It is a key of [optimizer]"},
      {"[run]\nzzz = 1", "run.toml:2: ", "There are: directory, seed,"},
      {"seed = 1\n[run]", "run.toml:1: ", "stands before any [section]"},
      {"[run]\nepisodes = 1.5",
       "run.toml:2: ", "[run] episodes = 1.5 makes no sense: it must be a whole number"},
      {"[run]\nepisodes = \"5\"", "run.toml:2: ", "[run] episodes = \"5\" makes no sense"},
      {"[run]\nepisodes = 3000000000", "run.toml:2: ", "at most 2147483647"},
      {"[run]\nreproducible = 1", "run.toml:2: ", "it must be true or false"},
      {"[run]\nreproducible = True", "run.toml:2: ", "it must be true or false"},
      {"[run]\ndirectory = here", "run.toml:2: ", "it must be text in quotes"},
      {"[process]\n\n# T\nterminal_time = three", "run.toml:4: ", "it must be a number, such as"},
      {"[process]\ndrift = 1e999", "run.toml:2: ", "within the range of 64-bit"},
      {"[process]\ndrift = 1.0.0", "run.toml:2: ", "it must be a number, such as"},
      {"[reward]\ntarget = 0.5", "run.toml:2: ", "a list of numbers in brackets"},
      {"[reward]\ntarget = [0.5, x]", "run.toml:2: ", "[reward] target = [0.5, x] makes no sense"},
      {"[reward]\ntarget = [0.5 1]", "run.toml:2: ", "needs a comma or ] before \"1]\""},
      {"[reward]\ntarget = [0.5,\n1", "run.toml:3: ", "has no closing ]"},
      {"[run]\nseed = 1\n\nseed = 2", "run.toml:4: ", "the first is on line 2"},
      {"[run]\n[data]\n[run]",
       "run.toml:3: ", "[run] stands here a second time: the first is on line 1"},
      {"[run]\nseed", "run.toml:2: ", "neither [section] nor key = value"},
      {"[run\nseed = 1", "run.toml:1: ", "A section is written as [name]"},
      {"[run]\nseed = 1 2", "run.toml:2: ", "After [run] seed this is left over: \"2\""},
      {"[run]\nseed = ", "run.toml:2: ", "has no value"},
      {"[run]\ndirectory = \"a", "run.toml:2: ", "closing quote is missing"},
      {"[run]\ndirectory = \"a\\b c\\d\"", "run.toml:2: ", "put the string in single quotes"},
      {"[policy.mlp]\nwidth = 3", "run.toml:1: ", "A section is written as [name]"},
  }));

  const std::string message = message_of(bad.text);

  CHECK_THAT(message, Catch::Matchers::StartsWith(bad.place));
  CHECK_THAT(message, Contains(bad.sentence));
}

TEST_CASE("Every impossible value is refused with the line that it stands on") {
  const auto bad = GENERATE(values<Malformed>({
      {"[time_grid]\nsteps = 0", "run.toml:6: ",
       "[time_grid] steps = 0 makes no sense: it must be a whole number of at least 1."},
      {"[process]\nterminal_time = -3", "run.toml:6: ", "[process] terminal_time = -3.0"},
      {"[process]\nkind = \"vp\"", "run.toml:6: ", "it must be \"ornstein-uhlenbeck\""},
      {"[process]\ndrift = inf", "run.toml:6: ", "a finite number of at least 0"},
      {"[process]\nkind = \"ve\"\nsigma_max = 0.001", "run.toml:7: ", "greater than sigma_min"},
      {"[process]\nbeta_max = 5.0", "run.toml:6: ", "it belongs to vp-linear or sub-vp alone"},
      {"[time_grid]\nkind = \"karas\"", "run.toml:6: ", "(did you mean \"karras\"?)"},
      {"[simulator]\nkind = \"ddim\"\neta = 1.5", "run.toml:7: ", "a number from 0 to 1"},
      {"[simulator]\nkind = \"heun\"\neta = 0.5", "run.toml:7: ", "it belongs to ddim alone"},
      {"[simulator]\nkind = \"deis\"\n[algorithm]\nactions = \"sampled\"",
       "run.toml:6: ", "with sampled actions"},
      {"[simulator]\nkind = \"heun\"\n[algorithm]\npolicy_update = \"sampled\"\nactions = "
       "\"sampled\"",
       "run.toml:6: ", "a step of the others is made of several actions"},
      {"[score]\nscope = \"globl\"", "run.toml:6: ", "(did you mean \"global\"?)"},
      {"[policy]\nwidth = 0", "run.toml:6: ", "[policy] width = 0"},
      {"[value]\ndepth = -1", "run.toml:6: ", "[value] depth = -1"},
      {"[value]\nnetwork = \"none\"\nform = \"plain\"",
       "run.toml:7: ", "\"data\" where network = \"none\""},
      {"[optimizer]\nbeta1 = 1", "run.toml:6: ", "at least 0 and less than 1"},
      {"[optimizer]\nbeta2 = nan", "run.toml:6: ", "[optimizer] beta2 = nan"},
      {"[reward]\nbeta = -0.5", "run.toml:6: ", "[reward] beta = -0.5"},
      {"[reward]\nkind = \"box\"\nlow = [0.0, 1.0]\nhigh = [1.0]",
       "run.toml:8: ", "as long as low = [0.0, 1.0]"},
      {"[reward]\nkind = \"box\"\nlow = [2.0]\nhigh = [1.0]",
       "run.toml:7: ", "less than high = [1.0]"},
      {"[algorithm]\npolicy_update = \"sampled\"\nactions = \"mean\"",
       "run.toml:7: ", "\"sampled\" where policy_update = \"sampled\""},
      {"[checkpoint]\nkeep = 0", "run.toml:6: ", "[checkpoint] keep = 0"},
      {"[average]\ndecay = 1.0", "run.toml:6: ", "[average] decay = 1.0"},
      {"[context]\nkind = \"text\"", "run.toml:6: ", "\"none\", \"label\" or \"vector\""},
      {"[score]\nbandwidth = -0.1", "run.toml:6: ", "a finite number of at least 0"},
      {"[score]\nbandwidth = inf", "run.toml:6: ", "a finite number of at least 0"},
      {"[score]\nbandwidth = 0.1", "run.toml:6: ", "0 without [context] kind = \"vector\""},
      {"[context]\nkind = \"label\"\n[score]\nkernel = \"compact\"",
       "run.toml:8: ", "\"gaussian\" without [context] kind = \"vector\""},
      {"[context]\nkind = \"vector\"\n[score]\nkernel = \"compact\"\nsamples = 9",
       "run.toml:8: ", "\"gaussian\" with [score] samples = 9"},
      {"[context]\nkind = \"vector\"\nprior = \"uniform\"\n[score]\nkernel = \"compact\"",
       "run.toml:9: ", "\"gaussian\" with [context] prior = \"uniform\""},
      {"placement = \"scattered\"", "run.toml:5: ", "it must be \"replicated\", \"sharded\" or"},
      {"block_megabytes = 0", "run.toml:5: ", "[data] block_megabytes = 0.0"},
      {"block_megabytes = nan", "run.toml:5: ", "between 0.001 and 1000000"},
      {"placement = \"streamed\"\n[score]\npruning = 0.1",
       "run.toml:7: ", "0 where [data] placement = \"streamed\""},
      {"placement = \"streamed\"\n[score]\nsignal = \"product\"",
       "run.toml:7: ", "\"ratio\" where [data] placement = \"streamed\""},
  }));

  const std::string message =
      message_of(std::string("[run]\ndirectory = \"a\"\n[data]\npath = \"b\"\n") + bad.text);

  CHECK_THAT(message, Catch::Matchers::StartsWith(bad.place));
  CHECK_THAT(message, Contains(bad.sentence));
}

TEST_CASE("A compact kernel over a rank's own rows alone is refused, over all rows it is not") {
  const std::string begin =
      "[run]\ndirectory = \"a\"\n[context]\nkind = \"vector\"\n[score]\nkernel = \"compact\"\n";
  const std::string sharded = "[data]\npath = \"b\"\nplacement = \"sharded\"\n";

  CHECK_THAT(message_of(begin + sharded), Contains("\"gaussian\" with [data] placement"));
  CHECK_NOTHROW(parse_config(begin + "scope = \"global\"\n" + sharded, "run.toml"));
}

TEST_CASE("A key that must be set and was not is named without a line") {
  CHECK_THAT(message_of("[data]\npath = \"b\"\n"),
             Catch::Matchers::StartsWith("[run] directory = \"\""));
}

TEST_CASE("A reward that lacks its numbers is refused") {
  const std::string begin = "[run]\ndirectory = \"a\"\n[data]\npath = \"b\"\n[reward]\nkind = ";

  CHECK_THAT(message_of(begin + "\"quadratic\""), Contains("[reward] target = []"));
  CHECK_THAT(message_of(begin + "\"linear\""), Contains("[reward] weights = []"));
  CHECK_THAT(message_of(begin + "\"box\""), Contains("[reward] low = []"));
}

TEST_CASE("Mistakes on the command line say that they stand there") {
  CHECK_THAT(message_of_arguments({"time_grid", "--steps", "two"}),
             Catch::Matchers::StartsWith("command line: [time_grid] steps = two makes no sense"));
  CHECK_THAT(message_of_arguments(
                 {"run", "--directory", "a", "data", "--path", "b", "time_grid", "--steps", "0"}),
             Catch::Matchers::StartsWith("command line: [time_grid] steps = 0"));
}

TEST_CASE("An unknown argument is told where its key belongs") {
  CHECK_THAT(message_of_arguments({"--learning_rate", "3e-4"}),
             Contains("`optimizer --learning_rate VALUE`"));
  CHECK_THAT(message_of_arguments({"optimizer", "--learning_rat=1"}),
             Contains("`optimizer --learning_rate VALUE`"));
  CHECK_THAT(message_of_arguments({"surplus"}),
             Contains("tropism train does not know the argument surplus"));
}

}  // namespace tropism::app
