// SPDX-License-Identifier: MIT
#include "npy_header.hpp"

#include <charconv>
#include <string_view>

#include <tropism/base/error.hpp>

namespace tropism::io {
namespace {

constexpr std::string_view magic("\x93NUMPY", 6);

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw base::IoError(path + ": " + reason);
}

/// Bytes of the length field: 2 in format 1, 4 in formats 2 and 3.
std::size_t length_bytes(const std::string& path, const std::string& contents) {
  if (contents.size() < 10 || contents.compare(0, magic.size(), magic) != 0)
    fail(path, "this is not an .npy file: its first bytes are not those of NumPy's format.");
  const int version = contents[6];
  if (version < 1 || version > 3)
    fail(path, "the .npy format " + std::to_string(version) + " is not known; 1 to 3 are.");
  return version == 1 ? 2 : 4;
}

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t index = bytes.size(); index > 0; --index)
    value = 256 * value + static_cast<unsigned char>(bytes[index - 1]);
  return value;
}

/// The text behind 'key': in the Python dictionary of the header.
std::string_view value_of(std::string_view dictionary, std::string_view key,
                          const std::string& path) {
  const std::string quoted = std::string("'").append(key).append("':");
  const std::size_t found = dictionary.find(quoted);
  const std::size_t start = found == std::string_view::npos
                                ? found
                                : dictionary.find_first_not_of(' ', found + quoted.size());
  if (start == std::string_view::npos) fail(path, "the header has no " + quoted);
  return dictionary.substr(start);
}

std::string parse_type(std::string_view value, const std::string& path) {
  const auto text = value.substr(1, value.find('\'', 1) - 1);
  const bool is_number =
      text.size() == 3 && std::string_view("fiub").find(text[1]) != std::string_view::npos;
  const bool fits =
      is_number && (text[0] == '<' || text[0] == '|' || text[0] == '=') && text != "<f1";
  if (value[0] != '\'' || !fits)
    fail(path,
         "arrays of type " + std::string(value.substr(0, 20)) +
             " are not read; little-endian floats and integers are. Save it with .astype('<f4').");
  return std::string(text.substr(1));
}

std::vector<std::int64_t> parse_shape(std::string_view value, const std::string& path) {
  std::vector<std::int64_t> shape;
  if (value[0] != '(') fail(path, "the header has no readable shape.");
  const auto inside = value.substr(1, value.find(')') - 1);
  const char* position = inside.data();
  const char* const end = position + inside.size();
  while (position != end) {
    if (*position == ' ' || *position == ',') {
      ++position;
      continue;
    }
    const auto [stop, error] = std::from_chars(position, end, shape.emplace_back());
    if (error != std::errc() || shape.back() < 0) fail(path, "the header has no readable shape.");
    position = stop;
  }
  return shape;
}

}  // namespace

std::size_t npy_header_end(const std::string& path, const std::string& start) {
  const std::size_t prefix = 8 + length_bytes(path, start);
  if (start.size() < prefix) fail(path, "the file is cut off inside its header.");
  return prefix + little_endian(std::string_view(start).substr(8, prefix - 8));
}

NpyHeader parse_npy_header(const std::string& path, const std::string& contents) {
  const std::size_t end = npy_header_end(path, contents);
  if (end > contents.size()) fail(path, "the file is cut off inside its header.");
  const std::size_t prefix = 8 + length_bytes(path, contents);
  const auto dictionary = std::string_view(contents).substr(prefix, end - prefix);
  if (value_of(dictionary, "fortran_order", path).substr(0, 4) == "True")
    fail(path,
         "the array is in Fortran order; C order is read. Save numpy.ascontiguousarray(array).");
  const auto type = parse_type(value_of(dictionary, "descr", path), path);
  return {type, parse_shape(value_of(dictionary, "shape", path), path), end};
}

std::string make_npy_header(const std::string& type, at::IntArrayRef shape) {
  std::string sizes;
  for (const auto size : shape) sizes += std::to_string(size) + ", ";
  if (shape.size() != 1 && !sizes.empty()) sizes.resize(sizes.size() - 2);
  if (shape.size() == 1) sizes.pop_back();  // (3,)
  std::string text =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  text.append(64 - (10 + text.size() + 1) % 64, ' ');
  text += '\n';
  const auto length = static_cast<std::uint16_t>(text.size());
  const std::string version_and_length = {1, 0, static_cast<char>(length & 255U),
                                          static_cast<char>(length >> 8U)};
  return std::string(magic) + version_and_length + text;
}

}  // namespace tropism::io
