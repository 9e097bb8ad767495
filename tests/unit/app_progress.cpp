// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

#include "app/progress.hpp"
#include "support/catch.hpp"

#include <tropism/base/error.hpp>

namespace tropism::app {

TEST_CASE("Durations are told in the two units that matter") {
  CHECK(duration_text(0.4) == "0 s");
  CHECK(duration_text(59.0) == "59 s");
  CHECK(duration_text(725.0) == "12 min 05 s");
  CHECK(duration_text(3.0 * 3600.0 + 7.0 * 60.0) == "3 h 07 min");
  CHECK(duration_text(52.0 * 3600.0) == "2 d 04 h");
}

TEST_CASE("Lines are few, and the last one tells the final state with its numbers") {
  std::ostringstream out;
  Progress progress(ProgressMode::lines, 100, "episodes", 0, out);

  for (int episode = 1; episode <= 100; ++episode) progress.update(episode, {{"loss", 0.5}});
  progress.finish();

  const std::string text = out.str();
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.starts_with("episodes 100/100 (100 %), "));
  CHECK(text.ends_with(", loss 0.5\n"));
}

TEST_CASE("The first line comes within a second") {
  std::ostringstream out;
  Progress progress(ProgressMode::lines, 100, "episodes", 0, out);

  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  progress.update(1);

  CHECK(out.str().find("episodes 1/100") != std::string::npos);
  CHECK(out.str().find(" left") != std::string::npos);
}

TEST_CASE("A resumed run counts from the start but is no faster for it") {
  std::ostringstream out;
  Progress progress(ProgressMode::lines, 1000, "episodes", 900, out);

  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  progress.update(901);
  progress.finish();

  const std::string text = out.str();
  REQUIRE(text.starts_with("episodes 901/1000 (90 %), "));
  CHECK(std::stod(text.substr(26)) <= 5.0);
}

TEST_CASE("Nothing is shown where nothing is wanted") {
  std::ostringstream out;
  Progress progress(ProgressMode::none, 10, "episodes", 0, out);

  progress.update(10, {{"loss", 0.5}});
  progress.finish();

  CHECK(out.str().empty());
}

TEST_CASE("A bar redraws one line and ends it") {
  std::ostringstream out;
  Progress progress(ProgressMode::bar, 10, "episodes", 0, out);

  progress.update(5);
  progress.finish();

  const std::string text = out.str();
  CHECK(text.starts_with("\r"));
  CHECK(text.find("##########..........") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("An unknown way of showing progress is refused") {
  const auto comm = comm::Communicator::alone();

  CHECK_THROWS_AS(choose_progress_mode("fancy", comm), base::ConfigError);
  CHECK(choose_progress_mode("lines", comm) == ProgressMode::lines);
  CHECK(choose_progress_mode("none", comm) == ProgressMode::none);
}

}  // namespace tropism::app
