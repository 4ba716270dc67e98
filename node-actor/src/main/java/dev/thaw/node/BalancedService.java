package dev.thaw.node;

import dev.thaw.bpf.Balancer;
import dev.thaw.protocol.v1.PicksReport;
import dev.thaw.protocol.v1.ServeTable;
import dev.thaw.protocol.v1.TableApplied;
import dev.thaw.protocol.v1.TableRefused;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One service that this node balances. Pure.
 *
 * @param applied the table in force; empty: none of this process
 * @param told the counts that were reported last
 */
record BalancedService(
    int id,
    InetSocketAddress address,
    Optional<TableApplied> applied,
    List<PicksReport.Slot> told) {

  static BalancedService at(int id, InetSocketAddress address) {
    return new BalancedService(id, address, Optional.empty(), List.of());
  }

  BalancedService holding(TableApplied table) {
    return new BalancedService(id, address, Optional.of(table), told);
  }

  BalancedService telling(List<Balancer.PickCount> counts) {
    return new BalancedService(
        id, address, applied, counts.stream().map(BalancedService::slot).toList());
  }

  /**
   * What is newer here than this table: of this process the term and version, of a predecessor the
   * version that the kernel holds.
   */
  Optional<TableRefused> refusal(ServeTable table, long inKernel) {
    long haveTerm = applied.map(TableApplied::getTerm).orElse(0L);
    long haveVersion = applied.map(TableApplied::getVersion).orElse(inKernel);
    boolean older = table.getVersion() < haveVersion || table.getTerm() < haveTerm;
    return older
        ? Optional.of(
            TableRefused.newBuilder()
                .setWorkload(table.getWorkload())
                .setTerm(table.getTerm())
                .setVersion(table.getVersion())
                .setHaveTerm(haveTerm)
                .setHaveVersion(haveVersion)
                .setDetail("this node holds a later table")
                .build())
        : Optional.empty();
  }

  /** Those of the table in force. */
  List<Balancer.PickCount> ofPresentTable(List<Balancer.PickCount> counts) {
    return counts.stream()
        .filter(count -> applied.filter(table -> table.getVersion() == count.epoch()).isPresent())
        .toList();
  }

  /** The table in force with the time of its first pick, where that was not known before. */
  Optional<TableApplied> pickedFirst(List<Balancer.PickCount> counts) {
    OptionalLong first =
        counts.stream()
            .mapToLong(Balancer.PickCount::firstPickNanos)
            .filter(nanos -> nanos > 0)
            .min();
    return applied
        .filter(table -> first.isPresent() && table.getFirstPickNanos() == 0)
        .map(table -> table.toBuilder().setFirstPickNanos(first.getAsLong()).build());
  }

  private static PicksReport.Slot slot(Balancer.PickCount count) {
    return PicksReport.Slot.newBuilder()
        .setSlot(count.slot())
        .setPicks(count.picks())
        .setConnects(count.connects())
        .setFailures(count.failures())
        .build();
  }
}
