// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "command_line.hpp"
#include "doctor_checks.hpp"
#include "verb.hpp"

namespace tropism::app {
namespace {

enum class Form { table, json };

struct Request {
  Form form = Form::table;
  bool help_was_shown = false;
};

Request parse_request(const Arguments& arguments) {
  CLI::App app("Looks for what is wrong with this machine, and tells the line that mends it.",
               "tropism doctor");
  bool json = false;
  app.add_flag("--json", json, "one JSON object instead of a table");
  app.footer(
      "Exit status: 0 if nothing is broken (warnings are advice), else 2.\n"
      "Start it as the run will be started: `mpirun -n 16 tropism doctor`.");
  const bool help_was_shown = parse(app, arguments);
  return {json ? Form::json : Form::table, help_was_shown};
}

/// Collective.
std::vector<Finding> examine(const comm::Communicator& comm) {
  std::vector<Finding> findings = check_software();
  const auto add = [&](const std::vector<Finding>& more) {
    findings.insert(findings.end(), more.begin(), more.end());
  };
  add(check_ranks(comm));
  if (!comm.is_root()) return findings;
  add(check_arithmetic(comm));
  add(check_storage());
  return findings;
}

std::string health_name(Health health) {
  if (health == Health::good) return "good";
  return health == Health::warning ? "warning" : "broken";
}

void print_table(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    const std::string mark =
        finding.health == Health::good ? "" : health_name(finding.health) + ": ";
    const std::string gap(finding.topic.size() < 14 ? 14 - finding.topic.size() : 1, ' ');
    std::cout << finding.topic << gap << mark << finding.fact << "\n";
    if (!finding.remedy.empty())
      std::cout << std::string(14, ' ') << "-> " << finding.remedy << "\n";
  }
}

void print_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json report;
  for (const auto& finding : findings) {
    report[finding.topic] = {{"health", health_name(finding.health)},
                             {"fact", finding.fact},
                             {"remedy", finding.remedy}};
  }
  std::cout << report.dump(2) << "\n";
}

}  // namespace

base::ExitStatus run_doctor(const Arguments& arguments, const comm::Communicator& comm) {
  const Request request = parse_request(arguments);
  if (request.help_was_shown) return base::ExitStatus::done;
  const auto findings = examine(comm);
  if (!comm.is_root()) return base::ExitStatus::done;
  request.form == Form::json ? print_json(findings) : print_table(findings);
  const auto is_broken = [](const Finding& finding) { return finding.health == Health::broken; };
  const bool broken = std::any_of(findings.begin(), findings.end(), is_broken);
  return broken ? base::ExitStatus::usage : base::ExitStatus::done;
}

}  // namespace tropism::app
