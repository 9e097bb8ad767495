// SPDX-License-Identifier: MIT
#include "binding.hpp"

namespace tropism::app {
namespace {

Section bind_run(training::RunConfig& run) {
  return {
      "run",
      "the run as a whole",
      {{"directory", "where config, metrics and checkpoints go; must be set", &run.directory},
       {"seed", "the one seed of all random streams, >= 0", &run.seed},
       {"episodes", "episodes of training, >= 1", &run.episodes},
       {"batch", "trajectories per episode over all ranks, >= 1", &run.batch},
       {"aggregate", "root: rank 0 sums gradients, steps, broadcasts | all: every rank steps",
        &run.aggregate},
       {"device",
        "what computes the networks and the score estimates: cpu | cuda, a GPU for each rank",
        &run.device},
       {"reproducible", "the same numbers bit for bit on any number of ranks", &run.reproducible},
       {"report_every", "episodes between lines of metrics.jsonl, >= 1", &run.report_every},
       {"check_every", "episodes between cross-rank checks of the weights, >= 0; 0 = never",
        &run.check_every}}};
}

Section bind_data(data::DataConfig& data) {
  return {
      "data",
      "the training data",
      {{"path", "a directory of shards, or one HDF5 file; must be set", &data.path},
       {"x", "dataset of the samples, [N, ...]", &data.x},
       {"label", "dataset of the labels, [N], integers; may be absent", &data.label},
       {"context", "dataset of the contexts, [N] or [N, C]; may be absent", &data.context},
       {"reward", "dataset of the rewards, [N], NaN = unlabelled; may be absent", &data.reward},
       {"placement",
        "replicated: every rank holds all rows | sharded: its share | streamed: reads its share "
        "block by block whenever it needs it",
        &data.placement},
       {"block_megabytes", "of samples in one block of streamed data; two are held, > 0",
        &data.block_megabytes}}};
}

Section bind_process(diffusion::ProcessConfig& process) {
  return {
      "process",
      "the forward (noising) process dx = -f x dt + g dB",
      {{"kind",
        "ornstein-uhlenbeck: f and g constant | functions of t/T: vp-linear | vp-cosine | ve, "
        "whose data keep their size | sub-vp",
        &process.kind},
       {"terminal_time", "T > 0: noise time of the prior", &process.terminal_time},
       {"drift", "ornstein-uhlenbeck: f >= 0; 0 = Brownian motion", &process.drift},
       {"diffusion", "ornstein-uhlenbeck: g > 0", &process.diffusion},
       {"beta_min", "vp-linear, sub-vp: T 2 f at noise time 0, > 0", &process.beta_min},
       {"beta_max", "vp-linear, sub-vp: T 2 f at noise time T, >= beta_min", &process.beta_max},
       {"cosine_offset", "vp-cosine: s of the schedule, in [0, 1)", &process.cosine_offset},
       {"cosine_end", "vp-cosine: share of the quarter wave that is used, in (0, 1)",
        &process.cosine_end},
       {"sigma_min", "ve: > 0; the noise is sqrt(sigma(t)^2 - sigma_min^2)", &process.sigma_min},
       {"sigma_max", "ve: sigma at noise time T, > sigma_min", &process.sigma_max}}};
}

Section bind_time_grid(diffusion::TimeGridConfig& time_grid) {
  return {"time_grid",
          "the K steps from noise (T) to data (0)",
          {{"kind",
            "uniform: K equal steps | equal steps down to smallest_time, then one to 0: log-snr: "
            "of the "
            "log signal-to-noise ratio | karras: of the noise-to-signal ratio to the power 1/rho",
            &time_grid.kind},
           {"steps", "K >= 1", &time_grid.steps},
           {"smallest_time", "log-snr, karras: noise time of the last step's start / T, in (0, 1)",
            &time_grid.smallest_time},
           {"rho", "karras: > 0", &time_grid.rho}}};
}

Section bind_simulator(diffusion::SimulatorConfig& simulator) {
  return {
      "simulator",
      "the numerical solver of the controlled reverse process",
      {{"kind",
        "of the SDE: euler-maruyama | exponential: exact where the score is held over the step; "
        "of the ODE: ode-euler | heun | dpm-solver++2m | deis; between them: ddim",
        &simulator.kind},
       {"eta", "ddim: 0 is the ODE, 1 ancestral sampling, in [0, 1]", &simulator.eta}}};
}

Section bind_score(score::ScoreConfig& score) {
  return {
      "score",
      "how the environment observes the score",
      {{"kind", "ratio: the ratio estimator, [GZZ24, eq. (18)]", &score.kind},
       {"samples",
        "signal = ratio: m >= 0 rows drawn afresh at each step; 0 = all rows. Else: draws behind a "
        "signal, always from all rows; 0 = 1",
        &score.samples},
       {"floor", "eps >= 0 of eq. (18), a density; 0 = off", &score.floor},
       {"scope", "local: a rank uses its own rows | global: all rows of all ranks, exactly",
        &score.scope},
       {"signal",
        "ratio: the ratio itself | posterior-draw: the mean of `samples` draws from its "
        "softmax weights | product: two such means, which make the reward unbiased",
        &score.signal},
       {"kernel",
        "weight of a row whose context is u bandwidths away: gaussian, e^(-u^2/2) | compact, "
        "max(0, 1 - u^2)",
        &score.kernel},
       {"bandwidth",
        "of that kernel, >= 0, in standard deviations of the contexts; 0 = by Scott's rule, for "
        "samples that change slowly with the context; set it where they change fast",
        &score.bandwidth},
       {"least_effective_rows",
        "a warning where the kernel leaves fewer rows at work at a context, >= 0; 0 = never",
        &score.least_effective_rows},
       {"pruning",
        "share of the weight, in [0, 1), that blocks of far rows may be left out for; 0 = "
        "exact",
        &score.pruning}}};
}

std::vector<Field> bind_mlp(network::MlpConfig& mlp) {
  return {{"width", "units of a hidden layer, >= 1", &mlp.width},
          {"depth", "hidden layers, >= 1", &mlp.depth},
          {"activation", "silu | tanh | relu | tanh+relu (Table 1 of [GZZ24]: tanh, then relu)",
           &mlp.activation}};
}

std::vector<Field> operator+(std::vector<Field> first, const std::vector<Field>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Section bind_policy(control::PolicyConfig& policy) {
  return {"policy", "the network of the policy mean",
          std::vector<Field>{{"network", "mlp", &policy.network}} + bind_mlp(policy.mlp) +
              std::vector<Field>{{"mean",
                                  "plain (published) | preconditioned: score of a Gaussian fit "
                                  "+ residual",
                                  &policy.mean}}};
}

Section bind_value(control::ValueConfig& value) {
  return {
      "value", "the network of the value function and how it enters the policy",
      std::vector<Field>{{"network",
                          "mlp | none (with form = \"data\": the critic that the data alone "
                          "give, the SDE's also where the simulator solves the ODE)",
                          &value.network}} +
          bind_mlp(value.mlp) +
          std::vector<Field>{
              {"form", "plain (published) | skip | data: the data's own critic + network",
               &value.form},
              {"inputs", "normalised: (y - a m)/sqrt(a^2 var + v) | raw (published)",
               &value.inputs},
              {"target", "monte-carlo | temporal-difference (published)", &value.target},
              {"warmup", "episodes before the network's gradient enters the policy, >= 0",
               &value.warmup},
              {"ramp", "episodes over which it is let in linearly, >= 0", &value.ramp},
              {"gradient_limit", "largest norm of the network's share of J_y/2, >= 0; 0 = no limit",
               &value.gradient_limit}}};
}

Section bind_reward(reward::RewardConfig& reward) {
  return {
      "reward",
      "which samples are wanted, and how much",
      {{"kind", "none | quadratic | box | linear | mean-intensity", &reward.kind},
       {"beta", "weight of the reward against the cost of leaving the data, >= 0", &reward.beta},
       {"units", "original | scaled: what the reward sees where `import --scale` was used",
        &reward.units},
       {"target", "quadratic: the wanted point, 1 or D numbers", &reward.target},
       {"weights", "linear: one number per coordinate, or 1 for all", &reward.weights},
       {"low", "box: lower bounds of the first coordinates", &reward.low},
       {"high", "box: upper bounds of the first coordinates", &reward.high}}};
}

Section bind_context(conditional::ContextConfig& context) {
  return {
      "context",
      "what the model is conditioned on",
      {{"kind",
        "none | label (the integer label of each row of data) | vector (the C numbers of its "
        "context, weighed by [score] kernel)",
        &context.kind},
       {"prior",
        "how training draws them: data (as the data have them) | uniform (all labels alike; in the "
        "box that holds all contexts)",
        &context.prior}}};
}

Section bind_algorithm(control::AlgorithmConfig& algorithm) {
  return {
      "algorithm",
      "how the policy learns",
      {{"name",
        "q-learning: Algorithms 1 and 2 of [GZZ24] | score-matching, weighted-score-matching (by "
        "e^(beta h/2)): on noised data | ddpo, dpok: policy gradients",
        &algorithm.name},
       {"policy_update",
        "expected: action noise integrated out | sampled: eqs. (28)-(31), published",
        &algorithm.policy_update},
       {"criterion", "of the sampled update: orthogonality (published) | martingale-loss",
        &algorithm.criterion},
       {"optimum",
        "solver: the best policy in the simulator, s + J_y/4 in the ODE (published) | "
        "tilted-score: "
        "s + J_y/2 in every one, which follows the law tilted by e^(beta h/2)",
        &algorithm.optimum},
       {"learning",
        "offline: after the episode (published) | online: after every time step, q-learning by the "
        "temporal difference alone",
        &algorithm.learning},
       {"actions", "what moves the state: mean | sampled (always with the sampled update)",
        &algorithm.actions},
       {"updates",
        "Adam steps per episode, each on every updates-th time step, >= 0; 0 = ten, or one with "
        "the sampled update, or one for each time step online",
        &algorithm.updates},
       {"temperature", "theta > 0: policy covariance theta/(2 g^2) I", &algorithm.temperature},
       {"pretrained", "the checkpoint whose policy training starts from; dpok stays near it",
        &algorithm.pretrained},
       {"clip_range", "ddpo, dpok: ratios count within 1 -+ this, >= 0; 0 = all",
        &algorithm.clip_range},
       {"advantage_limit", "ddpo: largest |standardised reward|, > 0", &algorithm.advantage_limit},
       {"reward_buffer",
        "ddpo: rewards are standardised by those of the batch and, of each label, of so many "
        "before, >= 0",
        &algorithm.reward_buffer},
       {"kl_weight", "dpok: gamma >= 0, of the KL divergence from the pretrained policy",
        &algorithm.kl_weight},
       {"kl_gradient",
        "dpok: whole: of the objective | step: without what a step does to later divergences, as "
        "published",
        &algorithm.kl_gradient},
       {"baseline",
        "dpok: what is taken from beta h: batch-mean (of each label) | value (the value network)",
        &algorithm.baseline}}};
}

Section bind_optimizer(training::OptimizerConfig& optimizer) {
  return {"optimizer",
          "Adam (Kingma and Ba, 2015)",
          {{"learning_rate", "of the policy, > 0", &optimizer.learning_rate},
           {"value_learning_rate", "of the value network, > 0", &optimizer.value_learning_rate},
           {"beta1", "in [0, 1)", &optimizer.beta1},
           {"beta2", "in [0, 1)", &optimizer.beta2},
           {"epsilon", "> 0", &optimizer.epsilon},
           {"schedule", "constant | cosine (to 0 at the last episode)", &optimizer.schedule},
           {"clip_norm", "largest gradient norm of each network, >= 0; 0 = no clipping",
            &optimizer.clip_norm}}};
}

Section bind_average(training::AverageConfig& average) {
  return {"average",
          "the exponential average of the policy's weights, which samples are drawn with",
          {{"decay", "in [0, 1): min(decay, (1 + n)/(10 + n)) after n episodes; 0 = last weights",
            &average.decay}}};
}

Section bind_checkpoint(training::CheckpointConfig& checkpoint) {
  return {"checkpoint",
          "what a run that was stopped goes on from",
          {{"every", "episodes between checkpoints, >= 0; 0 = only at the end", &checkpoint.every},
           {"keep", "newest checkpoints kept, >= 1", &checkpoint.keep}}};
}

}  // namespace

std::vector<Section> bind(Config& config) {
  return {bind_run(config.run),
          bind_data(config.data),
          bind_process(config.process),
          bind_time_grid(config.time_grid),
          bind_simulator(config.simulator),
          bind_score(config.score),
          bind_policy(config.policy),
          bind_value(config.value),
          bind_reward(config.reward),
          bind_context(config.context),
          bind_algorithm(config.algorithm),
          bind_optimizer(config.optimizer),
          bind_average(config.average),
          bind_checkpoint(config.checkpoint)};
}

}  // namespace tropism::app
