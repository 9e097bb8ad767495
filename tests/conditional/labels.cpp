// SPDX-License-Identifier: MIT
#include <tropism/conditional/labels.hpp>

#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/conditional/context_config.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"

namespace {

using namespace tropism;
using conditional::LabelPrior;
using conditional::Labels;

Labels uneven_labels() {
  return {{-5, 2, 7, 100}, {10, 50, 1, 39}};
}

base::RandomStream stream(std::uint64_t seed = 3) {
  return {seed, base::Purpose::condition};
}

TEST_CASE("Labels are known by their places in rising order, and back") {
  const auto labels = uneven_labels();
  const auto some = torch::tensor({100, -5, 7, 7, 2}, torch::kInt64);

  const auto places = labels.places(some);

  CHECK(torch::equal(places, torch::tensor({3, 0, 2, 2, 1}, torch::kInt64)));
  CHECK(torch::equal(labels.labels(places), some));
  CHECK(labels.size() == 4);
}

TEST_CASE("Labels of another integer type are read as well") {
  const auto places = uneven_labels().places(torch::tensor({7, -5}, torch::kInt32));

  CHECK(torch::equal(places, torch::tensor({2, 0}, torch::kInt64)));
}

TEST_CASE("A label that the data do not have is refused, with those they have") {
  const auto unknown = GENERATE(-6, 3, 101);

  const auto message = test::message_of<base::ConfigError>(
      [&] { return uneven_labels().places(torch::full({1}, unknown, torch::kInt64)); });

  CHECK(test::contains(message, "Label " + std::to_string(unknown) + " is not in the data"));
  CHECK(test::contains(message, "-5, 2, 7, 100"));
}

TEST_CASE("Data without labels are refused") {
  CHECK_THROWS_AS(Labels({}, {}), base::IoError);
  CHECK_THROWS_AS(Labels({1, 2}, {1}), base::ContractError);
  CHECK_THROWS_AS(Labels({2, 1}, {1, 1}), base::ContractError);
}

/// Whether each place is drawn as often as it should be, within 6 standard errors.
void check_frequencies(LabelPrior prior, const std::vector<double>& expected) {
  constexpr std::int64_t n = 40000;

  const auto places = uneven_labels().draw_places(stream(), prior, {0, n});

  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double frequency =
        places.eq(static_cast<std::int64_t>(i)).to(torch::kFloat64).mean().item<double>();
    const double standard_error = std::sqrt(expected[i] * (1.0 - expected[i]) / n);
    CHECK(std::abs(frequency - expected[i]) < 6.0 * standard_error);
  }
}

TEST_CASE("With the prior of the data labels are drawn as often as they occur in it") {
  check_frequencies(LabelPrior::data, {0.10, 0.50, 0.01, 0.39});
}

TEST_CASE("With the uniform prior all labels are drawn equally often") {
  check_frequencies(LabelPrior::uniform, {0.25, 0.25, 0.25, 0.25});
}

TEST_CASE("The label of a trajectory depends on seed and trajectory number alone") {
  const auto prior = GENERATE(LabelPrior::data, LabelPrior::uniform);
  const auto labels = uneven_labels();

  const auto all = labels.draw_places(stream(), prior, {100, 60});

  CHECK(torch::equal(labels.draw_places(stream(), prior, {100, 13}), all.narrow(0, 0, 13)));
  CHECK(torch::equal(labels.draw_places(stream(), prior, {113, 47}), all.narrow(0, 13, 47)));
  CHECK_FALSE(torch::equal(labels.draw_places(stream(4), prior, {100, 60}), all));
}

TEST_CASE("A single label is always drawn") {
  const Labels one({42}, {7});

  const auto places = one.draw_places(stream(), LabelPrior::data, {0, 100});

  CHECK(torch::equal(places, torch::zeros({100}, torch::kInt64)));
}

TEST_CASE("A context section that makes no sense is refused with its key") {
  const auto refused = [](const conditional::ContextConfig& config) {
    return test::message_of<base::ConfigError>([&] {
      config.validate();
      return 0;
    });
  };

  CHECK(test::contains(refused({.kind = "labels"}), "[context] kind"));
  CHECK(test::contains(refused({.prior = "even"}), "[context] prior"));
}

}  // namespace
