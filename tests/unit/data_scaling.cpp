// SPDX-License-Identifier: MIT
#include <tropism/data/scaling.hpp>

#include <tropism/base/error.hpp>
#include <tropism/io/hdf5_file.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using data::fit_scaling;
using data::ScalingKind;

namespace {

const auto raw =
    torch::tensor({{0.0, 5.0, 3.0}, {16.0, 7.0, 3.0}, {8.0, 6.0, 3.0}}, torch::kFloat64);

}  // namespace

TEST_CASE("The unit scaling maps the whole set to [-1, 1] by one factor") {
  const auto scaled = fit_scaling(ScalingKind::unit, raw).apply(raw);

  CHECK(scaled.equal(raw / 8 - 1));
}

TEST_CASE(
    "The standard scaling gives each column mean 0 and variance 1, and leaves constant ones their "
    "factor") {
  const auto scaling = fit_scaling(ScalingKind::standard, raw);
  const auto scaled = scaling.apply(raw);

  CHECK(scaled.mean(0).abs().max().item<double>() < 1e-12);
  CHECK(scaled.narrow(1, 0, 2).var(0, false).sub(1).abs().max().item<double>() < 1e-12);
  CHECK(scaled.select(1, 2).eq(0).all().item<bool>());
  CHECK(scaling.factor[2].item<double>() == 1.0);
}

TEST_CASE("Undoing a scaling gives the raw values back, in the type it was given") {
  for (const auto kind : {ScalingKind::none, ScalingKind::unit, ScalingKind::standard}) {
    const auto scaling = fit_scaling(kind, raw);
    const auto stored = scaling.apply(raw.to(torch::kFloat32));

    CHECK(stored.scalar_type() == torch::kFloat32);
    CHECK(scaling.undo(stored).allclose(raw.to(torch::kFloat32), 1e-6, 1e-6));
  }
}

TEST_CASE("Sets without a row and sets of one value can be scaled") {
  for (const auto kind : {ScalingKind::unit, ScalingKind::standard}) {
    const auto constant = torch::full({4, 2}, 7.0);

    CHECK(fit_scaling(kind, constant).apply(constant).eq(0).all().item<bool>());
    CHECK(fit_scaling(kind, torch::empty({0, 2})).apply(torch::empty({0, 2})).numel() == 0);
  }
}

TEST_CASE("A scaling that is written into a group reads back the same") {
  const test::TemporaryDirectory directory;
  auto file = io::Hdf5File::create(directory / "a.h5");
  for (const auto kind : {ScalingKind::none, ScalingKind::unit, ScalingKind::standard}) {
    const auto group = "/" + data::name_of(kind);
    const auto scaling = fit_scaling(kind, raw);

    scaling.write(file, group);

    const auto read = data::Scaling::read(file, group);
    CHECK(read.kind == kind);
    CHECK(read.offset.equal(scaling.offset));
    CHECK(read.factor.equal(scaling.factor));
  }
  fit_scaling(ScalingKind::unit, raw).write(file, "/");
  CHECK(data::Scaling::read(file, "/").factor.item<double>() == 8.0);
}

TEST_CASE("A file without a scaling has none, and one with a damaged scaling is refused") {
  const test::TemporaryDirectory directory;
  auto file = io::Hdf5File::create(directory / "a.h5");
  CHECK(data::Scaling::read(file, "/").kind == ScalingKind::none);

  file.set_attribute("/", "scaling", "cubic");
  CHECK_THROWS_AS(data::Scaling::read(file, "/"), base::IoError);

  file.set_attribute("/", "scaling", "unit");
  file.write("scaling/offset", torch::zeros({1}, torch::kFloat64), io::Layout::checksummed);
  file.write("scaling/factor", torch::zeros({1}, torch::kFloat64), io::Layout::checksummed);
  CHECK_THROWS_AS(data::Scaling::read(file, "/"), base::IoError);
}

TEST_CASE("Names of scalings go both ways, and others are refused") {
  for (const char* name : {"none", "unit", "standard"})
    CHECK(data::name_of(data::scaling_kind(name)) == name);
  CHECK_THROWS_AS(data::scaling_kind("cubic"), base::ConfigError);
}
