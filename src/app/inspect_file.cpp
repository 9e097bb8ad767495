// SPDX-License-Identifier: MIT
#include "inspect_file.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include <tropism/base/error.hpp>
#include <tropism/io/hdf5_file.hpp>

#include "value_summary.hpp"

namespace tropism::app {
namespace {

using io::Hdf5File;
using io::Hdf5Kind;

constexpr std::size_t lines_per_group = 8;           // datasets that a screenful shows of one group
constexpr std::int64_t block_elements = 1LL << 22U;  // read at once

std::string attribute_text(const Hdf5File& file, const std::string& object,
                           const std::string& name) {
  switch (file.attribute_kind(object, name)) {
    case Hdf5Kind::text:
      return file.attribute_text(object, name);
    case Hdf5Kind::integer:
      return std::to_string(file.attribute_integer(object, name));
    case Hdf5Kind::real:
      return number_text(file.attribute_real(object, name));
    default:
      return "(neither a number nor a text)";
  }
}

void print_attributes(const Hdf5File& file, const std::string& object, const std::string& indent) {
  for (const auto& name : file.attributes(object))
    std::cout << indent << name << " = " << attribute_text(file, object, name) << '\n';
}

std::string range_text(const Hdf5File& file, const std::string& name,
                       const std::vector<std::int64_t>& shape) {
  ValueRange range;
  if (shape.empty()) {
    range.add(file.read(name));
    return range.text();
  }
  std::int64_t row_elements = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) row_elements *= shape[axis];
  const auto rows =
      std::max<std::int64_t>(1, block_elements / std::max<std::int64_t>(1, row_elements));
  for (std::int64_t first = 0; first < shape[0]; first += rows)
    range.add(file.read_rows(name, first, std::min(rows, shape[0] - first)));
  return range.text();
}

std::string text_summary(const Hdf5File& file, const std::string& name,
                         const std::vector<std::int64_t>& shape) {
  if (!shape.empty() && shape != std::vector<std::int64_t>{1}) return "text " + shape_text(shape);
  const auto text = file.read_text(name);
  const auto lines =
      std::count(text.begin(), text.end(), '\n') + (text.ends_with('\n') || text.empty() ? 0 : 1);
  return "text, " + count_text(lines, "line") + (lines == 1 && text.size() < 60 ? ": " + text : "");
}

bool is_label(const std::string& name, const std::vector<std::int64_t>& shape, Hdf5Kind kind) {
  return (name == "/label" || name == "/y") && shape.size() == 1 && kind == Hdf5Kind::integer;
}

std::string dataset_summary(const Hdf5File& file, const std::string& name) {
  const auto kind = file.kind(name);
  if (kind == Hdf5Kind::other) return file.stored_type(name);
  const auto shape = file.shape(name);
  if (kind == Hdf5Kind::text) return text_summary(file, name, shape);
  const std::string type = file.stored_type(name) + " " + shape_text(shape) + ", ";
  return type + (is_label(name, shape, kind) ? label_text(file.read(name))
                                             : range_text(file, name, shape));
}

/// @return whether it could be read
bool print_dataset(const Hdf5File& file, const std::string& name) {
  try {
    std::cout << name << "  " << dataset_summary(file, name) << '\n';
    print_attributes(file, name, "    ");
    return true;
  } catch (const base::IoError& error) {
    std::cout << "CANNOT BE READ: " << error.what() << '\n';
    return false;
  }
}

/// Parameters have many names; a screenful shows the first ones and counts the rest.
/// @return how many of the datasets shown could not be read
std::int64_t print_group(const Hdf5File& file, const std::string& group, Listing listing) {
  std::int64_t unreadable = 0;
  std::vector<std::string> groups;
  std::size_t shown = 0, hidden = 0;
  for (const auto& name : file.list(group.empty() ? "/" : group)) {
    const std::string path = group + "/" + name;
    if (file.has(path) && file.kind(path) == Hdf5Kind::group) {
      groups.push_back(path);
    } else if (!file.has(path)) {
      std::cout << path << "  a link to nothing\n";
    } else if (listing == Listing::everything || group.empty() || shown < lines_per_group) {
      if (!print_dataset(file, path)) ++unreadable;
      ++shown;
    } else {
      ++hidden;
    }
  }
  if (hidden > 0)
    std::cout << group << "/...  and "
              << count_text(static_cast<std::int64_t>(hidden), "more dataset") << " (--all)\n";
  for (const auto& path : groups) {
    print_attributes(file, path, path + ": ");
    unreadable += print_group(file, path, listing);
  }
  return unreadable;
}

}  // namespace

void inspect_file(const std::string& path, Listing listing) {
  const auto file = Hdf5File::open(path);
  std::cout << path << ": " << std::filesystem::file_size(path) << " bytes\n";
  print_attributes(file, "/", "  ");
  const auto unreadable = print_group(file, "", listing);
  if (unreadable > 0)
    throw base::IoError(path + ": " + count_text(unreadable, "dataset") +
                        " cannot be read; the listing names the reason.");
}

}  // namespace tropism::app
