// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>
#include <tropism/io/json_lines.hpp>
#include <tropism/io/run_directory.hpp>

#include "command_line.hpp"
#include "plot_pictures.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

namespace fs = std::filesystem;

struct PlotOptions {
  std::vector<std::string> paths;
  std::string out;
  std::string data;
  std::vector<std::string> titles;
  std::vector<std::int64_t> shape;
  int columns = 10;
};

void add_options(CLI::App& app, PlotOptions& options) {
  app.add_option(
         "PATH", options.paths,
         "a run directory (curves), sample files or data directories (densities, points, images; "
         "several side by side), or a report of `tropism evaluate` (.json; bars)")
      ->required();
  app.add_option("--out", options.out, "the picture; default: the first PATH with .png")
      ->type_name("FILE.png");
  app.add_option("--data", options.data, "also show these data, in the first panel")
      ->type_name("DIR");
  app.add_option("--title", options.titles,
                 "title of the picture; or repeated, one title per panel, the data's first")
      ->allow_extra_args(false)
      ->type_name("TEXT");
  app.add_option("--columns", options.columns, "images in a row, one row per label")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  app.add_option("--shape", options.shape, "view rows of H x W numbers as images: H,W")
      ->delimiter(',')
      ->type_name("H,W");
}

std::string without_trailing_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string output_path(const PlotOptions& options) {
  if (options.out.empty()) {
    fs::path path = without_trailing_slash(options.paths.front());
    if (fs::is_directory(path)) return path.string() + ".png";
    return path.replace_extension(".png").string();
  }
  if (has_ending(options.out, ".png")) return options.out;
  throw base::ConfigError("`tropism plot` draws PNG: the name --out \"" + options.out +
                          "\" must end in .png.");
}

bool is_run(const std::string& path) {
  return fs::is_directory(path) && fs::exists(io::RunDirectory::open(path).metrics_path());
}

Plot plot_report_file(const std::string& path, const PictureOptions& picture) {
  try {
    return plot_report(nlohmann::json::parse(io::read_text_file(path)), path, picture);
  } catch (const nlohmann::json::exception& error) {
    throw base::IoError(path + " is not a report of `tropism evaluate`: " + error.what() + ".");
  }
}

PointSet read_points(const std::string& path) {
  if (!fs::is_directory(path)) return read_point_set(path);
  data::DataConfig config;
  config.path = path;
  return as_point_set(read_whole_data(config), path);
}

/// The rows in the shape that --shape asks for.
void reshape(const PlotOptions& options, PointSet& points) {
  if (options.shape.empty()) return;
  std::int64_t size = 1;
  for (const auto length : options.shape) size *= length;
  if (options.shape.size() == 2 && size == points.x.size(1)) {
    points.shape = options.shape;
    return;
  }
  throw base::ConfigError("--shape does not fit " + points.path + ", whose rows have " +
                          std::to_string(points.x.size(1)) +
                          " numbers: give H,W with that product.");
}

std::vector<Panel> read_panels(const PlotOptions& options) {
  std::vector<Panel> panels;
  if (!options.data.empty()) panels.push_back({"data", read_points(options.data), true});
  for (const auto& path : options.paths)
    panels.push_back(
        {fs::path(without_trailing_slash(path)).filename().string(), read_points(path)});
  for (auto& panel : panels) reshape(options, panel.points);
  return panels;
}

/// One title is the picture's, unless there is one panel, which then carries it; several are the
/// panels'.
PictureOptions assign_titles(const PlotOptions& options, std::vector<Panel>& panels) {
  PictureOptions picture{"", options.columns};
  const auto& titles = options.titles;
  if (titles.size() == panels.size()) {
    for (std::size_t i = 0; i < titles.size(); ++i) panels[i].title = titles[i];
    return picture;
  }
  if (titles.size() > 1)
    throw base::ConfigError("There are " + std::to_string(titles.size()) + " titles and " +
                            std::to_string(panels.size()) +
                            " panels: give one --title, or one per panel.");
  if (!titles.empty()) picture.title = titles.front();
  return picture;
}

void refuse_mixed_dimensions(const std::vector<Panel>& panels) {
  for (const auto& panel : panels) {
    if (panel.points.x.size(1) == panels.front().points.x.size(1)) continue;
    throw base::IoError(
        panel.points.path + " has rows of " + std::to_string(panel.points.x.size(1)) +
        " numbers and " + panels.front().points.path + " of " +
        std::to_string(panels.front().points.x.size(1)) + ": they cannot share a picture.");
  }
}

Plot plot_points(const PlotOptions& options) {
  auto panels = read_panels(options);
  refuse_mixed_dimensions(panels);
  const auto picture = assign_titles(options, panels);
  if (are_images(panels.front().points)) return plot_images(panels, picture);
  if (panels.front().points.x.size(1) == 1) return plot_densities(panels, picture);
  return plot_scatter(panels, picture);
}

Plot plot_of(const PlotOptions& options) {
  const auto path = options.paths.front();
  if (!fs::exists(path)) throw base::IoError("There is no file or directory " + path + " to plot.");
  const PictureOptions picture{options.titles.empty() ? "" : options.titles.front(),
                               options.columns};
  if (has_ending(path, ".json")) return plot_report_file(path, picture);
  if (!is_run(path)) return plot_points(options);
  const auto metrics = io::RunDirectory::open(path).metrics_path();
  return plot_run(io::read_json_lines(metrics), metrics, picture);
}

void refuse_companions(const PlotOptions& options) {
  const auto is_alone = [](const std::string& path) {
    return has_ending(path, ".json") || is_run(path);
  };
  if (options.paths.size() == 1 || !is_alone(options.paths.front())) return;
  throw base::ConfigError(
      "`tropism plot` draws one run or report at a time; several files must be samples.");
}

}  // namespace

base::ExitStatus run_plot(const Arguments& arguments) {
  PlotOptions options;
  CLI::App app("Draws a run, samples, data or a report as a PNG, with gnuplot.", "tropism plot");
  add_options(app, options);
  if (parse(app, arguments)) return base::ExitStatus::done;
  refuse_companions(options);
  const auto out = output_path(options);
  draw_png(plot_of(options), out);
  std::cout << out << std::endl;
  return base::ExitStatus::done;
}

}  // namespace tropism::app
