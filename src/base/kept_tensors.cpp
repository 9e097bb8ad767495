// SPDX-License-Identifier: MIT
#include "kept_tensors.hpp"

#include <c10/core/CPUAllocator.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace tropism::base {
namespace {

constexpr std::size_t unit = 64;          // a line of the cache, and LibTorch's alignment
constexpr std::size_t most_units = 1024;  // of a tensor whose memory goes to a list

/// What stands before each tensor, in a unit of its own.
struct Header {
  std::size_t units;  // of the tensor, and with them its list; 0 = it belongs to none
  void* link;         // the next in the list, while it is free; where the memory of others begins
};

Header& header_of(void* tensor) {
  return *reinterpret_cast<Header*>(static_cast<std::byte*>(tensor) - unit);
}

// Without a destructor: tensors may be freed when the thread is almost over.
thread_local std::array<void*, most_units + 1> free_tensors{};  // lists of them, by units

/// Null where there is no memory. Aligned here: what aligned_alloc cuts off its blocks keeps the
/// next tensor of the same size from taking them.
void* fresh(std::size_t units, std::size_t bytes) {
  void* memory = std::malloc(bytes + 2 * unit);
  if (memory == nullptr) return nullptr;
  void* tensor = static_cast<std::byte*>(memory) + unit;
  std::size_t space = bytes + unit;
  tensor = std::align(unit, bytes, tensor, space);
  header_of(tensor) = {units, memory};
  return tensor;
}

void* take(std::size_t units) {
  auto*& first = free_tensors[units];
  if (first == nullptr) return fresh(units, units * unit);
  return std::exchange(first, header_of(first).link);
}

void give_back(void* tensor) {
  auto& [units, link] = header_of(tensor);
  if (units == 0) return std::free(link);
  link = std::exchange(free_tensors[units], tensor);
}

class KeptTensors final : public c10::Allocator {
 public:
  explicit KeptTensors(c10::Allocator& others) : others_(others) {}

  // Without `override`: LibTorch's is const up to 2.2 and is not from 2.3 on, which copies as well.
  [[nodiscard]] c10::DataPtr allocate(std::size_t bytes) const {
    const std::size_t units = (bytes + unit - 1) / unit;
    if (units == 0) return others_.allocate(bytes);
    void* tensor = units <= most_units ? take(units) : fresh(0, bytes);
    if (tensor == nullptr) return others_.allocate(bytes);  // which says what is wrong
    return {tensor, tensor, &give_back, c10::Device(c10::DeviceType::CPU)};
  }
  [[nodiscard]] c10::DataPtr allocate(std::size_t bytes) {
    return std::as_const(*this).allocate(bytes);
  }
  void copy_data(void* to, const void* from, std::size_t bytes) const {
    std::memcpy(to, from, bytes);
  }

 private:
  c10::Allocator& others_;
};

}  // namespace

void keep_tensors() {
#ifndef __SANITIZE_ADDRESS__  // which is to see each tensor freed
  static KeptTensors allocator(*c10::GetCPUAllocator());
  c10::SetCPUAllocator(&allocator, 1);
#endif
}

}  // namespace tropism::base
