// SPDX-License-Identifier: MIT
#include "support/simulated_device.hpp"

#include <ATen/EmptyTensor.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/native/Resize.h>
#include <ATen/native/TensorShape.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/Allocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <sys/mman.h>
#include <torch/library.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

namespace tropism::test {
namespace {

constexpr auto simulated = c10::DeviceType::PrivateUse1;

std::atomic<std::int64_t> operators = 0;

/// Pages of a tensor's memory; their number is written on the first, which holds nothing else.
struct Pages {
  static constexpr std::size_t page = 4096;

  static void* take(std::size_t bytes) {
    const std::size_t size = page + (bytes + page - 1) / page * page;
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    *static_cast<std::size_t*>(memory) = size;
    void* data = static_cast<char*>(memory) + page;
    mprotect(data, size - page, PROT_NONE);
    return data;
  }
  static void give_back(void* data) {
    void* memory = static_cast<char*>(data) - page;
    munmap(memory, *static_cast<std::size_t*>(memory));
  }
  static void protect(void* data, int protection) {
    const void* memory = static_cast<char*>(data) - page;
    mprotect(data, *static_cast<const std::size_t*>(memory) - page, protection);
  }
};

struct ClosedMemory final : c10::Allocator {
  // Without `override`: LibTorch's is const up to 2.2 and is not from 2.3 on, which copies as well.
  c10::DataPtr allocate(std::size_t bytes) const {
    void* data = Pages::take(bytes);
    return {data, data, &Pages::give_back, c10::Device(simulated, 0)};
  }
  c10::DataPtr allocate(std::size_t bytes) { return std::as_const(*this).allocate(bytes); }
  void copy_data(void*, const void*, std::size_t) const {
    TORCH_CHECK(false, "the simulated device has no copies of its own");
  }
  c10::DeleterFnPtr raw_deleter() const override { return &Pages::give_back; }
};

ClosedMemory closed_memory;

/// While it lives the host may touch the tensor's memory, and sees it as `host`.
class Opened {
 public:
  explicit Opened(const at::Tensor& tensor) : host(tensor) {
    if (tensor.device().type() != simulated) return;
    data_ = tensor.storage().data_ptr().get();
    Pages::protect(data_, PROT_READ | PROT_WRITE);
    host = at::from_blob(tensor.data_ptr(), tensor.sizes(), tensor.strides(),
                         tensor.options().device(at::kCPU));
  }
  ~Opened() {
    if (data_ != nullptr) Pages::protect(data_, PROT_NONE);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  at::Tensor host;

 private:
  void* data_ = nullptr;
};

at::Tensor copy_between(const at::Tensor& from, const at::Tensor& to, bool) {
  const Opened source(from), target(to);
  target.host.copy_(source.host);
  return to;
}

/// Results of operators that were handed an empty tensor to write to.
at::Tensor resize_and_copy(const at::Tensor& from, const at::Tensor& to) {
  if (from.sizes() != to.sizes()) {
    const auto larger = at::empty(from.sizes(), to.options());
    to.unsafeGetTensorImpl()->set_storage_keep_dtype(larger.storage());
    to.unsafeGetTensorImpl()->set_sizes_and_strides(larger.sizes(), larger.strides());
  }
  return copy_between(from, to, false);
}

at::Tensor empty_of(at::IntArrayRef size, c10::optional<at::ScalarType> dtype,
                    c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>,
                    c10::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &closed_memory,
                                   c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                   dtype.value_or(at::kFloat), format);
}

at::Tensor empty_strided_of(at::IntArrayRef size, at::IntArrayRef stride,
                            c10::optional<at::ScalarType> dtype, c10::optional<at::Layout>,
                            c10::optional<at::Device>, c10::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, &closed_memory,
                                           c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                           dtype.value_or(at::kFloat));
}

/// Numbers may come from the host, tensors may not.
void expect_on_device(const at::Tensor& operand, const c10::OperatorHandle& op) {
  TORCH_CHECK(!operand.defined() || operand.dim() == 0 || operand.device().type() == simulated,
              op.schema().name(), " was given operands of the host beside those of the device");
}

void by_the_host(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  ++operators;
  const auto count = op.schema().arguments().size();
  for (const auto& operand : torch::jit::last(*stack, count)) {
    if (operand.isTensor()) expect_on_device(operand.toTensor(), op);
    if (operand.isTensorList())
      for (const at::Tensor& one : operand.toTensorList()) expect_on_device(one, op);
  }
  at::native::cpu_fallback(op, stack);
}

}  // namespace

C10_REGISTER_GUARD_IMPL(PrivateUse1, c10::impl::NoOpDeviceGuardImpl<simulated>);

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&by_the_host>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", &empty_of);
  library.impl("empty_strided", &empty_strided_of);
  library.impl("_copy_from", &copy_between);
  library.impl("_copy_from_and_resize", &resize_and_copy);
  library.impl("as_strided", &at::native::as_strided_tensorimpl);
  library.impl("view", &at::native::view);
}

torch::Device simulated_device() {
  c10::SetAllocator(simulated, &closed_memory);
  return {simulated, 0};
}

torch::Device device() {
  const char* name = std::getenv("TROPISM_TEST_DEVICE");
  return name == nullptr ? simulated_device() : torch::Device(name);
}

std::int64_t simulated_operators() {
  return operators;
}

}  // namespace tropism::test
