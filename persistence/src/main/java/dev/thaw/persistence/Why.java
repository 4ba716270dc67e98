package dev.thaw.persistence;

/** Why a rung was entered. All but GATE_PASSED are recorded exceptions to the ladder. */
public enum Why {
  GATE_PASSED,
  OPERATOR_COMMAND,
  NOTHING_WARM,
  OVERLOAD_ESCAPE,
  FAIL_OPEN,
  NO_EVIDENCE,
  TOO_FEW_REQUESTS,
  OBSERVE_MODE,
  GATE_MODE
}
