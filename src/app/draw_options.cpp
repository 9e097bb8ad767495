// SPDX-License-Identifier: MIT
#include "draw_options.hpp"

#include <CLI/CLI.hpp>

namespace tropism::app {

void add_draw_options(CLI::App& app, DrawOptions& options, DrawSize size) {
  auto* samples = app.add_option("--samples", options.samples, "how many, for each condition; >= 1")
                      ->type_name("N");
  if (size == DrawSize::required) samples->required();
  app.add_option("--condition", options.conditions,
                 "label=7, or label=all for every label in rising order; context=0.2,1.5, the C "
                 "numbers of a model with [context] kind = \"vector\"; label=@FILE or "
                 "context=@FILE, one a row of a .csv, .npy or .h5 file; repeatable. Without it a "
                 "conditional model draws labels or contexts as the data have them")
      ->type_name("label=N|context=X,...|...=@FILE");
  app.add_option(
         "--sampler", options.sampler,
         "the solver: of the SDE euler-maruyama or exponential, of the ODE ode-euler, heun, "
         "dpm-solver++2m or deis, between them ddim; default: as in training")
      ->type_name("KIND");
  app.add_option("--eta", options.eta,
                 "ddim: 0 is the ODE, 1 ancestral sampling, in [0, 1]; default: as in training, "
                 "else 0")
      ->type_name("REAL");
  app.add_option("--time-grid", options.time_grid,
                 "uniform, log-snr or karras; default: as in training")
      ->type_name("KIND");
  app.add_option("--smallest-time", options.smallest_time,
                 "log-snr, karras: noise time of the last step's start / T, in (0, 1); default: as "
                 "in training")
      ->type_name("REAL");
  app.add_option("--steps", options.steps, "time steps, >= 1; default: as many as in training")
      ->type_name("K");
  app.add_option("--last-step", options.last_step,
                 "without-noise leaves out the noise of the last step, which no later step would "
                 "take away; with-noise. The ODE has none")
      ->capture_default_str();
  app.add_option("--weights", options.weights,
                 "average: the averaged weights; latest: those of the last episode")
      ->capture_default_str();
  app.add_option("--device", options.device,
                 "what computes the networks: cpu, or cuda, a GPU for each rank")
      ->capture_default_str();
  app.add_option("--guide", options.guide,
                 "a second checkpoint, whose policy the samples are led away from: on the same "
                 "data without a context, or less trained, or without a reward")
      ->type_name("FILE");
  app.add_option("--guidance", options.guidance,
                 "W of guide + W (checkpoint - guide): 1 is none, 0 the guide alone, above 1 what "
                 "tells the checkpoint from the guide is exaggerated")
      ->type_name("W");
  app.add_option("--seed", options.seed, "seed, >= 0; sample i depends on the seed and i alone")
      ->capture_default_str();
}

}  // namespace tropism::app
