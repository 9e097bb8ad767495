// SPDX-License-Identifier: MIT
// Which device a rank takes.
#include "app/device.hpp"

#include <torch/cuda.h>

#include <tropism/base/error.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/message_of.hpp"

namespace {

using namespace tropism;

TEST_CASE("The device cpu is there; cuda is a GPU of this host, or an error that says what to do") {
  CHECK(app::take_device("cpu", test::alone()).is_cpu());
  bool has_gpu = false;

  const auto message = test::message_of<base::ConfigError>([&] {
    has_gpu = app::take_device("cuda", test::alone()).is_cuda();
    return 0;
  });

  CHECK(has_gpu == (torch::cuda::device_count() > 0));
  CHECK((has_gpu || test::contains(message, "ask for the device cpu")));
}

}  // namespace
