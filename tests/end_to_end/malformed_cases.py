# SPDX-License-Identifier: MIT
"""The table of malformed inputs: what is wrong, the command, the files it needs, the exit status
and what the message must say. `good` is a shard set with labels, `plain` one with contexts;
`labelled`, `turned` and `free` are runs on labels, on contexts, on neither."""
import io

import h5py
import numpy

USAGE, FILE = 2, 3


def npy(array):
    buffer = io.BytesIO()
    numpy.save(buffer, array)
    return buffer.getvalue()


def hdf5(**datasets):
    """A writer of a file with these datasets."""
    def write(path):
        with h5py.File(path, "w") as file:
            for name, values in datasets.items():
                file[name] = values
    return write


def truncated(source, size):
    return lambda path: path.write_bytes((path.parent / source).read_bytes()[:size])


def altered(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def removed(path):
    path.unlink()


def config(*lines):
    """A config for the labelled data in which some lines are replaced or added."""
    sections = {"run": ['directory = "new"', "episodes = 2", "batch = 8"], "data": ['path = "good"'],
                "policy": ["width = 4", "depth = 1"]}
    for line in lines:
        section, _, entry = line.partition("] ")
        section, key = section.strip("["), entry.partition("=")[0].strip()
        kept = [other for other in sections.setdefault(section, []) if not other.startswith(key + " =")]
        sections[section] = kept + [entry]
    return "\n".join(f"[{name}]\n" + "\n".join(entries) for name, entries in sections.items()) + "\n"


IMPORT = "import bad.csv --out new"
TRAIN = "train --config bad.toml"
SAMPLE = "sample --checkpoint labelled/checkpoints/latest.h5"
TURNED = "sample --checkpoint turned/checkpoints/latest.h5"
REWARDED = '[reward] kind = "mean-intensity"'
VECTOR = '[context] kind = "vector"'
ONE_CONTEXT = hdf5(x=numpy.arange(18.0).reshape(9, 2), context=numpy.ones((9, 2)))
OF_FILE = " --samples 2 --out new.h5 --condition "
GUIDE = " --samples 2 --out new.h5 --guide "
EVALUATE = "evaluate --data good"
EVALUATED = EVALUATE + " --samples good/data-00000-of-00002.h5"

CASES = [
    # import: CSV
    ("ragged rows", IMPORT, {"bad.csv": "a,b\n1,2\n3\n"}, FILE, "bad.csv, line 3"),
    ("text among numbers", IMPORT, {"bad.csv": "a,b\n1,2\n3,four\n"}, FILE, "four"),
    ("NaN", IMPORT, {"bad.csv": "a,b\n1,2\nnan,4\n"}, FILE, "NaN"),
    ("an empty cell", IMPORT, {"bad.csv": "a,b\n1,2\n,4\n"}, FILE, "bad.csv, line 3"),
    ("a number beyond float32", IMPORT, {"bad.csv": "a,b\n1,2\n3,1e200\n"}, FILE, "float32"),
    ("an empty file", IMPORT, {"bad.csv": ""}, FILE, "bad.csv"),
    ("a header without rows", IMPORT, {"bad.csv": "a,b\n"}, FILE, "bad.csv"),
    ("an open quote", IMPORT, {"bad.csv": 'a,b\n"1,2\n'}, FILE, "bad.csv"),
    ("binary rubbish", IMPORT, {"bad.csv": bytes(range(256))}, FILE, "zero bytes"),
    ("no such file", IMPORT, {}, FILE, "bad.csv"),
    ("a torn .gz", "import bad.csv.gz --out new", {"bad.csv.gz": b"\x1f\x8b\x08\0\0\0\0\0\0\3rub"},
     FILE, "bad.csv.gz"),
    ("no such label column", IMPORT + " --label-column kind", {"bad.csv": "a,b\n1,2\n"}, FILE,
     "kind"),
    ("labels that are not integers", IMPORT + " --label-column b", {"bad.csv": "a,b\n1,2.5\n"}, FILE,
     "label"),
    ("a shape that does not fit", IMPORT + " --shape 8,8", {"bad.csv": "a,b\n1,2\n"}, USAGE, "8"),
    ("two files of different width", "import bad.csv worse.csv --out new",
     {"bad.csv": "1,2\n", "worse.csv": "1,2,3\n"}, FILE, "worse.csv"),
    ("a scale that is not known", IMPORT + " --scale log", {"bad.csv": "1,2\n"}, USAGE, "log"),
    ("no shards", IMPORT + " --shards 0", {"bad.csv": "1,2\n"}, USAGE, "shards"),
    ("a directory that cannot be made", "import bad.csv --out file/below",
     {"bad.csv": "1,2\n", "file": "regular"}, FILE, "file/below"),
    ("a shard set that is there already", "import bad.csv --out good", {"bad.csv": "1,2\n"}, FILE,
     "--force"),
    # import: NumPy
    ("an .npy that is none", "import bad.npy --out new", {"bad.npy": b"not numpy"}, FILE, "bad.npy"),
    ("an .npy that is cut off", "import bad.npy --out new",
     {"bad.npy": npy(numpy.ones((9, 2)))[:-4]}, FILE, "bad.npy"),
    ("an .npy of text", "import bad.npy --out new", {"bad.npy": npy(numpy.array(["a", "b"]))}, FILE,
     "bad.npy"),
    ("an .npy of Python objects", "import bad.npy --out new",
     {"bad.npy": npy(numpy.array([{}, {}], dtype=object))}, FILE, "bad.npy"),
    ("an .npy without rows", "import bad.npy --out new", {"bad.npy": npy(numpy.ones((0, 2)))}, FILE,
     "bad.npy"),
    ("labels of another length", "import bad.npy --label labels.npy --out new",
     {"bad.npy": npy(numpy.ones((9, 2))), "labels.npy": npy(numpy.arange(8))}, FILE, "labels.npy"),
    # train: HDF5
    ("text as samples", TRAIN, {"bad.toml": config('[data] path = "bad.h5"'),
                                "bad.h5": hdf5(x=numpy.array([b"a", b"b"]))}, FILE, "numbers"),
    ("a single number as samples", TRAIN, {"bad.toml": config('[data] path = "bad.h5"'),
                                           "bad.h5": hdf5(x=1.0)}, FILE, "rows"),
    ("no row", TRAIN, {"bad.toml": config('[data] path = "bad.h5"'),
                       "bad.h5": hdf5(x=numpy.ones((0, 2)))}, FILE, "no row"),
    ("NaN in the samples", TRAIN, {"bad.toml": config('[data] path = "bad.h5"'),
                                   "bad.h5": hdf5(x=numpy.array([[1.0], [numpy.nan]]))}, FILE,
     "row 1"),
    ("labels of another length in HDF5", TRAIN,
     {"bad.toml": config('[data] path = "bad.h5"'),
      "bad.h5": hdf5(x=numpy.ones((3, 2)), label=numpy.arange(2))}, FILE, "label"),
    ("labels that are not integers in HDF5", TRAIN,
     {"bad.toml": config('[data] path = "bad.h5"'),
      "bad.h5": hdf5(x=numpy.ones((2, 2)), label=numpy.array([0.5, 1]))}, FILE, "integers"),
    ("foreign names", TRAIN, {"bad.toml": config('[data] path = "bad.h5"'),
                              "bad.h5": hdf5(images=numpy.ones((3, 2)))}, FILE, "images"),
    ("a named dataset that is not there", TRAIN, {"bad.toml": config('[data] label = "digit"')},
     FILE, "digit"),
    ("no HDF5 file", TRAIN, {"bad.toml": config('[data] path = "bad.h5"'), "bad.h5": "text"}, FILE,
     "bad.h5"),
    ("a file that is cut off", TRAIN, {"bad.toml": config('[data] path = "bad.h5"'),
                                       "bad.h5": truncated("good/data-00001-of-00002.h5", 1500)},
     FILE, "bad.h5"),
    ("a shard that is missing", TRAIN, {"bad.toml": config(), "good/data-00001-of-00002.h5": removed},
     FILE, "data-00001-of-00002.h5"),
    ("a shard that was altered", TRAIN,
     {"bad.toml": config(), "good/data-00001-of-00002.h5": altered}, FILE, "altered"),
    ("a shard that was cut off", TRAIN,
     {"bad.toml": config(), "good/data-00001-of-00002.h5":
      truncated("data-00001-of-00002.h5", 1500)}, FILE, "bytes"),
    ("a manifest that is no JSON", TRAIN, {"bad.toml": config(), "good/manifest.json": "{"}, FILE,
     "manifest.json"),
    ("a directory without data", TRAIN, {"bad.toml": config('[data] path = "labelled"')}, FILE,
     "labelled"),
    ("no such data", TRAIN, {"bad.toml": config('[data] path = "nowhere"')}, FILE, "nowhere"),
    ("labels that the data do not have", TRAIN,
     {"bad.toml": config('[data] path = "plain"', '[context] kind = "label"')}, FILE, "label"),
    # train: config
    ("an unknown key", TRAIN, {"bad.toml": config("[run] epsiodes = 3")}, USAGE, "bad.toml:5: "),
    ("an unknown section", TRAIN, {"bad.toml": config("[optimiser] beta1 = 0.5")}, USAGE,
     "Did you mean optimizer"),
    ("a key in the wrong section", TRAIN, {"bad.toml": config("[run] learning_rate = 0.1")}, USAGE,
     "[optimizer]"),
    ("text for a number", TRAIN, {"bad.toml": config('[run] batch = "many"')}, USAGE, "bad.toml:4: "),
    ("a fraction for an integer", TRAIN, {"bad.toml": config("[run] batch = 2.5")}, USAGE, "2.5"),
    ("a number beyond all integers", TRAIN, {"bad.toml": config("[run] batch = 99999999999999999999")},
     USAGE, "batch"),
    ("an impossible value", TRAIN, {"bad.toml": config("[run] batch = -8")}, USAGE, "bad.toml:4: "),
    ("a name that is not known", TRAIN, {"bad.toml": config('[reward] kind = "boxes"')}, USAGE,
     "boxes"),
    ("not-a-number as a value", TRAIN, {"bad.toml": config("[optimizer] learning_rate = nan")}, USAGE,
     "learning_rate"),
    ("a syntax error", TRAIN, {"bad.toml": config() + "learning rate: 0.1\n"}, USAGE,
     "bad.toml:10: "),
    ("an open string", TRAIN, {"bad.toml": '[run]\ndirectory = "new\n'}, USAGE, "bad.toml:2: "),
    ("an open list", TRAIN, {"bad.toml": "[reward]\ntarget = [1.0, 2.0\n"}, USAGE, "bad.toml:"),
    ("the same key twice", TRAIN, {"bad.toml": config() + "width = 5\n"}, USAGE, "second time"),
    ("no such config", TRAIN, {}, FILE, "bad.toml"),
    ("a directory as config", "train --config good", {}, FILE, "good"),
    ("no config", "train", {}, USAGE, "directory"),
    ("no run directory", TRAIN, {"bad.toml": '[data]\npath = "good"\n'}, USAGE, "directory"),
    ("a run directory below a regular file", TRAIN,
     {"bad.toml": config('[run] directory = "file/below"'), "file": "regular"}, FILE, "file/below"),
    ("more bounds than coordinates", TRAIN,
     {"bad.toml": config('[reward] kind = "box"', "[reward] low = [0, 0, 0]",
                         "[reward] high = [1, 1, 1]")}, USAGE, "bound"),
    ("a target of another dimension", TRAIN,
     {"bad.toml": config('[reward] kind = "quadratic"', "[reward] target = [1, 2, 3]")}, USAGE,
     "target"),
    ("an unknown override", "train --config bad.toml run --epsiodes 3", {"bad.toml": config()},
     USAGE, "epsiodes"),
    ("an override that is no number", "train --config bad.toml run --episodes many",
     {"bad.toml": config()}, USAGE, "many"),
    ("a run directory of another network", TRAIN,
     {"bad.toml": config('[run] directory = "labelled"', '[context] kind = "label"',
                         "[policy] width = 5", "[run] episodes = 5")}, FILE, "another [run] directory"),
    ("data that are all one point", TRAIN, {"bad.toml": config('[data] path = "bad.h5"'),
                                            "bad.h5": hdf5(x=numpy.ones((9, 2)))}, FILE,
     "the same point"),
    ("contexts that the data do not have", TRAIN, {"bad.toml": config(VECTOR)}, FILE,
     "--context-columns"),
    ("labels that the data do not have", TRAIN,
     {"bad.toml": config('[data] path = "plain"', '[context] kind = "label"')}, FILE, "no labels"),
    ("contexts that are all the same", TRAIN,
     {"bad.toml": config('[data] path = "bad.h5"', VECTOR), "bad.h5": ONE_CONTEXT}, FILE,
     "the same context"),
    ("contexts that are not finite", TRAIN,
     {"bad.toml": config('[data] path = "bad.h5"', VECTOR),
      "bad.h5": hdf5(x=numpy.ones((3, 2)), context=numpy.array([1.0, numpy.nan, 2.0]))}, FILE,
     "context"),
    ("contexts of another length", TRAIN,
     {"bad.toml": config('[data] path = "bad.h5"', VECTOR),
      "bad.h5": hdf5(x=numpy.ones((3, 2)), context=numpy.arange(2.0))}, FILE, "context"),
    ("a negative bandwidth", TRAIN, {"bad.toml": config(VECTOR, "[score] bandwidth = -0.5")}, USAGE,
     "bad.toml:13: "),
    ("an unknown kernel", TRAIN, {"bad.toml": config(VECTOR, '[score] kernel = "box"')}, USAGE, "box"),
    ("an unknown process", TRAIN, {"bad.toml": config('[process] kind = "vp"')}, USAGE,
     '"vp-linear", "vp-cosine", "ve" or "sub-vp"'),
    ("a key of another process", TRAIN, {"bad.toml": config("[process] sigma_max = 9.0")}, USAGE,
     "it belongs to ve alone"),
    ("an unknown time grid", TRAIN, {"bad.toml": config('[time_grid] kind = "cosine"')}, USAGE,
     '"uniform", "log-snr" or "karras"'),
    ("no time step", TRAIN, {"bad.toml": config("[time_grid] steps = 0")}, USAGE, "steps"),
    ("an unknown simulator", TRAIN, {"bad.toml": config('[simulator] kind = "milstein"')}, USAGE,
     '"heun", "dpm-solver++2m" or "deis"'),
    ("an eta where there is none", TRAIN,
     {"bad.toml": config('[simulator] kind = "heun"', "[simulator] eta = 0.5")}, USAGE,
     "it belongs to ddim alone"),
    ("sampled actions in a solver of several stages", TRAIN,
     {"bad.toml": config('[simulator] kind = "deis"', '[algorithm] actions = "sampled"')},
     USAGE, '"ode-euler" or "ddim" with sampled actions'),
    ("an unknown algorithm", TRAIN, {"bad.toml": config('[algorithm] name = "ppo"')}, USAGE,
     '"weighted-score-matching", "ddpo" or "dpok"'),
    ("the martingale loss of the expected update", TRAIN,
     {"bad.toml": config('[algorithm] criterion = "martingale-loss"')}, USAGE,
     '"orthogonality" unless policy_update = "sampled"'),
    ("DPOK without a pretrained policy", TRAIN,
     {"bad.toml": config(REWARDED, '[algorithm] name = "dpok"')}, USAGE,
     "a checkpoint where name = \"dpok\""),
    ("DDPO without a reward", TRAIN, {"bad.toml": config('[algorithm] name = "ddpo"')}, USAGE,
     "a reward with [algorithm] name = \"ddpo\""),
    ("DDPO in a solver without densities", TRAIN,
     {"bad.toml": config(REWARDED, '[algorithm] name = "ddpo"', '[simulator] kind = "ddim"')}, USAGE,
     "whose steps must have a density"),
    ("score matching with a critic", TRAIN,
     {"bad.toml": config('[value] network = "mlp"', '[algorithm] name = "score-matching"')}, USAGE,
     "which learns no critic"),
    ("a baseline that is not there", TRAIN,
     {"bad.toml": config(REWARDED, '[algorithm] name = "ddpo"', '[algorithm] baseline = "value"')},
     USAGE, '"batch-mean" where [value] network = "none"'),
    ("no such pretrained policy", TRAIN,
     {"bad.toml": config('[algorithm] pretrained = "nowhere.h5"')}, FILE, "nowhere.h5"),
    ("a compact kernel over rows drawn afresh", TRAIN,
     {"bad.toml": config(VECTOR, '[score] kernel = "compact"', "[score] samples = 20")}, USAGE,
     "samples = 20"),
    # sample
    ("a label for a model of contexts", TURNED + " --samples 2 --condition label=3 --out new.h5", {},
     USAGE, "write context="),
    ("a context for a model of labels", SAMPLE + " --samples 2 --condition context=3 --out new.h5",
     {}, USAGE, "write label="),
    ("a context for an unconditional model",
     "sample --checkpoint free/checkpoints/latest.h5 --samples 2 --condition context=1 --out new.h5",
     {}, USAGE, "without a context"),
    ("a context of too many numbers", TURNED + " --samples 2 --condition context=5,6 --out new.h5",
     {}, USAGE, "has 2 numbers"),
    ("a context of text", TURNED + " --samples 2 --condition context=five --out new.h5", {}, USAGE,
     '"five" is not a finite number'),
    ("a context with a hole", TURNED + " --samples 2 --condition context=5, --out new.h5", {}, USAGE,
     '"" is not a finite number'),
    ("a context that is not finite", TURNED + " --samples 2 --condition context=inf --out new.h5", {},
     USAGE, '"inf" is not a finite number'),
    ("a condition that is no context", TURNED + " --samples 2 --condition angle=5 --out new.h5", {},
     USAGE, "write context="),
    ("no such file of contexts", TURNED + OF_FILE + "context=@no.csv", {}, FILE, "no.csv"),
    ("contexts of two numbers in a file", TURNED + OF_FILE + "context=@bad.csv",
     {"bad.csv": "1,2\n3,4\n"}, USAGE, "has 2 numbers"),
    ("text among contexts in a file", TURNED + OF_FILE + "context=@bad.csv",
     {"bad.csv": "1\n2\nthree\n"}, FILE, "three"),
    ("a context in a file that is not finite", TURNED + OF_FILE + "context=@bad.npy",
     {"bad.npy": npy(numpy.array([1.0, 1e200]))}, FILE, "row 1"),
    ("a file without contexts", TURNED + OF_FILE + "context=@bad.h5", {"bad.h5": hdf5(x=numpy.ones(3))},
     FILE, "/context"),
    ("an empty file of contexts", TURNED + OF_FILE + "context=@bad.npy",
     {"bad.npy": npy(numpy.ones((0, 1)))}, FILE, "no conditions"),
    ("conditions of another ending", TURNED + OF_FILE + "context=@bad.txt", {"bad.txt": "1\n"}, USAGE,
     "bad.txt"),
    ("a file of labels that the data do not have", SAMPLE + OF_FILE + "label=@bad.csv",
     {"bad.csv": "1\n77\n"}, USAGE, "77"),
    ("labels in a file that are not integers", SAMPLE + OF_FILE + "label=@bad.csv",
     {"bad.csv": "1\n1.5\n"}, FILE, "not integers"),
    ("two columns of labels in a file", SAMPLE + OF_FILE + "label=@bad.csv", {"bad.csv": "1,2\n"},
     USAGE, "has 2 columns"),
    ("a label that the data do not have", SAMPLE + " --samples 2 --condition label=77 --out new.h5",
     {}, USAGE, "77"),
    ("a condition that is no label", SAMPLE + " --samples 2 --condition hue=2 --out new.h5", {},
     USAGE, "hue=2"),
    ("a condition for an unconditional model",
     "sample --checkpoint free/checkpoints/latest.h5 --samples 2 --condition label=1 --out new.h5",
     {}, USAGE, "without a context"),
    ("zero samples", SAMPLE + " --samples 0 --out new.h5", {}, USAGE, "--samples"),
    ("negative steps", SAMPLE + " --samples 2 --steps -3 --out new.h5", {}, USAGE, "--steps"),
    ("a negative seed", SAMPLE + " --samples 2 --seed -3 --out new.h5", {}, USAGE, "--seed"),
    ("guidance without a guide", SAMPLE + " --samples 2 --guidance 2 --out new.h5", {}, USAGE,
     "--guide FILE"),
    ("a guide without guidance", SAMPLE + " --samples 2 --guide free/checkpoints/latest.h5 --out new.h5",
     {}, USAGE, "--guidance W"),
    ("guidance that is not finite", SAMPLE + GUIDE + "free/checkpoints/latest.h5 --guidance nan", {},
     USAGE, "finite"),
    ("a guide on labels for contexts", TURNED + GUIDE + "labelled/checkpoints/latest.h5 --guidance 2",
     {}, USAGE, "trained on labels, but the checkpoint on contexts"),
    ("a guide on contexts for none",
     "sample --checkpoint free/checkpoints/latest.h5" + GUIDE
     + "turned/checkpoints/latest.h5 --guidance 2", {}, USAGE, "trained on contexts"),
    ("no such guide", SAMPLE + GUIDE + "no.h5 --guidance 2", {}, FILE, "no.h5"),
    ("no steps", SAMPLE + " --samples 2 --steps 0 --out new.h5", {}, USAGE, "--steps"),
    ("an unknown sampler", SAMPLE + " --samples 2 --sampler magic --out new.h5", {}, USAGE,
     "euler-maruyama, exponential, ode-euler, ddim, heun, dpm-solver++2m or deis"),
    ("an unknown time grid of samples", SAMPLE + " --samples 2 --time-grid magic --out new.h5", {},
     USAGE, "uniform, log-snr or karras"),
    ("a smallest time of samples beyond 1", SAMPLE + " --samples 2 --smallest-time 2 --out new.h5",
     {}, USAGE, "--smallest-time"),
    ("an eta of samples beyond 1", SAMPLE + " --samples 2 --sampler ddim --eta 1.5 --out new.h5", {},
     USAGE, "from 0 to 1"),
    ("an eta with a sampler that has none",
     SAMPLE + " --samples 2 --sampler heun --eta 0.5 --out new.h5", {}, USAGE, "ddim alone"),
    ("an unknown ending", SAMPLE + " --samples 2 --out new.txt", {}, USAGE, "new.txt"),
    ("a place that does not exist", SAMPLE + " --samples 2 --out nowhere/new.h5", {}, FILE,
     "nowhere"),
    ("a place below a regular file", SAMPLE + " --samples 2 --out file/new.h5", {"file": "regular"},
     FILE, "file/new.h5"),
    ("a directory in the place of the samples", SAMPLE + " --samples 2 --out old.h5",
     {"old.h5": lambda path: path.mkdir()}, FILE, "directory"),
    ("no such checkpoint", "sample --checkpoint no.h5 --samples 2 --out new.h5", {}, FILE, "no.h5"),
    ("a text as checkpoint", "sample --checkpoint bad.h5 --samples 2 --out new.h5",
     {"bad.h5": "text"}, FILE, "bad.h5"),
    ("a shard as checkpoint",
     "sample --checkpoint good/data-00000-of-00002.h5 --samples 2 --out new.h5", {}, FILE,
     "not a checkpoint"),
    ("a checkpoint that is cut off", "sample --checkpoint bad.h5 --samples 2 --out new.h5",
     {"bad.h5": truncated("labelled/checkpoints/latest.h5", 9000)}, FILE, "bad.h5"),
    ("a directory as checkpoint", "sample --checkpoint labelled --samples 2 --out new.h5", {}, FILE,
     "labelled"),
    # evaluate, plot, inspect, make
    ("no samples", EVALUATE, {}, USAGE, "--samples"),
    ("samples without /x", EVALUATE + " --samples bad.h5", {"bad.h5": hdf5(y=numpy.ones((3, 2)))},
     FILE, "/x"),
    ("samples of another dimension", EVALUATE + " --samples bad.h5",
     {"bad.h5": hdf5(x=numpy.ones((3, 5)))}, FILE, "shape"),
    ("samples with infinity", EVALUATE + " --samples bad.h5",
     {"bad.h5": hdf5(x=numpy.array([[1.0, numpy.inf]]))}, FILE, "not finite"),
    ("labels of another length in samples", EVALUATE + " --samples bad.h5",
     {"bad.h5": hdf5(x=numpy.ones((3, 2)), label=numpy.arange(2))}, FILE, "labels"),
    ("no neighbours", EVALUATED + " --neighbours 0", {}, USAGE,
     "neighbours"),
    ("an unknown metric", EVALUATED + " --metrics energy,fid", {}, USAGE, "fid"),
    ("a mistyped metric", EVALUATED + " --metrics energi", {}, USAGE, "Did you mean energy?"),
    ("no metric", EVALUATED + " --metrics ,", {}, USAGE, "metric"),
    ("an unknown form of the KL", EVALUATED + " --kl-form robust", {}, USAGE, "bias-reduced"),
    ("more batches than there are samples", EVALUATED + " --batches 9 --batch-size 5", {}, USAGE,
     "9 batches of 5 points need"),
    ("a negative number of batches", EVALUATED + " --batches -1", {}, USAGE, "batches"),
    ("a batch of one point", EVALUATED + " --batch-size 1", {}, USAGE, "at least 2"),
    ("no projections", EVALUATED + " --projections 0", {}, USAGE, "projections"),
    ("a negative seed of projections", EVALUATED + " --seed -1", {}, USAGE, "seed"),
    ("nothing to plot", "plot nothing.h5 --out new.png", {}, FILE, "nothing.h5"),
    ("a picture of another kind", "plot good --out new.jpg", {}, USAGE, "new.jpg"),
    ("a text as a report", "plot bad.json --out new.png", {"bad.json": "text"}, FILE, "bad.json"),
    ("nothing to inspect", "inspect nothing.h5", {}, FILE, "nothing.h5"),
    ("a text to inspect", "inspect bad.h5", {"bad.h5": "text"}, FILE, "bad.h5"),
    ("an unknown synthetic set", "make torus --samples 9 --out new", {}, USAGE, "torus"),
    ("a synthetic set without rows", "make swiss-roll --samples 0 --out new", {}, USAGE, "samples"),
    ("negative noise", "make swiss-roll --samples 9 --noise -1 --out new", {}, USAGE, "noise"),
    # the command line
    ("an unknown verb", "trian --config bad.toml", {}, USAGE, "tropism train"),
    ("an unknown option", SAMPLE + " --samples 2 --out new.h5 --fast", {}, USAGE, "--fast"),
    ("an option without its value", SAMPLE + " --samples 2 --out", {}, USAGE, "--out"),
    ("a missing option", SAMPLE + " --samples 2", {}, USAGE, "--out"),
    ("text for a number of samples", SAMPLE + " --samples many --out new.h5", {}, USAGE, "many"),
]
