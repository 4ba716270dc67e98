/**
 * The cluster's side of Thaw: wires the rooms below into one coordinator and hands each what a node
 * says. The rooms know each other in one direction only: {@code metrics}, {@code feed}, {@code
 * gate} and {@code node} nobody, then {@code workload}, then {@code pod}, {@code traffic} and
 * {@code local}, then {@code api}. Decides nothing itself; start at {@link
 * dev.thaw.coordinator.CoordinatorRuntime}.
 */
@NullMarked
package dev.thaw.coordinator;

import org.jspecify.annotations.NullMarked;
