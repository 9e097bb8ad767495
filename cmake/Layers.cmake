# SPDX-License-Identifier: MIT
# The architecture as data: what each module may include, besides itself. A module's library links
# exactly these, and the test `house_layers` holds every #include against them. Lower layers first.
set(TROPISM_CORE_MODULES base comm io diffusion network data reward score control sampling evaluation training)

set(TROPISM_LAYER_base)                                             # errors, random streams, logging
set(TROPISM_LAYER_comm base)                                        # launch, communicator, collectives, row split
set(TROPISM_LAYER_io base comm)                                     # HDF5, CSV, NumPy, JSON lines, run directory
set(TROPISM_LAYER_diffusion base)                                   # forward processes, time grids, reverse steps
set(TROPISM_LAYER_network base diffusion)                           # MLPs, preconditioning, parameter average
set(TROPISM_LAYER_data base comm io)                                # shard sets, datasets, synthetic data, scaling
set(TROPISM_LAYER_reward base network)                              # rewards
set(TROPISM_LAYER_score base comm diffusion data network)           # ScoreFunction, ratio estimator, closed forms
set(TROPISM_LAYER_control base diffusion network reward score)      # policy, value, environment, losses
set(TROPISM_LAYER_sampling base comm io diffusion score)            # sampler, sample files
set(TROPISM_LAYER_evaluation base comm data reward)                 # divergences, reward summary, memorisation
set(TROPISM_LAYER_training base comm io diffusion network data reward score control sampling evaluation)
set(TROPISM_LAYER_conditional ${TROPISM_CORE_MODULES})              # contexts: binds a batch of them to core objects
set(TROPISM_LAYER_app ${TROPISM_CORE_MODULES} conditional)          # the verbs; the only CLI11 code
