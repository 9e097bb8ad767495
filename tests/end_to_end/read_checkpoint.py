import h5py

with h5py.File("runs/digits/checkpoints/latest.h5") as checkpoint:
    print("episode", checkpoint.attrs["step"], "seed", checkpoint.attrs["seed"])
    weights = {name: checkpoint["policy_average"][name][...] for name in checkpoint["policy_average"]}
    for name, values in weights.items():
        print(name, values.shape, values.dtype)
    print(checkpoint["config"].asstr()[0])
