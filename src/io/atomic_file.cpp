// SPDX-License-Identifier: MIT
#include <tropism/io/atomic_file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <tropism/base/error.hpp>

namespace tropism::io {
namespace {

namespace fs = std::filesystem;

std::string system_reason() {
  return std::generic_category().message(errno);
}

fs::path directory_of(const std::string& path) {
  const auto directory = fs::path(path).parent_path();
  return directory.empty() ? fs::path(".") : directory;
}

/// A file that goes away again unless it is released.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& target)
      : path_(target + "." + std::to_string(getpid()) + ".tmp") {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  void release() { path_.clear(); }

 private:
  std::string path_;
};

}  // namespace

void check_can_be_written(const std::string& path) {
  const auto directory = directory_of(path);
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored))
    throw base::IoError(path + ": cannot be written, because " + directory.string() +
                        " is not a directory. Create it, or choose another place.");
  if (access(directory.c_str(), W_OK | X_OK) != 0)
    throw base::IoError(path + ": cannot be written, because the directory " + directory.string() +
                        " is not writable (" + system_reason() + "). Choose another place.");
  if (fs::is_directory(path, ignored))
    throw base::IoError(path + ": cannot be written, because it is a directory. Name a file.");
}

void synchronise(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    throw base::IoError(path + ": cannot be opened to force it to the disk: " + system_reason() +
                        ".");
  const bool failed = fsync(file) != 0;
  const std::string reason = system_reason();
  ::close(file);
  if (failed) throw base::IoError(path + ": could not be forced to the disk: " + reason + ".");
}

void write_atomically(const std::string& path,
                      const std::function<void(const std::string&)>& write) {
  check_can_be_written(path);
  TemporaryFile temporary(path);
  write(temporary.path());
  synchronise(temporary.path());
  if (std::rename(temporary.path().c_str(), path.c_str()) != 0)
    throw base::IoError(path + ": could not take its name: " + system_reason() + ".");
  temporary.release();
  synchronise(directory_of(path).string());
}

void write_text_atomically(const std::string& path, const std::string& text) {
  write_atomically(path, [&](const std::string& temporary_path) {
    std::ofstream file(temporary_path, std::ios::binary);
    file << text << std::flush;
    if (!file) throw base::IoError(path + ": could not be written; is the disk full?");
  });
}

std::string read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  std::error_code ignored;
  if (!file || fs::is_directory(path, ignored))
    throw base::IoError(path + ": there is no such file, or it may not be read.");
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace tropism::io
