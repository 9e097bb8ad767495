// SPDX-License-Identifier: MIT
#include <tropism/training/checkpoint.hpp>

#include <algorithm>
#include <sstream>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>
#include <tropism/io/hdf5_file.hpp>

namespace tropism::training {
namespace {

constexpr const char* format_name = "tropism.checkpoint";
constexpr std::int64_t format_version = 1;

/// "policy.layer1.weight" <-> "policy/layer1.weight"
std::string to_path(const std::string& name) {
  auto path = name;
  path.replace(path.find('.'), 1, "/");
  return path;
}

void write_named(io::Hdf5File& file, const std::string& prefix, const Checkpoint::Named& tensors) {
  for (const auto& [name, tensor] : tensors)
    file.write(prefix + to_path(name), tensor.detach().contiguous(), io::Layout::checksummed);
}

/// The root group alone says which networks there are: below a damaged group nothing seems to
/// exist.
std::vector<std::string> networks_in(const io::Hdf5File& file) {
  if (file.has("/value")) return {"policy", "value"};
  return {"policy"};
}

/// All tensors of the groups <prefix><network>.
Checkpoint::Named read_named(const io::Hdf5File& file, const std::string& prefix,
                             const std::vector<std::string>& networks) {
  Checkpoint::Named tensors;
  for (const auto& network : networks) {
    for (const auto& name : file.list(prefix + network))
      tensors.emplace_back(network + "." + name, file.read(prefix + network + "/" + name));
  }
  return tensors;
}

/// /policy_average/layer1.weight holds policy.layer1.weight.
void write_average(io::Hdf5File& file, const Checkpoint::Named& average) {
  for (const auto& [name, tensor] : average)
    file.write("/policy_average/" + name.substr(name.find('.') + 1), tensor.contiguous(),
               io::Layout::checksummed);
}

Checkpoint::Named read_average(const io::Hdf5File& file) {
  Checkpoint::Named average;
  for (const auto& name : file.list("/policy_average"))
    average.emplace_back("policy." + name, file.read("/policy_average/" + name));
  return average;
}

void write_rewards(io::Hdf5File& file, const control::GroupedRewards& earlier) {
  if (earlier.groups.size(0) == 0) return;
  file.write("/earlier_rewards/rewards", earlier.rewards.contiguous(), io::Layout::checksummed);
  file.write("/earlier_rewards/groups", earlier.groups.contiguous(), io::Layout::checksummed);
}

control::GroupedRewards read_rewards(const io::Hdf5File& file) {
  if (!file.has("/earlier_rewards")) return {};
  return {file.read("/earlier_rewards/rewards"), file.read("/earlier_rewards/groups")};
}

void write_contents(const std::string& path, const Checkpoint& checkpoint) {
  auto file = io::Hdf5File::create(path);
  file.set_attribute("/", "format", format_name);
  file.set_attribute("/", "format_version", format_version);
  file.set_attribute("/", "step", checkpoint.step);
  file.set_attribute("/", "optimizer_steps", checkpoint.optimizer_steps);
  file.set_attribute("/", "samples_seen", checkpoint.samples_seen);
  file.set_attribute("/", "seed", checkpoint.seed);
  file.set_attribute("/", "wall_seconds", checkpoint.wall_seconds);
  file.write_text("/config", checkpoint.config);
  checkpoint.data.write(file);
  write_named(file, "/", checkpoint.parameters);
  write_average(file, checkpoint.policy_average);
  write_named(file, "/optimizer/first_moment/", checkpoint.first_moment);
  write_named(file, "/optimizer/second_moment/", checkpoint.second_moment);
  write_rewards(file, checkpoint.earlier_rewards);
  file.create_group("/provenance");
  for (const auto& [name, value] : checkpoint.provenance)
    file.set_attribute("/provenance", name, value);
  file.close();
}

void check_format(const io::Hdf5File& file) {
  const bool ours =
      file.has_attribute("/", "format") && file.attribute_text("/", "format") == format_name;
  if (!ours)
    throw base::IoError(
        file.path() +
        " is an HDF5 file, but not a checkpoint of Tropism: it has no attribute format = \"" +
        format_name + "\".");
  const auto version = file.attribute_integer("/", "format_version");
  if (version != format_version)
    throw base::IoError(file.path() + " is a checkpoint of format version " +
                        std::to_string(version) + "; this Tropism reads version " +
                        std::to_string(format_version) + ".");
}

std::string shape_text(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

}  // namespace

void save_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  io::write_atomically(
      path, [&](const std::string& temporary) { write_contents(temporary, checkpoint); });
}

Checkpoint load_checkpoint(const std::string& path) {
  const auto file = io::Hdf5File::open(path);
  check_format(file);
  Checkpoint checkpoint;
  checkpoint.step = file.attribute_integer("/", "step");
  checkpoint.optimizer_steps = file.attribute_integer("/", "optimizer_steps");
  checkpoint.samples_seen = file.attribute_integer("/", "samples_seen");
  checkpoint.seed = file.attribute_integer("/", "seed");
  checkpoint.wall_seconds = file.attribute_real("/", "wall_seconds");
  checkpoint.config = file.read_text("/config");
  checkpoint.data = DataSummary::read(file);
  const auto networks = networks_in(file);
  checkpoint.parameters = read_named(file, "/", networks);
  checkpoint.policy_average = read_average(file);
  checkpoint.first_moment = read_named(file, "/optimizer/first_moment/", networks);
  checkpoint.second_moment = read_named(file, "/optimizer/second_moment/", networks);
  checkpoint.earlier_rewards = read_rewards(file);
  for (const auto& name : file.attributes("/provenance"))
    checkpoint.provenance.emplace_back(name, file.attribute_text("/provenance", name));
  return checkpoint;
}

bool load_newest(const io::RunDirectory& run, Checkpoint& checkpoint,
                 std::vector<std::string>& refused) {
  const auto paths = run.checkpoints();
  for (const auto& path : paths) {
    try {
      checkpoint = load_checkpoint(path);
      return true;
    } catch (const base::IoError& error) {
      refused.emplace_back(error.what());
    }
  }
  if (paths.empty()) return false;
  throw base::IoError("None of the " + std::to_string(paths.size()) + " checkpoints of " +
                      run.path() + " can be read. The newest: " + refused.front() +
                      " Start over in another [run] directory, or remove the checkpoints.");
}

void copy_by_name(const Checkpoint::Named& from, const Checkpoint::Named& to,
                  const std::string& what) {
  for (const auto& [wanted, target] : to) {
    const auto& name = wanted;
    const auto found = std::find_if(from.begin(), from.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (found == from.end())
      throw base::IoError(what + " has no " + name +
                          ": it is a checkpoint of another kind of network.");
    if (found->second.sizes() != target.sizes())
      throw base::IoError(
          what + " holds " + name + " of shape " + shape_text(found->second) +
          ", but the config asks for " + shape_text(target) +
          ": use the config the checkpoint was made with, or another [run] directory.");
    target.copy_(found->second);
  }
}

}  // namespace tropism::training
