// SPDX-License-Identifier: MIT
#include "small_tensors.hpp"

#include <c10/core/CPUAllocator.h>

#include <array>
#include <cstddef>
#include <new>

namespace tropism::base {
namespace {

constexpr std::size_t unit = 64;  // a line of the cache, and LibTorch's alignment
constexpr std::size_t most_units = 1024;

/// What stands before each tensor, in a unit of its own.
struct Header {
  Header* next;       // in its list, while it is free
  std::size_t units;  // of the tensor
};

/// Free blocks by size. Without a destructor: tensors may be freed when the thread is almost over.
thread_local std::array<Header*, most_units + 1> free_blocks{};

Header* fresh_block(std::size_t units) {
  void* memory = ::operator new((units + 1) * unit, std::align_val_t(unit));
  return new (memory) Header{nullptr, units};
}

Header* take_block(std::size_t units) {
  auto& list = free_blocks[units];
  if (list == nullptr) return fresh_block(units);
  auto* block = list;
  list = block->next;
  return block;
}

void give_back(void* tensor) {
  auto* block = reinterpret_cast<Header*>(static_cast<std::byte*>(tensor) - unit);
  auto& list = free_blocks[block->units];
  block->next = list;
  list = block;
}

class SmallTensors final : public c10::Allocator {
 public:
  explicit SmallTensors(c10::Allocator& others) : others_(others) {}

  [[nodiscard]] c10::DataPtr allocate(std::size_t bytes) const override {
    if (bytes == 0 || bytes > most_units * unit) return others_.allocate(bytes);
    auto* block = take_block((bytes + unit - 1) / unit);
    void* tensor = reinterpret_cast<std::byte*>(block) + unit;
    return {tensor, tensor, &give_back, c10::Device(c10::DeviceType::CPU)};
  }

 private:
  c10::Allocator& others_;
};

}  // namespace

void keep_small_tensors() {
#ifndef __SANITIZE_ADDRESS__  // which is to see each tensor freed
  static SmallTensors allocator(*c10::GetCPUAllocator());
  c10::SetCPUAllocator(&allocator, 1);
#endif
}

}  // namespace tropism::base
