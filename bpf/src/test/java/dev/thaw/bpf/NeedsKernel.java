package dev.thaw.bpf;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * For tests on the real kernel: without the rights they are skipped saying why, or fail where that
 * is demanded.
 */
public final class NeedsKernel implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    BpfSupport support = BpfSupport.check(Optional.empty());
    if (support.signals() && support.balancing()) {
      return;
    }
    String why = String.join("; ", support.missing());
    if ("1".equals(System.getenv("THAW_REQUIRE_BPF"))) {
      fail(why);
    }
    abort(why);
  }
}
