"""The steps of recurrent cells, and of their gradients, as formulas for the blackboard.

Each function gives terms (`Case.terms`): h₂ as tanh(Wh₁ + ux₂ + b), and so on. They are written
out from the weights alone, so that what a model computed can be followed by hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flint import fmpq_mat

Terms = dict[str, Any]


def inputs(x: Sequence[Any]) -> Terms:
    """x_1, x_2 …, which get no lines of their own."""
    return {f"x_{k}": value for k, value in enumerate(x, 1)}


def rows_of(gates: str, **stacked: fmpq_mat) -> Terms:
    """W_i, W_f …: the rows of the gates, one below another in the matrices that are given."""
    found: Terms = {}
    for name, matrix in stacked.items():
        table = matrix.table()
        n = len(table) // len(gates)
        found |= {
            f"{name}_{gate}": fmpq_mat(table[k * n : (k + 1) * n]) for k, gate in enumerate(gates)
        }
    return found


def product_of(factor: str, last: int, first: int) -> str:
    """factor_last ··· factor_first, where {} is the number of a step; 1 where there is none."""
    factors = [factor.format(k) for k in range(last, first - 1, -1)]
    return ("" if len(factors) <= 4 else " · ").join(factors) or "1"


def sum_of(term: str, first: int, last: int) -> str:
    """The terms of the steps, where {k} is the step's number and {j} that of the one before."""
    return " + ".join(term.format(k=k, j=k - 1) for k in range(first, last + 1)) or "0"


def elman(t: int, pre: str = "Wh_{j} + ux_{k} + b") -> Terms:
    """h_k = tanh(…) and D_k = diag(1 − h_k²) at the steps 1 … t, and h_t."""
    terms: Terms = {"h_t": f"h_{t}"}
    for k in range(1, t + 1):
        terms[f"h_{k}"] = f"tanh({pre.format(k=k, j=k - 1)})"
        terms[f"D_{k}"] = f"diag(1 − h_{k}²)"
    return terms


def elman_gradients(t: int) -> Terms:
    """∂C/∂W, ∂C/∂U and ∂C/∂b of C = g·h_t, from g_k = ∂C/∂h_k."""
    terms: Terms = {f"g_{t}": "g"}
    terms |= {f"g_{k}": f"(D_{k + 1}W)ᵀg_{k + 1}" for k in range(t)}
    return terms | {
        "∂C/∂W": sum_of("D_{k}g_{k}h_{j}ᵀ", 1, t),
        "∂C/∂U": sum_of("D_{k}g_{k}x_{k}", 1, t),
        "∂C/∂b": sum_of("D_{k}g_{k}", 1, t),
        "∂C/∂h_0": "g_0",
    }


def lstm(t: int, reads: str = "{W}h_{j} + {u}x_{k} + {b}") -> Terms:
    """The gates i, f, g, o and the states c and h at the steps 1 … t."""
    terms: Terms = {}
    for k in range(1, t + 1):
        for gate, φ in (("i", "σ"), ("f", "σ"), ("g", "tanh"), ("o", "σ")):
            names = {name: f"{name}_{gate}" for name in "Wub"}
            terms[f"{gate}_{k}"] = f"{φ}({reads.format(k=k, j=k - 1, **names)})"
        terms[f"c_{k}"] = f"f_{k} ⊙ c_{k - 1} + i_{k} ⊙ g_{k}"
        terms[f"h_{k}"] = f"o_{k} ⊙ tanh(c_{k})"
    return terms


def lstm_jacobians(t: int) -> Terms:
    """S_k = ∂[h_k, c_k]/∂[h_{k−1}, c_{k−1}], in the blocks that `lstm_jacobian` derives."""
    terms: Terms = {}
    for k in range(1, t + 1):
        terms |= _pre_activation_slopes(k) | {
            f"J_{k}": f"F_{k}W_f + I_{k}W_i + G_{k}W_g",
            f"S_{k}": f"[O_{k}W_o + B_{k}J_{k}, B_{k}diag(f_{k}); J_{k}, diag(f_{k})]",
        }
    return terms


def lstm_gradients(t: int) -> Terms:
    """∂C/∂W, ∂C/∂b and ∂C/∂s_0 of C = g·s_t: P_k is what the pre-activations do to s_k."""
    terms = lstm_jacobians(t) | {f"ε_{t}": "g"}
    terms |= {f"ε_{k}": f"S_{k + 1}ᵀε_{k + 1}" for k in range(t)}
    terms |= {
        f"P_{k}": f"[B_{k}I_{k}, B_{k}F_{k}, B_{k}G_{k}, O_{k}; I_{k}, F_{k}, G_{k}, 0]"
        for k in range(1, t + 1)
    }
    return terms | {
        "∂C/∂W": sum_of("P_{k}ᵀε_{k}h_{j}ᵀ", 1, t),
        "∂C/∂b": sum_of("P_{k}ᵀε_{k}", 1, t),
        "∂C/∂s_0": "ε_0",
    }


def _pre_activation_slopes(k: int) -> Terms:
    """What the pre-activations of f, i, g do to c_k, that of o to h_k, and c_k to h_k."""
    return {
        f"F_{k}": f"diag(c_{k - 1} ⊙ f_{k} ⊙ (1 − f_{k}))",
        f"I_{k}": f"diag(g_{k} ⊙ i_{k} ⊙ (1 − i_{k}))",
        f"G_{k}": f"diag(i_{k} ⊙ (1 − g_{k}²))",
        f"O_{k}": f"diag(tanh(c_{k}) ⊙ o_{k} ⊙ (1 − o_{k}))",
        f"B_{k}": f"diag(o_{k} ⊙ (1 − tanh(c_{k})²))",
    }


def gru(t: int, update: str, reset: str) -> Terms:
    """The gates r, z and n and the states h at the steps 1 … t, in one of the conventions."""
    terms: Terms = {}
    for k in range(1, t + 1):
        j = k - 1
        for gate in "rz":
            terms[f"{gate}_{k}"] = f"σ(W_{gate}h_{j} + u_{gate}x_{k} + b_{gate})"
        recurrent = {
            "after": f"r_{k} ⊙ (W_nh_{j} + bn)",
            "before": f"W_n(r_{k} ⊙ h_{j}) + bn",
        }[reset]
        terms[f"n_{k}"] = f"tanh(u_nx_{k} + b_n + {recurrent})"
        old, new = (f"z_{k}", f"(1 − z_{k})") if update == "keep" else (f"(1 − z_{k})", f"z_{k}")
        terms[f"h_{k}"] = f"{old} ⊙ h_{j} + {new} ⊙ n_{k}"
    return terms


def gru_jacobians(t: int, update: str, reset: str) -> Terms:
    """S_k = ∂h_k/∂h_{k−1}, and what the pre-activations of r, z, n do to h_k: R_k, Z_k, N_k.

    R_k is by way of n: the reset gate reaches h through the candidate alone.
    """
    terms: Terms = {}
    for k in range(1, t + 1):
        j = k - 1
        old, new = (f"z_{k}", f"(1 − z_{k})") if update == "keep" else (f"(1 − z_{k})", f"z_{k}")
        sign = f"h_{j} − n_{k}" if update == "keep" else f"n_{k} − h_{j}"
        terms |= {
            f"Z_{k}": f"diag(({sign}) ⊙ z_{k} ⊙ (1 − z_{k}))",
            f"N_{k}": f"diag({new} ⊙ (1 − n_{k}²))",
        }
        if reset == "after":
            terms[f"Q_{k}"] = f"diag((W_nh_{j} + bn) ⊙ r_{k} ⊙ (1 − r_{k}))"
            terms[f"R_{k}"] = f"N_{k}Q_{k}"
            through = f"N_{k}(diag(r_{k})W_n + Q_{k}W_r)"
        else:
            terms[f"Q_{k}"] = f"diag(h_{j} ⊙ r_{k} ⊙ (1 − r_{k}))"
            terms[f"R_{k}"] = f"N_{k}W_nQ_{k}"
            through = f"N_{k}W_n(diag(r_{k}) + Q_{k}W_r)"
        terms[f"S_{k}"] = f"diag({old.strip('()')}) + Z_{k}W_z + {through}"
    return terms


def gru_gradients(t: int, update: str, reset: str) -> Terms:
    """∂C/∂b and ∂C/∂bn of C = g·h_t."""
    terms = gru(t, update, reset) | gru_jacobians(t, update, reset) | {f"ε_{t}": "g"}
    terms |= {f"ε_{k}": f"S_{k + 1}ᵀε_{k + 1}" for k in range(t)}
    terms |= {f"P_{k}": f"[R_{k}, Z_{k}, N_{k}]" for k in range(1, t + 1)}
    biased = "diag(r_{k})N_{k}ε_{k}" if reset == "after" else "N_{k}ε_{k}"
    return terms | {
        "∂C/∂b": sum_of("P_{k}ᵀε_{k}", 1, t),
        "∂C/∂bn": sum_of(biased, 1, t),
    }


def marked(terms: Terms, mark: str = "′") -> Terms:
    """The same terms of another run: h′_2 for h_2, and so in the formulas."""
    numbered = re.compile(r"([a-zA-Zε])_(?=\d)")

    def renamed(term: Any) -> Any:
        return numbered.sub(rf"\1{mark}_", term) if isinstance(term, str) else term

    return {renamed(name): renamed(term) for name, term in terms.items()}
