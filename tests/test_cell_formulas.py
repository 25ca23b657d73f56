"""The steps of cells and of their gradients, as a person writes them."""

from __future__ import annotations

import pytest

from properties.checking import cell_formulas, matrix

ELMAN = {
    "g_2": "g",
    "g_1": "(D_2W)ᵀg_2",
    "g_0": "(D_1W)ᵀg_1",
    "∂C/∂W": "D_1g_1h_0ᵀ + D_2g_2h_1ᵀ",
    "∂C/∂U": "D_1g_1x_1 + D_2g_2x_2",
    "∂C/∂b": "D_1g_1 + D_2g_2",
    "∂C/∂h_0": "g_0",
}
LSTM = {
    "i_1": "σ(W_ih_0 + u_ix_1 + b_i)",
    "f_1": "σ(W_fh_0 + u_fx_1 + b_f)",
    "g_1": "tanh(W_gh_0 + u_gx_1 + b_g)",
    "o_1": "σ(W_oh_0 + u_ox_1 + b_o)",
    "c_1": "f_1 ⊙ c_0 + i_1 ⊙ g_1",
    "h_1": "o_1 ⊙ tanh(c_1)",
}
LSTM_JACOBIANS = {
    "F_1": "diag(c_0 ⊙ f_1 ⊙ (1 − f_1))",
    "I_1": "diag(g_1 ⊙ i_1 ⊙ (1 − i_1))",
    "G_1": "diag(i_1 ⊙ (1 − g_1²))",
    "O_1": "diag(tanh(c_1) ⊙ o_1 ⊙ (1 − o_1))",
    "B_1": "diag(o_1 ⊙ (1 − tanh(c_1)²))",
    "J_1": "F_1W_f + I_1W_i + G_1W_g",
    "S_1": "[O_1W_o + B_1J_1, B_1diag(f_1); J_1, diag(f_1)]",
}
LSTM_GRADIENTS = {
    "ε_1": "g",
    "ε_0": "S_1ᵀε_1",
    "P_1": "[B_1I_1, B_1F_1, B_1G_1, O_1; I_1, F_1, G_1, 0]",
    "∂C/∂W": "P_1ᵀε_1h_0ᵀ",
    "∂C/∂b": "P_1ᵀε_1",
    "∂C/∂s_0": "ε_0",
}


def later(terms: dict[str, str]) -> dict[str, str]:
    """The terms of step 2, from those of step 1."""

    def moved(text: str) -> str:
        return text.replace("_1", "_2").replace("_0", "_1")

    return {moved(name): moved(term) for name, term in terms.items()}


def test_elman() -> None:
    first = {"h_1": "tanh(Wh_0 + ux_1 + b)", "D_1": "diag(1 − h_1²)"}
    assert cell_formulas.elman(2) == {"h_t": "h_2"} | first | later(first)
    assert cell_formulas.elman(1, "{k}{j}")["h_1"] == "tanh(10)"
    assert cell_formulas.elman_gradients(2) == ELMAN
    assert cell_formulas.elman_gradients(0)["∂C/∂W"] == "0"


def test_lstm() -> None:
    assert cell_formulas.lstm(2) == LSTM | later(LSTM)
    assert cell_formulas.lstm_jacobians(2) == LSTM_JACOBIANS | later(LSTM_JACOBIANS)
    assert cell_formulas.lstm_gradients(1) == LSTM_JACOBIANS | LSTM_GRADIENTS
    two = cell_formulas.lstm_gradients(2)
    assert (two["ε_2"], two["ε_1"], two["ε_0"]) == ("g", "S_2ᵀε_2", "S_1ᵀε_1")
    assert two["P_2"] == later(LSTM_GRADIENTS)["P_2"]
    assert two["∂C/∂W"] == "P_1ᵀε_1h_0ᵀ + P_2ᵀε_2h_1ᵀ"


@pytest.mark.parametrize("update", ["keep", "write"])
@pytest.mark.parametrize("reset", ["after", "before"])
def test_gru(update: str, reset: str) -> None:
    kept, written = ("z_1", "1 − z_1") if update == "keep" else ("1 − z_1", "z_1")
    after = reset == "after"
    old, new = (part if part == "z_1" else f"({part})" for part in (kept, written))
    gates = {f"{gate}_1": f"σ(W_{gate}h_0 + u_{gate}x_1 + b_{gate})" for gate in "rz"}
    recurrent = "r_1 ⊙ (W_nh_0 + bn)" if after else "W_n(r_1 ⊙ h_0) + bn"
    step = gates | {
        "n_1": f"tanh(u_nx_1 + b_n + {recurrent})",
        "h_1": f"{old} ⊙ h_0 + {new} ⊙ n_1",
    }
    assert cell_formulas.gru(2, update, reset) == step | later(step)
    difference = "h_0 − n_1" if update == "keep" else "n_1 − h_0"
    reached = "W_nh_0 + bn" if after else "h_0"
    through = "N_1(diag(r_1)W_n + Q_1W_r)" if after else "N_1W_n(diag(r_1) + Q_1W_r)"
    slopes = {
        "Z_1": f"diag(({difference}) ⊙ z_1 ⊙ (1 − z_1))",
        "N_1": f"diag({new} ⊙ (1 − n_1²))",
        "Q_1": f"diag(({reached}) ⊙ r_1 ⊙ (1 − r_1))".replace("(h_0)", "h_0"),
        "R_1": "N_1Q_1" if after else "N_1W_nQ_1",
        "S_1": f"diag({kept}) + Z_1W_z + {through}",
    }
    assert cell_formulas.gru_jacobians(2, update, reset) == slopes | later(slopes)
    biased = [f"diag(r_{k})N_{k}ε_{k}" if after else f"N_{k}ε_{k}" for k in (1, 2)]
    back = {
        "ε_2": "g",
        "ε_1": "S_2ᵀε_2",
        "ε_0": "S_1ᵀε_1",
        "P_1": "[R_1, Z_1, N_1]",
        "P_2": "[R_2, Z_2, N_2]",
        "∂C/∂b": "P_1ᵀε_1 + P_2ᵀε_2",
        "∂C/∂bn": " + ".join(biased),
    }
    both = step | later(step) | slopes | later(slopes)
    assert cell_formulas.gru_gradients(2, update, reset) == both | back


def test_the_parts_of_formulas() -> None:
    assert cell_formulas.inputs((5, 7)) == {"x_1": 5, "x_2": 7}
    rows = cell_formulas.rows_of("rz", W=matrix("1 2; 3 4; 5 6; 7 8"), b=matrix("1; 2"))
    assert rows == {
        "W_r": matrix("1 2; 3 4"),
        "W_z": matrix("5 6; 7 8"),
        "b_r": matrix("1"),
        "b_z": matrix("2"),
    }
    assert cell_formulas.product_of("D_{}W", 3, 1) == "D_3WD_2WD_1W"
    assert cell_formulas.product_of("D_{}", 4, 1) == "D_4D_3D_2D_1"
    assert cell_formulas.product_of("D_{}", 5, 1) == "D_5 · D_4 · D_3 · D_2 · D_1"
    assert cell_formulas.product_of("D_{}", 0, 1) == "1"
    assert cell_formulas.sum_of("{k}{j}", 2, 3) == "21 + 32"
    assert cell_formulas.sum_of("{k}", 1, 0) == "0"


def test_another_run_is_marked() -> None:
    terms = {"h_2": "tanh(Wh_1 + ux_2 + b_i)", "ε_1": "S_2ᵀε_2", "x_1": 3}
    assert cell_formulas.marked(terms) == {
        "h′_2": "tanh(Wh′_1 + ux′_2 + b_i)",
        "ε′_1": "S′_2ᵀε′_2",
        "x′_1": 3,
    }
    assert cell_formulas.marked({"h_1": "1"}, "*") == {"h*_1": "1"}
