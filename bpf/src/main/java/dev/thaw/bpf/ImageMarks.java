package dev.thaw.bpf;

import java.util.Set;

/**
 * The marks on one image.
 *
 * @param how where the functions were found, or why there are none
 * @param unsure whether some are missing that should be there: it is a Go program, but not one to
 *     be sure of, or the kernel refused
 */
public record ImageMarks(Set<MarkKind> attached, String how, boolean unsure) {}
