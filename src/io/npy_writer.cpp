// SPDX-License-Identifier: MIT
#include <fstream>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>
#include <tropism/io/npy.hpp>

#include "npy_header.hpp"

namespace tropism::io {
namespace {

std::string type_of(torch::Dtype dtype) {
  switch (dtype) {
    case torch::kFloat32:
      return "<f4";
    case torch::kFloat64:
      return "<f8";
    case torch::kInt8:
      return "|i1";
    case torch::kInt16:
      return "<i2";
    case torch::kInt32:
      return "<i4";
    case torch::kInt64:
      return "<i8";
    case torch::kUInt8:
      return "|u1";
    case torch::kBool:
      return "|b1";
    default:
      throw base::ContractError(std::string("No .npy file is written of ") + c10::toString(dtype) +
                                ".");
  }
}

}  // namespace

void write_npy(const std::string& path, const torch::Tensor& values) {
  const auto source = values.detach().to(torch::kCPU).contiguous();
  const std::string header = make_npy_header(type_of(source.scalar_type()), source.sizes());
  write_atomically(path, [&](const std::string& temporary_path) {
    std::ofstream file(temporary_path, std::ios::binary);
    file << header;
    file.write(static_cast<const char*>(source.data_ptr()),
               static_cast<std::streamsize>(source.nbytes()));
    file.flush();
    if (!file) throw base::IoError(path + ": could not be written; is the disk full?");
  });
}

}  // namespace tropism::io
