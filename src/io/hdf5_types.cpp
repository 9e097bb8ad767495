// SPDX-License-Identifier: MIT
#include "hdf5_types.hpp"

#include <algorithm>

#include <tropism/base/error.hpp>

namespace tropism::io {
namespace {

torch::Dtype float_dtype(std::size_t bytes) {
  return bytes <= 4 ? torch::kFloat32 : torch::kFloat64;
}

torch::Dtype integer_dtype(std::size_t bytes, bool is_signed) {
  if (bytes == 1) return is_signed ? torch::kInt8 : torch::kUInt8;
  if (bytes == 2) return is_signed ? torch::kInt16 : torch::kInt32;
  if (bytes == 4) return is_signed ? torch::kInt32 : torch::kInt64;
  return torch::kInt64;
}

bool is_signed(hid_t type) {
  return H5Tget_sign(type) != H5T_SGN_NONE;
}

std::string number_name(hid_t type) {
  const std::string bits = std::to_string(8 * H5Tget_size(type));
  const bool is_float = H5Tget_class(type) == H5T_FLOAT;
  const std::string name = is_float ? "float" : is_signed(type) ? "int" : "uint";
  return name + bits + (H5Tget_order(type) == H5T_ORDER_BE && bits != "8" ? " big-endian" : "");
}

}  // namespace

std::optional<torch::Dtype> dtype_of(hid_t stored_type) {
  const H5T_class_t kind = H5Tget_class(stored_type);
  if (kind == H5T_FLOAT) return float_dtype(H5Tget_size(stored_type));
  if (kind == H5T_INTEGER) return integer_dtype(H5Tget_size(stored_type), is_signed(stored_type));
  if (kind != H5T_ENUM) return std::nullopt;
  return dtype_of(TypeHandle(H5Tget_super(stored_type)).id());
}

hid_t memory_type(torch::Dtype dtype) {
  switch (dtype) {
    case torch::kFloat32:
      return H5T_NATIVE_FLOAT;
    case torch::kFloat64:
      return H5T_NATIVE_DOUBLE;
    case torch::kInt8:
      return H5T_NATIVE_INT8;
    case torch::kInt16:
      return H5T_NATIVE_INT16;
    case torch::kInt32:
      return H5T_NATIVE_INT32;
    case torch::kInt64:
      return H5T_NATIVE_INT64;
    case torch::kBool:
    case torch::kUInt8:
      return H5T_NATIVE_UINT8;
    default:
      throw base::ContractError(std::string("HDF5 files hold no ") + c10::toString(dtype) +
                                " tensors.");
  }
}

hid_t file_type(torch::Dtype dtype) {
  switch (dtype) {
    case torch::kFloat32:
      return H5T_IEEE_F32LE;
    case torch::kFloat64:
      return H5T_IEEE_F64LE;
    case torch::kInt8:
      return H5T_STD_I8LE;
    case torch::kInt16:
      return H5T_STD_I16LE;
    case torch::kInt32:
      return H5T_STD_I32LE;
    case torch::kInt64:
      return H5T_STD_I64LE;
    default:
      return memory_type(dtype);
  }
}

bool is_unsigned_64(hid_t stored_type) {
  return H5Tget_class(stored_type) == H5T_INTEGER && H5Tget_size(stored_type) == 8 &&
         !is_signed(stored_type);
}

std::string type_name(hid_t stored_type) {
  switch (H5Tget_class(stored_type)) {
    case H5T_FLOAT:
    case H5T_INTEGER:
      return number_name(stored_type);
    case H5T_ENUM:
      return "enumeration";
    case H5T_STRING:
      return "text";
    case H5T_COMPOUND:
      return "compound";
    default:
      return "neither numbers nor text";
  }
}

TypeHandle fixed_text_type(std::size_t bytes) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, std::max<std::size_t>(bytes, 1));
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return TypeHandle(type);
}

}  // namespace tropism::io
