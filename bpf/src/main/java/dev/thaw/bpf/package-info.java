/**
 * Loads the BPF objects and turns what the kernel says into Java records. Knows no actors and no
 * policy; start at {@link dev.thaw.bpf.StartupWatch} and {@link dev.thaw.bpf.Balancer}.
 */
@NullMarked
package dev.thaw.bpf;

import org.jspecify.annotations.NullMarked;
