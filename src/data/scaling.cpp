// SPDX-License-Identifier: MIT
#include <tropism/data/scaling.hpp>

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>
#include <tropism/io/hdf5_file.hpp>

namespace tropism::data {
namespace {

Scaling unit_scaling(const torch::Tensor& raw) {
  const double smallest = raw.min().item<double>();
  const double largest = raw.max().item<double>();
  Scaling scaling = {.kind = ScalingKind::unit};
  scaling.offset.fill_(0.5 * (smallest + largest));
  if (largest > smallest) scaling.factor.fill_(0.5 * (largest - smallest));
  return scaling;
}

Scaling standard_scaling(const torch::Tensor& raw) {
  const auto values = raw.to(torch::kFloat64);
  const auto varies = std::get<0>(values.min(0)) < std::get<0>(values.max(0));
  Scaling scaling = {.kind = ScalingKind::standard};
  scaling.offset = values.mean(0);
  const auto spread = values.std(0, /*unbiased=*/false);
  scaling.factor = torch::where(varies & (spread > 0), spread, torch::ones_like(spread));
  return scaling;
}

std::string join(const std::string& group, const std::string& name) {
  return group.ends_with('/') ? group + name : group + '/' + name;
}

torch::Tensor read_factors(const io::Hdf5File& file, const std::string& name) {
  auto values = file.read(name);
  if (values.dim() != 1 || values.numel() == 0 || !values.is_floating_point() ||
      !base::all_finite(values))
    throw base::IoError(file.path() + ": `" + name +
                        "` is not a row of finite numbers. The file is damaged.");
  return values.to(torch::kFloat64);
}

}  // namespace

torch::Tensor Scaling::apply(const torch::Tensor& raw) const {
  if (kind == ScalingKind::none) return raw;
  const auto to_device = raw.device();
  return raw.to(torch::kFloat64)
      .sub(offset.to(to_device))
      .div_(factor.to(to_device))
      .to(raw.scalar_type());
}

torch::Tensor Scaling::undo(const torch::Tensor& stored) const {
  if (kind == ScalingKind::none) return stored;
  const auto to_device = stored.device();
  return stored.to(torch::kFloat64)
      .mul(factor.to(to_device))
      .add_(offset.to(to_device))
      .to(stored.scalar_type());
}

void Scaling::write(io::Hdf5File& file, const std::string& group) const {
  file.create_group(group);
  file.set_attribute(group, "scaling", name_of(kind));
  if (kind == ScalingKind::none) return;
  file.write(join(group, "scaling/offset"), offset, io::Layout::checksummed);
  file.write(join(group, "scaling/factor"), factor, io::Layout::checksummed);
}

Scaling Scaling::read(const io::Hdf5File& file, const std::string& group) {
  if (!file.has_attribute(group, "scaling")) return {};
  const std::string name = file.attribute_text(group, "scaling");
  if (name != "none" && name != "unit" && name != "standard")
    throw base::IoError(file.path() + ": the attribute `scaling` of `" + group + "` is \"" + name +
                        "\"; none, unit and standard are known.");
  Scaling scaling = {.kind = scaling_kind(name)};
  if (scaling.kind == ScalingKind::none) return scaling;
  scaling.offset = read_factors(file, join(group, "scaling/offset"));
  scaling.factor = read_factors(file, join(group, "scaling/factor"));
  if (!scaling.factor.gt(0).all().item<bool>() ||
      !scaling.factor.sizes().equals(scaling.offset.sizes()))
    throw base::IoError(file.path() + ": the scaling of `" + group +
                        "` has factors that are not positive.");
  return scaling;
}

Scaling fit_scaling(ScalingKind kind, const torch::Tensor& raw) {
  base::expects(raw.dim() == 2, "raw values are [M, D]");
  if (kind == ScalingKind::none || raw.numel() == 0) return {.kind = kind};
  return kind == ScalingKind::unit ? unit_scaling(raw) : standard_scaling(raw);
}

ScalingKind scaling_kind(const std::string& name) {
  if (name == "none") return ScalingKind::none;
  if (name == "unit") return ScalingKind::unit;
  if (name == "standard") return ScalingKind::standard;
  throw base::ConfigError("The scaling \"" + name +
                          "\" is not known; it can be none, unit or standard.");
}

std::string name_of(ScalingKind kind) {
  if (kind == ScalingKind::none) return "none";
  return kind == ScalingKind::unit ? "unit" : "standard";
}

}  // namespace tropism::data
