package dev.thaw.bpf;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs with each version of Go that is promised; {@code local} is the one at hand. The others come
 * as toolchain modules; one that cannot be had fails its test.
 */
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@ValueSource(
    strings = {
      "go1.18.10",
      "go1.19.13",
      "go1.20.14",
      "go1.21.13",
      "go1.22.12",
      "go1.23.12",
      "go1.24.13",
      "go1.25.9",
      "local"
    })
@interface EveryGo {}
