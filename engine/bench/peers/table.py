"""Who is measured, and at which versions. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass

DRIVERS = "engine.bench.peers.drivers"
TQDM = "tqdm==4.70.1"
MATPLOTLIB = (
    "matplotlib==3.11.2",
    "contourpy==1.3.3",
    "cycler==0.12.1",
    "fonttools==4.68.0",
    "kiwisolver==1.5.1",
    "packaging==26.4",
    "pyparsing==3.3.3",
    "python-dateutil==2.9.0.post0",
    "six==1.17.0",
)
IPYTHON = (
    "ipython==9.18.1",
    "asttokens==3.0.2",
    "decorator==5.3.1",
    "executing==2.3.0",
    "ipython-pygments-lexers==1.1.1",
    "jedi==0.20.1",
    "matplotlib-inline==0.2.2",
    "parso==0.8.7",
    "pexpect==4.9.0",
    "prompt-toolkit==3.0.53",
    "ptyprocess==0.7.0",
    "pure-eval==0.2.4",
    "pygments==2.21.0",
    "stack-data==0.6.3",
    "traitlets==5.16.1",
    "wcwidth==0.9.4",
)


@dataclass(frozen=True)
class Programme:
    """One that dreams beside the others.

    ``packages`` are all that it needs beside torch, torchvision, NumPy and Pillow, which are ours for everybody; the
    first is the programme itself. Without any it runs in our own environment.
    """

    name: str
    driver: str  # the module that drives it
    packages: tuple[str, ...] = ()
    octaves: bool = False  # whether it dreams whole pictures in octaves

    @property
    def version(self) -> str:
        """Its version, as pinned; empty for what is here."""
        return self.packages[0].partition("==")[2] if self.packages else ""


OURS = Programme("oneiros", f"{DRIVERS}.ours", octaves=True)
PLAIN_LOOP = Programme("plain loop", f"{DRIVERS}.plain_loop", octaves=True)
PEERS = (
    # The newest kornia that lucent takes, and the oldest that today's torch takes.
    Programme("lucent", f"{DRIVERS}.lucent", ("torch-lucent==0.1.8", "kornia==0.4.1", TQDM, *IPYTHON)),
    # einops it imports, and does not ask for.
    Programme("horama", f"{DRIVERS}.horama", ("horama==0.3.0", "einops==0.8.2", TQDM, *MATPLOTLIB)),
    # OpenCV without windows is the same module; mkl it asks for, and torch brings its own.
    Programme(
        "torch-dreams", f"{DRIVERS}.torch_dreams", ("torch-dreams==4.0.0", "opencv-python-headless==5.0.0.93", TQDM)
    ),
    Programme("dreamlens", f"{DRIVERS}.dreamlens", ("dreamlens==0.1.1",)),
    Programme("neural-dream", f"{DRIVERS}.neural_dream", ("neural-dream==0.0.4",), octaves=True),
)
LEAST_PEERS = 4  # that must run, for a comparison to be one
