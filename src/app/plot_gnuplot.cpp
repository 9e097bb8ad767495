// SPDX-License-Identifier: MIT
#include "plot_gnuplot.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

namespace tropism::app {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using TemporaryFile = std::unique_ptr<std::FILE, CloseFile>;

TemporaryFile temporary_file(const std::string& contents) {
  TemporaryFile file(std::tmpfile());
  if (file && std::fwrite(contents.data(), 1, contents.size(), file.get()) == contents.size() &&
      std::fflush(file.get()) == 0 && std::fseek(file.get(), 0, SEEK_SET) == 0)
    return file;
  throw base::IoError("A temporary file for gnuplot could not be written: " +
                      std::string(std::strerror(errno)) + ".");
}

std::string contents_of(std::FILE* file) {
  std::rewind(file);
  std::string text(4000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

/// The streams of a child process.
class SpawnActions {
 public:
  SpawnActions(std::FILE* input, std::FILE* messages) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, fileno(input), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, fileno(messages), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, fileno(messages), STDERR_FILENO);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

pid_t start_gnuplot(const SpawnActions& actions) {
  std::string name = "gnuplot", script = "/dev/stdin";  // without a script it reads byte by byte
  std::array<char*, 3> arguments = {name.data(), script.data(), nullptr};
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, "gnuplot", actions.get(), nullptr, arguments.data(), environ);
  if (error == 0) return child;
  if (error == ENOENT)
    throw base::IoError(
        "gnuplot is not installed, and `tropism plot` draws with it: install it, on "
        "Debian and Ubuntu with `apt install gnuplot-nox`.");
  throw base::IoError("gnuplot could not be started: " + std::string(std::strerror(error)) + ".");
}

int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return status;
}

void run_gnuplot(const std::string& commands) {
  const auto input = temporary_file(commands);
  const auto messages = temporary_file("");
  const SpawnActions actions(input.get(), messages.get());
  if (status_of(start_gnuplot(actions)) == 0) return;
  throw base::IoError("gnuplot failed: " + contents_of(messages.get()));
}

std::string terminal(const Plot& plot, const std::string& path) {
  return "set encoding utf8\nset terminal pngcairo noenhanced font 'Sans,11' background rgb "
         "'white' size " +
         std::to_string(plot.width) + "," + std::to_string(plot.height) + "\nset output " +
         quoted(path) + "\n";
}

}  // namespace

void draw_png(const Plot& plot, const std::string& path) {
  io::write_atomically(path, [&](const std::string& temporary_path) {
    run_gnuplot(terminal(plot, temporary_path) + plot.commands + "\nunset output\n");
    std::error_code failure;
    if (std::filesystem::file_size(temporary_path, failure) > 0 && !failure) return;
    throw base::IoError(
        "gnuplot wrote no picture. Does `gnuplot -e 'set terminal pngcairo'` work? "
        "It needs gnuplot with cairo: on Debian and Ubuntu the package gnuplot-nox.");
  });
}

std::string quoted(const std::string& text) {
  std::string literal = "'";
  for (const char c : text) {
    literal += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    if (c == '\'') literal += c;
  }
  return literal + "'";
}

std::string plain(double number) {
  if (!std::isfinite(number)) return "NaN";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.7g", number);
  return text.data();
}

std::string data_block(const std::string& name, const torch::Tensor& rows) {
  const auto table = rows.to(torch::kFloat64).contiguous();
  const auto* value = table.data_ptr<double>();
  std::string text = "$" + name + " << END_OF_BLOCK\n";
  for (std::int64_t row = 0; row < table.size(0); ++row) {
    for (std::int64_t column = 0; column < table.size(1); ++column) text += plain(*value++) + " ";
    text += "\n";
  }
  return text + "END_OF_BLOCK\n";
}

std::string place(const PanelBox& box, const Plot& plot) {
  const auto margin = [](const char* side, double position) {
    return std::string("set ") + side + "margin at screen " + plain(position) + "\n";
  };
  return margin("l", box.left / plot.width) + margin("r", (box.left + box.width) / plot.width) +
         margin("t", 1.0 - box.top / plot.height) +
         margin("b", 1.0 - (box.top + box.height) / plot.height);
}

std::string begin_panels(const std::string& title) {
  const std::string heading =
      title.empty() ? "" : " title " + quoted(title) + " font 'Sans,15' offset 0,-0.4";
  return "set datafile missing 'NaN'\nset multiplot" + heading + "\n";
}

std::string end_panels() {
  return "unset multiplot\n";
}

std::string light_axes() {
  return "set border 3 lw 1 lc rgb '#9a9a9a'\nset tics nomirror out scale 0.5 textcolor rgb "
         "'#333333'\n"
         "set grid lw 1 lc rgb '#e8e8e8' lt 1 back\nset key noautotitle top right textcolor rgb "
         "'#333333' "
         "samplen 1.5\n";
}

std::string colour(std::size_t i) {
  static const std::array<const char*, 10> colours = {"#4269d0", "#ef7d0e", "#3ca951", "#d62f3a",
                                                      "#a463f2", "#18a3b5", "#c2a000", "#ff6fae",
                                                      "#8c5a3c", "#6b7280"};
  return colours[i % colours.size()];
}

}  // namespace tropism::app
