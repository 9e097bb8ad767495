// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

namespace tropism::io {

/// Replaces the file `path` all at once or not at all: `write` fills a temporary name in the same
/// directory, which is then fsynced and renamed, and the directory fsynced. A kill at any moment
/// leaves the old file or the new one. If anything fails the temporary file is removed.
///
/// @param write   writes a complete file at the path it is given, and closes it
/// @throws IoError   if the directory is missing or not writable, or the disk is full
void write_atomically(const std::string& path,
                      const std::function<void(const std::string& temporary_path)>& write);

/// The same for a text.
void write_text_atomically(const std::string& path, const std::string& text);

/// Whether a file could take the name `path`, found out before the work of filling it is done.
/// @throws IoError   if the directory is missing or not writable, or `path` is a directory itself
void check_can_be_written(const std::string& path);

/// Forces a file, or the names in a directory, to the disk. @throws IoError
void synchronise(const std::string& path);

/// The whole file. @throws IoError if it cannot be read
[[nodiscard]] std::string read_text_file(const std::string& path);

}  // namespace tropism::io
